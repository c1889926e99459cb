"""The loop of every stage: learning rate, accumulated gradients, averages, curves, checkpoints."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from datetime import datetime, timezone

import torch

from . import checkpoint
from .curves import Curves
from .schedules import AveragedWeights, WeightAverage, average_decay, copy_into, learning_rate
from .stage import Stage, Workbench


class Stopped(Exception):
    """Raised after the checkpoint when an iteration limit was asked for."""


class Trainer:
    """Runs stages in order and can be killed at any moment."""

    def __init__(self, bench: Workbench, identity: Mapping[str, object], stop_after: int | None = None) -> None:
        self._bench = bench
        self._identity = dict(identity)
        self._path = bench.run.out / "checkpoint.pt"
        self._curves = Curves(bench.run.out / "curves.jsonl")
        self._stop_after = math.inf if stop_after is None else stop_after
        self._done = 0
        self.history: dict = {"started": now()}
        self._resumed = checkpoint.load(self._path, bench.model.device)
        if self._resumed is not None:
            checkpoint.refuse_other_run(self._resumed, self._identity)
            self._curves.cut(self._resumed["curve_offset"])
            self.history = self._resumed["history"]
            bench.model.load(self._resumed["tensors"])

    def run(self, stage: Stage) -> None:
        """Trains the stage, or goes on where its checkpoint stands; a finished stage is passed over."""
        resumed = self._resumed
        if resumed is not None and resumed["stage"] > stage.number:
            return
        _set_trainable(self._bench, stage)
        started = resumed is not None and resumed["stage"] == stage.number and resumed["training"] is not None
        if not started:
            stage.begin()
        progress = _Progress(stage, self._bench.run.budget.peak_rate)
        if started:
            progress.load(resumed["training"])
        self._resumed = None
        self._iterate(stage, progress)
        copy_into(stage.parameters, progress.average.shadow)
        stage.finish()
        self.history[str(stage.number)] = {"iterations": stage.iterations, **progress.times()}
        self._save(stage.number + 1, None)

    def _iterate(self, stage: Stage, progress: _Progress) -> None:
        run = self._bench.run
        every = max(1, stage.iterations // run.validations[stage.number])
        saved_at = time.monotonic()
        while progress.iteration < stage.iterations:
            progress.step(stage)
            iteration = progress.iteration
            if iteration % run.log_every == 0 or iteration == stage.iterations:
                self._curves.write({"stage": stage.number, "iteration": iteration, **progress.row(), **stage.watch()})
            if iteration % every == 0 or iteration == stage.iterations:
                with AveragedWeights(stage.parameters, progress.average):
                    figures = stage.validate()
                self._curves.write({"stage": stage.number, "iteration": iteration, "validation": figures})
            self._done += 1
            stopping = self._done >= self._stop_after
            if stopping or time.monotonic() - saved_at > run.checkpoint_every_s:
                self._save(stage.number, progress.state())
                saved_at = time.monotonic()
            if stopping:
                raise Stopped(f"stage {stage.number}, iteration {iteration}")

    def _save(self, stage_number: int, training: dict | None) -> None:
        checkpoint.save(
            self._path,
            {
                "identity": self._identity,
                "stage": stage_number,
                "training": training,
                "tensors": {name: tensor.detach() for name, tensor in self._bench.model.tensors.items()},
                "history": self.history,
                "curve_offset": self._curves.offset,
            },
        )


class _Progress:
    """Optimiser, averages and counters of one stage."""

    def __init__(self, stage: Stage, peak_rate: float) -> None:
        self.iteration = 0
        self.average = WeightAverage(stage.parameters)
        self._stage = stage
        self._peak_rate = peak_rate
        self._optimiser = torch.optim.Adam(list(stage.parameters.values()), lr=peak_rate, betas=(0.9, 0.999), eps=1e-8)
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._seconds = {"wall_s": 0.0, "cpu_s": 0.0}
        self._rate = self._norm = 0.0

    def step(self, stage: Stage) -> None:
        wall, cpu = time.monotonic(), time.process_time()
        self._rate = learning_rate(self.iteration, stage.iterations, self._peak_rate)
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate
        self._optimiser.zero_grad(set_to_none=True)
        for term in stage.terms(self.iteration):
            term.loss.backward()
            self._collect(term.figures)
        self._norm = float(torch.nn.utils.clip_grad_norm_(list(stage.parameters.values()), stage.clip))
        if not math.isfinite(self._norm):
            raise FloatingPointError(f"stage {stage.number}, iteration {self.iteration}: the gradient is not finite")
        self._optimiser.step()
        self.average.update(stage.parameters, average_decay(self.iteration, stage.iterations))
        stage.after_step(self.iteration)
        self.iteration += 1
        self._seconds["wall_s"] += time.monotonic() - wall
        self._seconds["cpu_s"] += time.process_time() - cpu

    def _collect(self, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def row(self) -> dict[str, object]:
        """Means since the last row."""
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        self._sums.clear()
        self._counts.clear()
        return {"rate": self._rate, "gradient": self._norm, **self.times(), **means}

    def times(self) -> dict[str, float]:
        return {name: round(value, 1) for name, value in self._seconds.items()}

    def state(self) -> dict:
        return {
            "iteration": self.iteration,
            "average": self.average.shadow,
            "optimiser": self._optimiser.state_dict(),
            "sums": self._sums,
            "counts": self._counts,
            "seconds": self._seconds,
            "own": self._stage.state(),
        }

    def load(self, state: dict) -> None:
        self.iteration = state["iteration"]
        self.average.load(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._sums, self._counts, self._seconds = state["sums"], state["counts"], state["seconds"]
        self._stage.load(state["own"])


def _set_trainable(bench: Workbench, stage: Stage) -> None:
    for tensor in bench.model.tensors.values():
        tensor.requires_grad_(False)
        tensor.grad = None
    for tensor in stage.parameters.values():
        tensor.requires_grad_(True)


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%MZ")


def machine() -> dict[str, object]:
    """What the card says about the machine; no name of it."""
    return {"torch": torch.__version__, "threads": torch.get_num_threads(), "cores": os.cpu_count()}
