"""Stage III: the backbone restores LQ with the frozen prior beside it. model-spec.md 2.6, 3; training-notes.md 7."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch

from .host import autocast
from .losses import absolute_error, uptake_weighted_error
from .sampler import BY_NEED, EQUAL, Batch
from .stage import Term, Workbench
from .tasks import PET, TASKS
from .validate import validation_figures

_EQUAL, _NEED, _LARGE, _CHECK = (3, 0), (3, 1), (3, 2), (3, 3)
_EQUAL_ITERATIONS = 500
_EQUAL_SHARE = 0.1
_LARGE_SHARE = 0.1


class RestorationStage:
    number = 3
    clip = math.inf

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._model = bench.model
        self._prior = bool(bench.model.ablation["prior"])
        self.iterations = bench.run.budget.iterations[3]
        self.parameters = bench.model.trained_in(3)
        self._by_need_from = min(_EQUAL_ITERATIONS, round(_EQUAL_SHARE * self.iterations))
        self._large_from = self.iterations - round(_LARGE_SHARE * self.iterations)

    def begin(self) -> None:
        """The ending is zero, so the output must be the input, bit for bit."""
        for task in TASKS:
            if not self._bench.train.get(task.name):
                continue
            batch = self._bench.sampler.of_task(_CHECK, task, 0, 2, self._bench.run.budget.crop)
            with torch.no_grad():
                restored = self._restored(batch, self._reference(batch, 0))
            if not torch.equal(restored, batch.lq):
                raise AssertionError(f"{task.name}: an untrained backbone changes its input")

    def terms(self, iteration: int) -> Iterator[Term]:
        for batch in self._batches(iteration):
            reference = self._reference(batch, iteration)
            with autocast(self._model.device):
                restored = self._restored(batch, reference)
            loss = _loss(restored.float(), batch)
            with torch.no_grad():
                gained = absolute_error(batch.lq, batch.hq, batch.mask) - absolute_error(restored, batch.hq, batch.mask)
            figures = {f"{batch.task.name} loss": loss.item(), f"{batch.task.name} L1 gained": gained.item()}
            yield Term(loss * batch.size / self._samples(iteration), figures)

    def _batches(self, iteration: int) -> list[Batch]:
        """Tasks in equal parts, then by need, and at last on frames twice as wide."""
        budget, sampler = self._bench.run.budget, self._bench.sampler
        size = self._samples(iteration)
        if iteration >= self._large_from:
            return sampler.batches(_LARGE, BY_NEED, iteration - self._large_from, size, 2 * budget.crop)
        if iteration >= self._by_need_from:
            return sampler.batches(_NEED, BY_NEED, iteration - self._by_need_from, size, budget.crop)
        return sampler.batches(_EQUAL, EQUAL, iteration, size, budget.crop)

    def _samples(self, iteration: int) -> int:
        batch = self._bench.run.budget.batch
        return max(1, batch // 2) if iteration >= self._large_from else batch

    @torch.no_grad()
    def _reference(self, batch: Batch, iteration: int) -> torch.Tensor | None:
        """I_ref of the frozen prior: a random start of the chain, no noise between the steps."""
        if not self._prior:
            return None
        graph = self._model.graph(f"prior/{batch.task.name}")
        given = {"u": batch.lq}
        if "start" in graph.inputs:
            n, _, rows, columns = batch.lq.shape
            generator = self._bench.generator(3, 1, iteration, batch.task.index)
            start = torch.randn((n, self._model.preset["latent"], rows // 8, columns // 8), generator=generator)
            given["start"] = start.to(self._model.device)
        with autocast(self._model.device):
            (reference,) = graph.run(self._model.tensors, given, ["reference"])
        return reference.float()

    def _restored(self, batch: Batch, reference: torch.Tensor | None) -> torch.Tensor:
        graph = self._model.graph(f"backbone/{batch.task.name}")
        given = {"u": batch.lq} if reference is None else {"u": batch.lq, "reference": reference}
        (restored,) = graph.run(self._model.tensors, given, ["restored"])
        return restored

    def after_step(self, iteration: int) -> None:
        pass

    def watch(self) -> Mapping[str, object]:
        return {}

    def validate(self) -> Mapping[str, object]:
        """Every sixth validation slice, with the own reference and without."""
        return validation_figures(self._bench, every=6, references=("own", "zero") if self._prior else ("own",))

    def finish(self) -> None:
        pass

    def state(self) -> dict:
        return {}

    def load(self, state: dict) -> None:
        pass


def _loss(restored: torch.Tensor, batch: Batch) -> torch.Tensor:
    """L1 in u; PET weighs each voxel by its uptake."""
    if batch.task is PET:
        return uptake_weighted_error(restored, batch.hq, batch.mask, PET.physical_per_unit)
    return absolute_error(restored, batch.hq, batch.mask)
