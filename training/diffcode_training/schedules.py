"""Learning rate and weight averages as functions of the iteration. model-spec.md 3, training-notes.md 7."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch

_WARM_UP_SHARE = 0.02
_AVERAGE_SHARE = 0.05
_LOWEST_RATE = 1e-6


def learning_rate(iteration: int, iterations: int, peak: float) -> float:
    """Linear warm-up over 2 % of the stage, then a cosine down to 1e-6 over what is left."""
    warm_up = max(1, round(_WARM_UP_SHARE * iterations))
    if iteration < warm_up:
        return peak * (iteration + 1) / warm_up
    progress = (iteration - warm_up) / max(1, iterations - warm_up)
    return _LOWEST_RATE + (peak - _LOWEST_RATE) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def average_decay(iteration: int, iterations: int) -> float:
    """Decay of the weight average: 0.999, less where 1,000 iterations are above 5 % of the stage."""
    longest = 1 - 1 / max(2.0, _AVERAGE_SHARE * iterations)
    return min(0.999, longest, (1 + iteration) / (10 + iteration))


class WeightAverage:
    """Exponential moving average of a set of parameters, float32, on their device."""

    def __init__(self, parameters: Mapping[str, torch.Tensor]) -> None:
        self.shadow = {name: value.detach().clone() for name, value in parameters.items()}

    @torch.no_grad()
    def update(self, parameters: Mapping[str, torch.Tensor], decay: float) -> None:
        for name, value in parameters.items():
            self.shadow[name].lerp_(value.detach(), 1 - decay)

    def load(self, shadow: Mapping[str, torch.Tensor]) -> None:
        for name, value in self.shadow.items():
            value.copy_(shadow[name])


class AveragedWeights:
    """`with AveragedWeights(parameters, average):` runs with the average in place of the raw weights."""

    def __init__(self, parameters: Mapping[str, torch.Tensor], average: WeightAverage) -> None:
        self._parameters = parameters
        self._average = average
        self._raw: dict[str, torch.Tensor] = {}

    def __enter__(self) -> None:
        self._raw = {name: value.detach().clone() for name, value in self._parameters.items()}
        copy_into(self._parameters, self._average.shadow)

    def __exit__(self, *_: object) -> None:
        copy_into(self._parameters, self._raw)


@torch.no_grad()
def copy_into(target: Mapping[str, torch.Tensor], source: Mapping[str, torch.Tensor]) -> None:
    """Overwrites every tensor of `target` with the one of the same name."""
    for name, value in target.items():
        value.copy_(source[name])
