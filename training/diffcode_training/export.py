"""Writes the weights file of a trained model: names, types, forms and metadata of model-spec.md 5."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from . import safetensors_io
from .parameters import Model

FORMS = ("train", "restore", "slim")
_EXPERT = re.compile(r"\.tarm\.\d+\.expert\.(\d+)\.")
_SHARED_EXPERT = 3


def tensors_of(model: Model, form: str) -> dict[str, np.ndarray]:
    """Float16 for two dimensions and more, float32 for vectors and statistics; `train` is float32 throughout."""
    kept = {name: tensor for name, tensor in model.tensors.items() if belongs(name, form, model.ablation["topk"])}
    return {name: _shipped(name, tensor, form) for name, tensor in kept.items()}


def belongs(name: str, form: str, topk: int) -> bool:
    """Whether a tensor is part of a form: `restore` is without E_vq, `slim` also without unselected experts."""
    if form == "train":
        return True
    if name.startswith("evq."):
        return False
    expert = _EXPERT.search(name)
    return not (form == "slim" and topk == 1 and expert is not None and int(expert.group(1)) == _SHARED_EXPERT)


def _shipped(name: str, tensor: torch.Tensor, form: str) -> np.ndarray:
    array = tensor.detach().cpu().contiguous().numpy()
    statistic = name.startswith(("latent.", "ood.", "gate."))
    wide = form == "train" or statistic or array.ndim < 2
    return array.astype(np.float32 if wide else np.float16)


def round_weights(model: Model) -> None:
    """Gives the model the very values that the shipped file will hold."""
    for name, array in tensors_of(model, "restore").items():
        model.tensors[name].data.copy_(torch.from_numpy(array.astype(np.float32)))


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def graphs_digest(folder: Path) -> str:
    """SHA-256 over the exported parameter list and graphs, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.json")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def write_weights(
    path: Path,
    model: Model,
    form: str,
    tasks: Sequence[str],
    trained: Mapping[str, object],
    metrics: Mapping[str, object],
    applicability: Mapping[str, object],
) -> str:
    """Writes the file and gives its SHA-256. What follows from the architecture alone comes from `parameters.json`."""
    metadata = {
        **model.metadata,
        "form": form,
        "tasks": json.dumps(list(tasks)),
        "trained": canonical(trained),
        "metrics": canonical(metrics),
        "ood": canonical({"percentile": 99.5, "order": ["residual", "first residual", "feature", "other task"]}),
        "applicability": canonical(applicability),
        "license": "MIT",
    }
    return safetensors_io.write(path, tensors_of(model, form), metadata)
