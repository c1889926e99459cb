"""Reads the shards that `prepare` writes: one safetensors file per series, and a manifest. training/SHARDS.md."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from . import safetensors_io
from .slices import Box, Slice
from .tasks import BY_NAME, TASKS

_FORMAT = "diffcode-shards-1"


class Shards:
    """A folder with `train` and `val`, each with its `manifest.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def digest(self) -> dict[str, str]:
        """Digests of both manifests, which hold the digests of the shards."""
        return {part: self._manifest(part)["digest"] for part in ("train", "val")}

    @property
    def applicability(self) -> dict | None:
        """Range of degradation per task that the training slices show; None in manifests that lack it."""
        return self._manifest("train").get("applicability")

    def slices(self, part: str) -> dict[str, list[Slice]]:
        """All slices of `train` or `val` by task. Views into the files: memory is the page cache."""
        found: dict[str, list[Slice]] = {task.name: [] for task in TASKS}
        for entry in self._manifest(part)["shards"]:
            found[entry["task"]].extend(self._shard(part, entry))
        return found

    def _manifest(self, part: str) -> dict:
        path = self._folder / part / "manifest.json"
        if not path.exists():
            raise FileNotFoundError(f"no {part}/manifest.json in --shards; training/README.md says how to prepare them")
        manifest = json.loads(path.read_text())
        if manifest["format"] != _FORMAT:
            raise ValueError(f"{part}: shards of the format {manifest['format']}, this trainer reads {_FORMAT}")
        _expect_scales(part, manifest["inputScales"])
        return manifest

    def _shard(self, part: str, entry: dict) -> list[Slice]:
        tensors, _ = safetensors_io.read(self._folder / part / entry["file"])
        hq, lq = tensors["hq"], tensors["lq"]
        factors, weights = tensors["hq_factor"].tolist(), tensors["weight"].tolist()
        return [
            Slice(
                task=BY_NAME[entry["task"]],
                series=entry["source"],
                hq=hq[index],
                lq=lq[:, index],
                counted=Box(*entry["valid"]),
                factors=tuple(factors),
                weight=weights[index],
            )
            for index in range(hq.shape[0])
        ]


def _expect_scales(part: str, scales: dict) -> None:
    """The gains are constants of the graphs: shards made with others would be misread."""
    for task in TASKS:
        found = scales[task.name]
        if not np.allclose([found["gain"], found["offset"]], [task.gain, task.offset]):
            raise ValueError(f"{part}: {task.name} was prepared with other gains than this trainer's")
