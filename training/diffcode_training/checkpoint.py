"""Checkpoints: everything that makes a resumed run the same run. model-spec.md 3.

Random numbers need no state: crops and noise are functions of (seed, stage, iteration).
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import torch

FORMAT = 1


def save(path: Path, state: dict) -> None:
    """Replaces the file whole or not at all, whatever kills the process."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        torch.save({"format": FORMAT, **state}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load(path: Path, device: torch.device) -> dict | None:
    """The last checkpoint, or None where there is none. Refuses another format."""
    if not path.exists():
        return None
    options = {"weights_only": False} if "weights_only" in inspect.signature(torch.load).parameters else {}
    state = torch.load(path, map_location=device, **options)
    if state["format"] != FORMAT:
        raise ValueError(f"{path.name}: checkpoint format {state['format']}, this trainer reads {FORMAT}")
    return state


def refuse_other_run(state: dict, identity: dict) -> None:
    """A checkpoint goes on only with the preset, ablation, seeds, budget and data that it was made with."""
    differing = [key for key, value in identity.items() if state["identity"].get(key) != value]
    if differing:
        raise ValueError(
            f"the checkpoint belongs to another run: {', '.join(sorted(differing))} differ; use another --out"
        )
