"""Whole slices in u units, as the shards hold them. The layout is training/SHARDS.md's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from .tasks import MRI, Task


class Box(NamedTuple):
    """Rows top … bottom − 1, columns left … right − 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Slice:
    """`hq` `[H, W]` and its realisations `lq` `[R, H, W]`, float16; losses and scores count inside `counted`.

    MR is scaled by its low-quality series: `factors[r]` brings `hq` to the scale of realisation r.
    """

    task: Task
    series: str
    hq: np.ndarray
    lq: np.ndarray
    counted: Box
    factors: tuple[float, ...]
    weight: float = 1.0

    def pair(self, realisation: int) -> tuple[np.ndarray, np.ndarray]:
        """High and low quality in the same units, float32."""
        hq = self.hq.astype(np.float32)
        if self.task is MRI:
            hq = np.minimum(hq * np.float32(self.factors[realisation]), self.task.bounds[1])
        return hq, self.lq[realisation].astype(np.float32)

    def counted_part(self, image: np.ndarray) -> np.ndarray:
        box = self.counted
        return image[box.top : box.bottom, box.left : box.right]


def counted_tensor(slice_: Slice, image: np.ndarray | torch.Tensor) -> torch.Tensor:
    """The counted part as a float32 tensor."""
    tensor = torch.from_numpy(image.astype(np.float32)) if isinstance(image, np.ndarray) else image.float()
    box = slice_.counted
    return tensor[box.top : box.bottom, box.left : box.right]
