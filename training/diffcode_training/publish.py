"""Exports a finished run: the weights, their card, and the row in `weights/index.json`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch

from . import checkpoint
from .card import card_text
from .config import RunConfig
from .export import graphs_digest, write_weights
from .loop import machine
from .parameters import Model
from .runner import improving_tasks
from .shards import Shards


def publish(run: RunConfig, folder: Path, name: str, form: str, default: bool) -> str:
    """Writes `<name>.safetensors`, `<name>.md` and the index; gives the SHA-256 of the weights."""
    final = checkpoint.load(run.out / "final.pt", torch.device("cpu"))
    if final is None:
        raise FileNotFoundError("no final.pt in --out: the run has not ended")
    model = Model(run.graphs, run.weight_seed, torch.device("cpu"))
    model.load(final["tensors"])
    metrics = json.loads((run.out / "metrics.json").read_text())
    tasks = improving_tasks(metrics)
    ranges = _applicability(run)
    trained = trained_notes(run, metrics["history"])
    folder.mkdir(parents=True, exist_ok=True)
    digest = write_weights(folder / f"{name}.safetensors", model, form, tasks, trained, metrics["validation"], ranges)
    row = {"name": name, "preset": model.preset["name"], "sha256": digest, "tasks": tasks}
    size_bytes = (folder / f"{name}.safetensors").stat().st_size
    text = card_text(
        {**row, "form": form, "sizeBytes": size_bytes, "ablation": model.ablation}, trained, metrics, run.out
    )
    (folder / f"{name}.md").write_text(text)
    _add_to_index(folder / "index.json", row, default)
    return digest


def _applicability(run: RunConfig) -> dict:
    """Ranges of degradation seen in training: of the manifest, or measured later into the run's folder."""
    measured = run.out / "applicability.json"
    if measured.exists():
        return json.loads(measured.read_text())
    return Shards(run.shards).applicability or {}


def trained_notes(run: RunConfig, history: dict) -> dict[str, object]:
    """What a reader needs to train the same weights again."""
    stages = {key: value for key, value in history.items() if key.isdigit()}
    return {
        "command": run.command,
        "stages": stages,
        "iterations": list(run.budget.iterations),
        "batch": run.budget.batch,
        "crop": run.budget.crop,
        "peakRate": run.budget.peak_rate,
        "seeds": {"weights": run.weight_seed, "crops": run.crop_seed},
        "shards": Shards(run.shards).digest,
        "graphs": graphs_digest(run.graphs),
        "started": history.get("started"),
        "ended": history.get("ended"),
        **machine(),
    }


def _add_to_index(path: Path, row: dict, default: bool) -> None:
    """`weights/index.json` is a list of rows; one of them is the default."""
    others = [other for other in json.loads(path.read_text()) if other["name"] != row["name"]] if path.exists() else []
    is_default = default or not any(other["default"] for other in others)
    if is_default:
        others = [{**other, "default": False} for other in others]
    rows = sorted([*others, {**row, "default": is_default}], key=lambda other: other["name"])
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(rows, indent=2) + "\n")
    os.replace(part, path)
