"""Training curves as JSON lines, one file for a run. A resumed run cuts what the lost iterations wrote."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path


class Curves:
    """Appends rows; `offset` is kept in the checkpoint."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    @property
    def offset(self) -> int:
        return self._path.stat().st_size

    def cut(self, offset: int) -> None:
        os.truncate(self._path, min(offset, self.offset))

    def write(self, row: Mapping[str, object]) -> None:
        with self._path.open("a") as stream:
            stream.write(json.dumps(_rounded(row)) + "\n")


def _rounded(value: object) -> object:
    """Five digits are enough for a curve; NaN becomes null, so that every line is JSON."""
    if isinstance(value, float):
        return float(f"{value:.5g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
