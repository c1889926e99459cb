"""Latents as rows, which of them show signal, and their statistics per task. model-spec.md 2.4."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .sampler import Batch
from .stage import Workbench
from .tasks import TASKS

_STREAM = (1, 2)
_SMALLEST_DEVIATION = 1e-3
_BATCH = 32


def tokens(latent: torch.Tensor) -> torch.Tensor:
    """`[n, d, h, w]` → `[n·h·w, d]`."""
    return latent.permute(0, 2, 3, 1).reshape(-1, latent.shape[1])


def patches_with_signal(batch: Batch) -> torch.Tensor:
    """`[n, h, w]`, true where the 8×8 patch of a latent position has any voxel above air."""
    return F.max_pool2d(batch.hq, 8)[:, 0] >= batch.task.signal


def patches_that_count(batch: Batch) -> torch.Tensor:
    """`[n, 1, h, w]`, 1 where at least half of the patch counts."""
    return (F.avg_pool2d((batch.mask > 0).float(), 8) >= 0.5).float()


@torch.no_grad()
def set_statistics(bench: Workbench) -> None:
    """Mean and deviation of z per task and channel, over training crops."""
    budget, model = bench.run.budget, bench.model
    for task in TASKS:
        if not bench.train.get(task.name):
            continue
        count, total, squares = 0, 0.0, 0.0
        for number in range(max(1, budget.statistics_crops // _BATCH)):
            batch = bench.sampler.of_task(_STREAM, task, number, _BATCH, budget.crop)
            (latent,) = model.graph(f"evq/{task.name}").run(model.tensors, {"u": batch.hq}, ["latent"])
            rows = tokens(latent)[patches_that_count(batch).flatten() > 0].double()
            count, total, squares = count + len(rows), total + rows.sum(0), squares + rows.pow(2).sum(0)
        mean = total / count
        deviation = (squares / count - mean**2).clamp(min=0).sqrt().clamp(min=_SMALLEST_DEVIATION)
        model.tensors["latent.mean"][task.index] = mean.float()
        model.tensors["latent.std"][task.index] = deviation.float()
