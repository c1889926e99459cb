"""Whole slices in u units, as the shards hold them. The layout is training/SHARDS.md's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from .tasks import Task


class Box(NamedTuple):
    """Rows top … bottom − 1, columns left … right − 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Slice:
    """`hq` `[H, W]` and its realisations `lq` `[R, H, W]`, float16; losses and scores count inside `counted`."""

    task: Task
    series: str
    hq: np.ndarray
    lq: np.ndarray
    counted: Box

    def counted_image(self, image: np.ndarray | torch.Tensor) -> torch.Tensor:
        """The counted part as float32."""
        box = self.counted
        part = image[box.top : box.bottom, box.left : box.right]
        return torch.from_numpy(part.astype(np.float32)) if isinstance(part, np.ndarray) else part.float()
