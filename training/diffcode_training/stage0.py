"""Stage 0: the classifier learns the task from standardised slices and crops. model-spec.md 2.6, 3."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
import torch.nn.functional as F

from .sampler import EQUAL
from .slices import Slice
from .stage import Term, Workbench
from .tasks import TASKS

_STREAM = (0, 0)
_SMALLEST_CROP = 48
_LIMIT = 4.0
_EVERY = 4


def standardised(image: np.ndarray) -> torch.Tensor:
    """`[1, 1, H, W]`: mean 0, deviation 1, clipped to ±4. The unit and the task's scale are gone."""
    wide = image.astype(np.float64)
    scaled = (wide - wide.mean()) / max(float(wide.std()), 1e-6)
    return torch.from_numpy(np.clip(scaled, -_LIMIT, _LIMIT).astype(np.float32))[None, None]


class ClassifierStage:
    number = 0
    clip = math.inf

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.iterations = bench.run.budget.iterations[0]
        self.parameters = bench.model.trained_in(0)
        self._graph = bench.model.graph("classify")

    def begin(self) -> None:
        pass

    def terms(self, iteration: int) -> Iterator[Term]:
        batch = self._bench.run.budget.batch
        for sample in range(iteration * batch, (iteration + 1) * batch):
            task = EQUAL[sample % len(EQUAL)]
            chosen, realisation, random = self._bench.sampler.pick(_STREAM, EQUAL, sample)
            image = chosen.hq if random.integers(2) else chosen.lq[realisation]
            loss = F.cross_entropy(self._logits(_view(chosen, image, random)), torch.tensor([task.index]))
            yield Term(loss / batch, {"loss": loss.item()})

    def after_step(self, iteration: int) -> None:
        pass

    def watch(self) -> Mapping[str, object]:
        return {}

    def validate(self) -> Mapping[str, object]:
        """Share of right answers on whole slices, low quality and high quality."""
        figures: dict[str, object] = {}
        for task in TASKS:
            slices = self._bench.val.get(task.name, ())[::_EVERY]
            for kind, images in (("lq", [s.lq[0] for s in slices]), ("hq", [s.hq for s in slices])):
                with torch.no_grad():
                    answers = [int(self._logits(whole(s, i)).argmax()) for s, i in zip(slices, images)]
                figures[f"{task.name} {kind}"] = (
                    float(np.mean([a == task.index for a in answers])) if answers else math.nan
                )
        return figures

    def finish(self) -> None:
        pass

    def state(self) -> dict:
        return {}

    def load(self, state: dict) -> None:
        pass

    def _logits(self, image: torch.Tensor) -> torch.Tensor:
        model = self._bench.model
        (logits,) = self._graph.run(model.tensors, {"slice": image.to(model.device)}, ["logits"])
        return logits[:, :, 0, 0].cpu()


def whole(chosen: Slice, image: np.ndarray) -> torch.Tensor:
    """The part of the slice that the source file holds."""
    return standardised(chosen.counted_part(image))


def _view(chosen: Slice, image: np.ndarray, random: np.random.Generator) -> torch.Tensor:
    """Half of the time the whole slice, else a crop of any size; turned and flipped."""
    part = chosen.counted_part(image)
    shortest = min(part.shape)
    if random.integers(2) and shortest > _SMALLEST_CROP:
        side = int(random.integers(_SMALLEST_CROP, shortest + 1))
        top, left = (int(random.integers(0, size - side + 1)) for size in part.shape)
        part = part[top : top + side, left : left + side]
    turned = np.rot90(part, int(random.integers(4)))
    return standardised(turned[:, ::-1] if random.integers(2) else turned)
