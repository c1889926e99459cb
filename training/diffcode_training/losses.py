"""What the stages minimise, all in units of u. model-spec.md 2.4, 2.5, 3; training-notes.md 7."""

from __future__ import annotations

from collections.abc import Sequence

import torch

_COMMITMENT = 0.25
_UPTAKE_WEIGHT = 1.6


def absolute_error(restored: torch.Tensor, target: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean |restored − target| over the voxels of `mask` `[B, 1, H, W]`."""
    return ((restored - target).abs() * mask).sum() / mask.sum().clamp(min=1)


def uptake_weighted_error(
    restored: torch.Tensor, target: torch.Tensor, mask: torch.Tensor, suv_per_unit: float
) -> torch.Tensor:
    """PET: each voxel counts 1 + 1.6·SUV of the reference, so that hot regions keep their height."""
    weight = 1 + _UPTAKE_WEIGHT * suv_per_unit * target.clamp(min=0)
    return ((restored - target).abs() * weight * mask).sum() / mask.sum().clamp(min=1)


def commitment(latent: torch.Tensor, partial_sums: Sequence[torch.Tensor]) -> torch.Tensor:
    """0.25 times the mean over depths of the mean squared distance to each partial sum of codes."""
    distances = [(latent - partial.detach()).pow(2).mean() for partial in partial_sums]
    return _COMMITMENT * torch.stack(distances).mean()
