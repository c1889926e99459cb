"""What a run is asked to do. Budgets: model-spec.md 3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Budget:
    """Iterations per stage, crop side and batch size; the last tenth of stage III sees crops twice as wide."""

    iterations: tuple[int, int, int, int]
    crop: int = 64
    batch: int = 8
    peak_rate: float = 1e-3
    statistics_crops: int = 2000


BUDGETS: dict[str, Budget] = {
    "full": Budget((3_000, 100_000, 60_000, 200_000), crop=128, peak_rate=2e-4),
    "base32": Budget((3_000, 40_000, 25_000, 80_000), crop=128, batch=32),
    "tiny16": Budget((1_000, 10_000, 6_000, 20_000)),
    "first": Budget((2_000, 1_500, 800, 4_500)),
    "micro8": Budget((50, 100, 50, 100), batch=4, statistics_crops=64),
}


def parse_budget(text: str) -> Budget:
    """A name of `BUDGETS`, or iterations of stages 0 to III as `600/2500/1500/7000`."""
    if text in BUDGETS:
        return BUDGETS[text]
    parts = text.split("/")
    if len(parts) != 4 or not all(part.isdigit() for part in parts):
        raise ValueError(f"budget {text}: one of {', '.join(BUDGETS)}, or four numbers as 600/2500/1500/7000")
    iterations = tuple(int(part) for part in parts)
    return Budget(iterations, statistics_crops=min(Budget.statistics_crops, Budget.batch * iterations[1]))


@dataclass(frozen=True)
class RunConfig:
    graphs: Path
    shards: Path
    out: Path
    budget: Budget
    weight_seed: int = 1
    crop_seed: int = 1
    device: str = "cpu"
    threads: int = 1
    checkpoint_every_s: float = 180.0
    validations: tuple[int, int, int, int] = (3, 4, 4, 10)
    command: str = ""
    log_every: int = 50
