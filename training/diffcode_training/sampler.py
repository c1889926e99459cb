"""Which crops an iteration sees: a pure function of (seed, stage, phase, sample number), so resuming is exact.

Tasks follow fixed patterns, slices a permutation per epoch; every epoch takes another realisation of the noise.
model-spec.md 3, training-notes.md 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .slices import Box, Slice
from .tasks import CT, MRI, PET, TASKS, Task

EQUAL: tuple[Task, ...] = TASKS
BY_NEED: tuple[Task, ...] = (MRI, CT, MRI, MRI, CT, MRI, PET, MRI, CT, MRI)
"""MR 60 %, CT 30 %, PET 10 %."""

_FOREGROUND_SHARE = 0.2
_MR_BRIGHTNESS = (0.8, 1.2)


@dataclass(frozen=True)
class Batch:
    """Crops of one task `[n, 1, c, c]` in u units, float32; `mask` is the slice's weight where the loss counts."""

    task: Task
    hq: torch.Tensor
    lq: torch.Tensor
    mask: torch.Tensor

    @property
    def size(self) -> int:
        return self.hq.shape[0]


class Sampler:
    """Batches of crops from the training slices."""

    def __init__(self, slices: Mapping[str, Sequence[Slice]], seed: int, device: torch.device) -> None:
        self._slices = slices
        self._seed = seed
        self._device = device
        self._orders: dict[tuple, np.ndarray] = {}

    def batches(
        self, stream: Sequence[int], pattern: Sequence[Task], iteration: int, size: int, crop: int
    ) -> list[Batch]:
        """The sub-batches of one iteration, one task each. `stream` (stage, phase) keeps draws apart."""
        drawn: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
        for sample in range(iteration * size, (iteration + 1) * size):
            task = pattern[sample % len(pattern)]
            if self._slices.get(task.name):
                drawn.setdefault(task.name, []).append(self._crop(stream, pattern, sample, crop))
        return [self._batch(task, drawn[task.name]) for task in TASKS if task.name in drawn]

    def of_task(self, stream: Sequence[int], task: Task, iteration: int, size: int, crop: int) -> Batch:
        """A batch of one task alone: for statistics and the start of the codebook."""
        samples = range(iteration * size, (iteration + 1) * size)
        return self._batch(task, [self._crop(stream, (task,), sample, crop) for sample in samples])

    def pick(
        self, stream: Sequence[int], pattern: Sequence[Task], sample: int
    ) -> tuple[Slice, int, np.random.Generator]:
        """Slice, number of the low-quality realisation, and the random numbers of one sample."""
        task = pattern[sample % len(pattern)]
        slices = self._slices[task.name]
        number = _occurrences(pattern, task, sample)
        epoch, position = divmod(number, len(slices))
        index = int(self._order(stream, task, epoch)[position])
        chosen = slices[index]
        return chosen, (epoch + index) % len(chosen.lq), self._random(stream, 1, sample)

    def _crop(self, stream: Sequence[int], pattern: Sequence[Task], sample: int, crop: int):
        chosen, realisation, random = self.pick(stream, pattern, sample)
        window = _place(chosen, crop, random)
        if _foreground(chosen, window) < _FOREGROUND_SHARE:
            window = _place(chosen, crop, random)
        low, high = chosen.task.bounds
        images = [_cut(image, window, crop, low) for image in chosen.pair(realisation)]
        counting = np.full(chosen.hq.shape, chosen.weight, np.float32)
        mask = _cut(counting, _within(window, chosen.counted), crop, 0.0, origin=window)
        if chosen.task is MRI:
            brightness = random.uniform(*_MR_BRIGHTNESS)
            images = [np.clip(image * brightness, low, high) for image in images]
        turn, flip = int(random.integers(4)), bool(random.integers(2))
        return tuple(_turned(image, turn, flip) for image in (*images, mask))

    def _batch(self, task: Task, crops: Sequence[tuple[np.ndarray, ...]]) -> Batch:
        hq, lq, mask = (torch.from_numpy(np.stack(images))[:, None].to(self._device) for images in zip(*crops))
        return Batch(task, hq, lq, mask)

    def _order(self, stream: Sequence[int], task: Task, epoch: int) -> np.ndarray:
        key = (*stream, task.index)
        kept = self._orders.get(key)
        if kept is None or kept[0] != epoch:
            random = self._random(stream, 2, task.index, epoch)
            kept = self._orders[key] = (epoch, random.permutation(len(self._slices[task.name])))
        return kept[1]

    def _random(self, stream: Sequence[int], *numbers: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, *stream, *numbers])


def _occurrences(pattern: Sequence[Task], task: Task, sample: int) -> int:
    """How many samples before this one had the task."""
    rounds, rest = divmod(sample, len(pattern))
    return rounds * sum(other is task for other in pattern) + sum(other is task for other in pattern[:rest])


def _place(chosen: Slice, crop: int, random: np.random.Generator) -> Box:
    """A crop that lies in the slice as far as it can, over the part that counts as far as it can."""
    rows, columns = chosen.hq.shape
    box = chosen.counted
    top = _start(box.top, box.bottom, rows, crop, random)
    left = _start(box.left, box.right, columns, crop, random)
    return Box(top, left, top + crop, left + crop)


def _start(first: int, end: int, size: int, crop: int, random: np.random.Generator) -> int:
    lowest, highest = sorted((first, end - crop))
    room = max(0, size - crop)
    lowest, highest = (min(max(value, 0), room) for value in (lowest, highest))
    return int(random.integers(lowest, highest + 1))


def _foreground(chosen: Slice, window: Box) -> float:
    part = chosen.hq[window.top : window.bottom, window.left : window.right]
    return float(np.mean(part >= chosen.task.signal))


def _within(window: Box, box: Box) -> Box:
    return Box(
        max(window.top, box.top),
        max(window.left, box.left),
        min(window.bottom, box.bottom),
        min(window.right, box.right),
    )


def _cut(image: np.ndarray, window: Box, crop: int, fill: float, origin: Box | None = None) -> np.ndarray:
    """The window of an image as float32 `[crop, crop]`, placed relative to `origin`; `fill` elsewhere."""
    start = origin or window
    out = np.full((crop, crop), fill, np.float32)
    part = image[window.top : window.bottom, window.left : window.right]
    top, left = window.top - start.top, window.left - start.left
    out[top : top + part.shape[0], left : left + part.shape[1]] = part
    return out


def _turned(image: np.ndarray, quarter_turns: int, flip: bool) -> np.ndarray:
    turned = np.rot90(image, quarter_turns)
    return np.ascontiguousarray(turned[:, ::-1] if flip else turned)
