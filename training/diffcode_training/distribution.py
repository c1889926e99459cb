"""Statistics of the out-of-distribution scores: what the gate compares a slice with. model-spec.md 2.4."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from .codebook import quantize
from .latents import tokens
from .parameters import Model
from .slices import Slice
from .stage import Workbench
from .stage0 import whole
from .tasks import TASKS, Task

_PERCENTILE = 99.5
_TRAINING_SLICES = 200


@torch.no_grad()
def set_distribution(bench: Workbench) -> None:
    """Feature statistics from training slices, upper limits from validation slices; low-quality images of both."""
    tensors = bench.model.tensors
    for task in TASKS:
        train, val = bench.train.get(task.name, ()), bench.val.get(task.name, ())
        if not train or not val:
            continue
        chosen = train[:: max(1, len(train) // _TRAINING_SLICES)]
        features = torch.stack([_classified(bench.model, slice_)[0] for slice_ in chosen])
        tensors["ood.feature.mean"][task.index] = features.mean(0)
        tensors["ood.feature.std"][task.index] = features.std(0).clamp(min=1e-3)
        rows = [slice_scores(bench, task, slice_, number) for number, slice_ in enumerate(val)]
        limits = np.percentile(np.array(rows), _PERCENTILE, axis=0)
        tensors["ood.limits"][task.index] = torch.from_numpy(limits.astype(np.float32))


def slice_scores(bench: Workbench, task: Task, slice_: Slice, number: int) -> Sequence[float]:
    """Residual share after all depths, after the first, distance of the feature, 1 − probability of the task."""
    model = bench.model
    feature, probability = _classified(model, slice_)
    mean, std = model.tensors["ood.feature.mean"][task.index], model.tensors["ood.feature.std"][task.index]
    distance = float(((feature - mean) / std).pow(2).mean().sqrt())
    residuals = _residual_shares(bench, task, slice_, number) if model.ablation["prior"] else (0.0, 0.0)
    return (*residuals, distance, 1 - float(probability[task.index]))


def _classified(model: Model, slice_: Slice) -> tuple[torch.Tensor, torch.Tensor]:
    image = whole(slice_, slice_.lq[0]).to(model.device)
    logits, feature = model.graph("classify").run(model.tensors, {"slice": image}, ["logits", "feature"])
    return feature.flatten(), torch.softmax(logits.flatten(), 0)


def _residual_shares(bench: Workbench, task: Task, slice_: Slice, number: int) -> tuple[float, float]:
    model = bench.model
    u = torch.from_numpy(slice_.lq[0].astype(np.float32))[None, None]
    u = F.pad(u, (0, -u.shape[3] % 8, 0, -u.shape[2] % 8), mode="reflect").to(model.device)
    graph = model.graph(f"prior/{task.name}")
    given = {"u": u}
    if "start" in graph.inputs:
        shape = (1, model.preset["latent"], u.shape[2] // 8, u.shape[3] // 8)
        given["start"] = torch.randn(shape, generator=bench.generator(5, task.index, number)).to(model.device)
    rows = tokens(graph.run(model.tensors, given, ["latent"])[0])
    _, partials = quantize(rows, model.tensors[model.codebook_of(task.name)], model.preset["depth"])
    energy = rows.pow(2).sum(1).clamp(min=1e-12)
    shares = [float(((rows - partials[depth]).pow(2).sum(1) / energy).mean()) for depth in (-1, 0)]
    return shares[0], shares[1]
