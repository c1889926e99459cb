"""PSNR and SSIM of a slice as AMIR computes them. model-spec.md 4.1."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

_WINDOW_SIZE = 11
_WINDOW_SIGMA = 1.5


def psnr(restored: torch.Tensor, reference: torch.Tensor) -> float:
    """dB against the range of the reference's own values; NaN where that range is zero."""
    span = float(reference.max() - reference.min())
    error = float((restored.double() - reference.double()).pow(2).mean())
    if span == 0:
        return math.nan
    return 10 * math.log10(span * span / max(error, 1e-20))


def _gaussian() -> torch.Tensor:
    offsets = torch.arange(_WINDOW_SIZE, dtype=torch.float64) - _WINDOW_SIZE // 2
    line = torch.exp(-(offsets**2) / (2 * _WINDOW_SIGMA**2))
    return line / line.sum()


def _blur(image: torch.Tensor) -> torch.Tensor:
    line = _gaussian()
    pad = _WINDOW_SIZE // 2
    rows = F.conv2d(image[None, None], line.reshape(1, 1, -1, 1), padding=(pad, 0))
    return F.conv2d(rows, line.reshape(1, 1, 1, -1), padding=(0, pad))[0, 0]


def ssim(restored: torch.Tensor, reference: torch.Tensor) -> float:
    """Gaussian 11×11, σ 1.5, zero padding, in physical units; both `[H, W]`. NaN where the range is zero."""
    x, y = restored.double(), reference.double()
    span = float(y.max() - y.min())
    if span == 0:
        return math.nan
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    mean_x, mean_y = _blur(x), _blur(y)
    var_x, var_y = _blur(x * x) - mean_x**2, _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    score = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    return float(score.mean())
