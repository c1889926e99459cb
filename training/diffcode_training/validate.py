"""Restores whole validation slices and scores them per task and series. model-spec.md 4.1, 2.10."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import torch
import torch.nn.functional as F

from .metrics import psnr, ssim
from .parameters import Model
from .slices import Slice, counted_tensor
from .stage import Workbench
from .tasks import TASKS, Task

REFERENCES = ("own", "zero", "swap")
"""I_ref as it is, zeros, or decoded from another task's codes."""

Scores = dict[str, float]


@torch.no_grad()
def restore(
    model: Model, task: Task, lq: torch.Tensor, generator: torch.Generator, reference: str = "own"
) -> torch.Tensor:
    """`[H, W]` in u → restored `[H, W]` in u, clamped to the unit range. Any size from 32."""
    rows, columns = lq.shape
    u = F.pad(lq[None, None], (0, -columns % 8, 0, -rows % 8), mode="reflect").to(model.device)
    given = {"u": u}
    if model.ablation["prior"]:
        given["reference"] = _reference(model, task, u, generator, reference)
    (restored,) = model.graph(f"backbone/{task.name}").run(model.tensors, given, ["restored"])
    return restored[0, 0, :rows, :columns].clamp(*task.bounds).cpu()


def _reference(model: Model, task: Task, u: torch.Tensor, generator: torch.Generator, kind: str) -> torch.Tensor:
    if kind == "zero":
        return torch.zeros_like(u)
    graph = model.graph(f"prior/{task.name}")
    if kind == "swap":
        other = TASKS[(task.index + 1) % len(TASKS)]
        graph = graph.with_parameter(model.codebook_of(task.name), model.codebook_of(other.name))
    given = {"u": u}
    if "start" in graph.inputs:
        shape = (1, model.preset["latent"], u.shape[2] // 8, u.shape[3] // 8)
        given["start"] = torch.randn(shape, generator=generator).to(model.device)
    return graph.run(model.tensors, given, ["reference"])[0]


def physical(task: Task, u: torch.Tensor) -> torch.Tensor:
    """u → HU, SUV or shares of the MR scale, cut to the test window."""
    low, high = task.window_in_u
    return u.clamp(low, high).double() * task.physical_per_unit + task.zero


def scores(slice_: Slice, image: torch.Tensor) -> Scores:
    """PSNR and SSIM of an image in u against the slice's reference, over the part that counts."""
    reference, _ = slice_.pair(0)
    x, y = (physical(slice_.task, counted_tensor(slice_, part)) for part in (image, reference))
    return {"psnr": psnr(x, y), "ssim": ssim(x, y)}


def validation_figures(bench: Workbench, every: int = 1, references: Sequence[str] = REFERENCES) -> dict[str, object]:
    """Per task: input, restored and gain as means over slices, for each kind of reference, and the gain per series."""
    figures: dict[str, object] = {}
    for task in TASKS:
        slices = bench.val.get(task.name, ())[::every]
        if slices:
            figures[task.name] = _task_figures(bench, task, slices, references)
    return figures


def _task_figures(
    bench: Workbench, task: Task, slices: Sequence[Slice], references: Sequence[str]
) -> dict[str, object]:
    inputs, restored = [], {kind: [] for kind in references}
    kept = []
    for number, slice_ in enumerate(slices):
        lq = torch.from_numpy(slice_.lq[0].astype("float32"))
        before = scores(slice_, lq)
        if math.isnan(before["psnr"]):
            continue
        kept.append(slice_)
        inputs.append(before)
        for kind in references:
            image = restore(bench.model, task, lq, bench.generator(4, task.index, number), kind)
            restored[kind].append(scores(slice_, image))
    own = restored[references[0]]
    return {
        "slices": len(kept),
        "left out": len(slices) - len(kept),
        "input": _mean(inputs),
        **{kind: _mean(rows) for kind, rows in restored.items()},
        "gain": _mean(own)["psnr"] - _mean(inputs)["psnr"],
        "series": _by_series(kept, inputs, own),
    }


def _by_series(slices: Sequence[Slice], inputs: Sequence[Scores], restored: Sequence[Scores]) -> dict[str, Scores]:
    """Gain in dB and in SSIM per series."""
    result: dict[str, Scores] = {}
    for name in sorted({slice_.series for slice_ in slices}):
        rows = [i for i, slice_ in enumerate(slices) if slice_.series == name]
        before, after = _mean(inputs[i] for i in rows), _mean(restored[i] for i in rows)
        result[name] = {"psnr": after["psnr"] - before["psnr"], "ssim": after["ssim"] - before["ssim"]}
    return result


def _mean(rows: Iterable[Mapping[str, float]]) -> Scores:
    kept = list(rows)
    return {name: sum(row[name] for row in kept) / len(kept) for name in ("psnr", "ssim")} if kept else {}
