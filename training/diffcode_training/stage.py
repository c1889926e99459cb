"""What the loop asks of a stage, and what every stage works with. model-spec.md 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from .config import RunConfig
from .parameters import Model
from .sampler import Sampler
from .slices import Slice


@dataclass(frozen=True)
class Workbench:
    """The model, the data and the orders of one run."""

    model: Model
    sampler: Sampler
    train: Mapping[str, Sequence[Slice]]
    val: Mapping[str, Sequence[Slice]]
    val_sampler: Sampler
    run: RunConfig

    def generator(self, *numbers: int) -> torch.Generator:
        """Random numbers that depend on the weight seed and on `numbers` alone; always drawn on the CPU."""
        seed = np.random.SeedSequence([self.run.weight_seed, *numbers]).generate_state(1, np.uint64)[0]
        return torch.Generator().manual_seed(int(seed))


@dataclass(frozen=True)
class Term:
    """A part of an iteration's loss, weighted; its gradient is added before the next part is computed."""

    loss: torch.Tensor
    figures: Mapping[str, float]


class Stage(Protocol):
    number: int
    iterations: int
    parameters: Mapping[str, torch.Tensor]
    clip: float

    def begin(self) -> None:
        """Before the first iteration: starts weights, checks what must hold then."""

    def terms(self, iteration: int) -> Iterator[Term]:
        """The loss of one iteration, part by part."""

    def after_step(self, iteration: int) -> None:
        """After the optimiser: whatever no gradient moves."""

    def watch(self) -> Mapping[str, object]:
        """Figures of the stage's own for a curve row."""

    def validate(self) -> Mapping[str, object]:
        """Figures on the validation slices, called with the averaged weights in place."""

    def finish(self) -> None:
        """After the last iteration, with the averaged weights in the model."""

    def state(self) -> dict:
        """What a checkpoint has to keep beside weights and optimiser."""

    def load(self, state: dict) -> None:
        """Takes back what `state` gave."""
