"""Puts a run together: graphs, shards, stages in order, final figures."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import torch

from . import checkpoint
from .config import RunConfig
from .distribution import set_distribution
from .export import graphs_digest, round_weights
from .host import prepare_cpu
from .loop import Trainer, now
from .parameters import Model
from .sampler import Sampler
from .shards import Shards
from .stage import Workbench
from .stages import stages
from .tasks import TASKS
from .validate import validation_figures

_VAL_CROP_SEED = 20250726


def open_bench(run: RunConfig) -> Workbench:
    """Reads graphs and shards. Training and validation slices without signal are left out."""
    prepare_cpu(run.threads)
    device = torch.device(run.device)
    shards = Shards(run.shards)
    train, val = shards.slices("train"), shards.slices("val")
    return Workbench(
        model=Model(run.graphs, run.weight_seed, device),
        sampler=Sampler(train, run.crop_seed, device),
        train=train,
        val=val,
        val_sampler=Sampler(val, _VAL_CROP_SEED, device),
        run=run,
    )


def identity(run: RunConfig, model: Model) -> dict[str, object]:
    """What must agree for a checkpoint to go on."""
    return {
        "preset": model.preset["name"],
        "ablation": json.dumps(model.ablation, sort_keys=True),
        "graphs": graphs_digest(run.graphs),
        "shards": Shards(run.shards).digest,
        "budget": repr(run.budget),
        "seeds": [run.weight_seed, run.crop_seed],
    }


def train(run: RunConfig, stop_after: int | None = None) -> Workbench:
    """Runs or resumes all stages, then writes `final.pt` and `metrics.json`. `stop_after` iterations: Stopped."""
    run.out.mkdir(parents=True, exist_ok=True)
    bench = open_bench(run)
    trainer = Trainer(bench, identity(run, bench.model), stop_after)
    for make in stages(bench):
        trainer.run(make(bench))
    finish(bench, trainer.history)
    return bench


def finish(bench: Workbench, history: dict) -> None:
    """Rounds the weights as they ship, takes the gate's statistics and scores the whole validation set."""
    final = bench.run.out / "final.pt"
    if final.exists():
        bench.model.load(checkpoint.load(final, bench.model.device)["tensors"])
        return
    started = time.monotonic()
    round_weights(bench.model)
    if bench.model.ablation["tars"]:
        set_distribution(bench)
    history["ended"] = now()
    metrics = {"validation": validation_figures(bench), "validation_s": round(time.monotonic() - started, 1)}
    (bench.run.out / "metrics.json").write_text(json.dumps({**metrics, "history": history}, indent=1) + "\n")
    checkpoint.save(final, {"tensors": {name: tensor.detach() for name, tensor in bench.model.tensors.items()}})


def improving_tasks(metrics: Mapping[str, Mapping[str, Mapping]]) -> list[str]:
    """Tasks whose mean PSNR and mean SSIM both rise over the input: the only ones that ship."""
    better = []
    for task in TASKS:
        figures = metrics["validation"].get(task.name)
        if figures and all(figures["own"][name] > figures["input"][name] for name in ("psnr", "ssim")):
            better.append(task.name)
    return better
