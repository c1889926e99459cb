"""Stage II: E_lq and the chain learn to say the latent of HQ from LQ. model-spec.md 2.5, 3; training-notes.md 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch

from .host import autocast
from .latents import patches_that_count
from .sampler import EQUAL, Batch
from .schedules import copy_into
from .stage import Term, Workbench
from .tasks import TASKS, Task

_TRAIN, _CHECK = (2, 0), (2, 1)
_STEPS = 8
_COPY_BIAS = 6.0
_SLOPE = 0.1**4
_TOLERANCE = 1e-3
_VALIDATION_BATCHES = 6


class DiffusionStage:
    number = 2
    clip = 1.0

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._model = bench.model
        self._chain = bool(bench.model.ablation["diffusion"])
        self.iterations = bench.run.budget.iterations[2]
        self.parameters = bench.model.trained_in(2)

    def begin(self) -> None:
        """E_lq starts as E_vq and the chain as a copy of its condition; both are checked."""
        tensors = self._model.tensors
        with torch.no_grad():
            copy_into(_module(tensors, "elq."), _module(tensors, "evq."))
            if self._chain:
                copy_condition(tensors)
        if self.iterations > 0:
            self._check_start()

    @torch.no_grad()
    def _check_start(self) -> None:
        """Target and condition are both normalised: the chain starts at the distance of E_vq(LQ)."""
        for task in TASKS:
            if not self._bench.train.get(task.name):
                continue
            batch = self._bench.sampler.of_task(
                _CHECK, task, 0, self._bench.run.budget.batch, self._bench.run.budget.crop
            )
            target, condition, predicted = self._run(batch, 0, 0.0, ["target", "condition", "predicted"])
            direct, found = self._encoded_distance(batch), float(_mean_over((condition - target).abs(), batch))
            if abs(found - direct) > _TOLERANCE * max(direct, _TOLERANCE):
                raise AssertionError(f"{task.name}: the condition starts at {found:.4f}, E_vq(LQ) at {direct:.4f}")
            if self._chain and not torch.allclose(predicted, _copied(condition), atol=_TOLERANCE, rtol=_TOLERANCE):
                raise AssertionError(f"{task.name}: the fresh chain does not copy its condition")

    def _encoded_distance(self, batch: Batch) -> float:
        """mean |E_vq(LQ) − E_vq(HQ)| in normalised latents, computed without the stage's own graph."""
        graph, tensors = self._model.graph(f"evq/{batch.task.name}"), self._model.tensors
        low, high = (graph.run(tensors, {"u": image}, ["latent"])[0] for image in (batch.lq, batch.hq))
        deviation = tensors["latent.std"][batch.task.index][:, None, None]
        return float(_mean_over(((low - high) / deviation).abs(), batch))

    def terms(self, iteration: int) -> Iterator[Term]:
        budget = self._bench.run.budget
        eta = float(torch.randint(2, (1,), generator=self._bench.generator(2, 0, iteration)))
        for batch in self._bench.sampler.batches(_TRAIN, EQUAL, iteration, budget.batch, budget.crop):
            with autocast(self._model.device):
                target, predicted = self._run(batch, iteration, eta, ["target", "predicted"])
            loss = _mean_over((target.detach().float() - predicted.float()).abs(), batch)
            yield Term(loss * batch.size / budget.batch, {f"{batch.task.name} eta {eta:.0f}": loss.item()})

    def _run(self, batch: Batch, iteration: int, eta: float, wanted: list[str]) -> list[torch.Tensor]:
        graph = self._model.graph(f"stage2/{batch.task.name}")
        given = {"hq": batch.hq, "lq": batch.lq, **self._noise(batch, iteration, eta)}
        return graph.run(self._model.tensors, given, wanted)

    def _noise(self, batch: Batch, iteration: int, eta: float) -> dict[str, torch.Tensor]:
        if not self._chain:
            return {}
        generator = self._bench.generator(2, 1, iteration, batch.task.index)
        n, _, rows, columns = batch.hq.shape
        shape = (n, self._model.preset["latent"], rows // 8, columns // 8)
        noise = {"epsilon": torch.randn(shape, generator=generator)}
        for step in range(_STEPS, 1, -1):
            noise[f"step{step}"] = eta * torch.randn(shape, generator=generator) if eta else torch.zeros(shape)
        return {name: value.to(self._model.device) for name, value in noise.items()}

    def after_step(self, iteration: int) -> None:
        pass

    def watch(self) -> Mapping[str, object]:
        return {}

    @torch.no_grad()
    def validate(self) -> Mapping[str, object]:
        """Distances in normalised latents, per step, and the share of first codes that are the true ones."""
        return {task.name: self._validate_task(task) for task in TASKS if self._bench.val.get(task.name)}

    def _validate_task(self, task: Task) -> Mapping[str, float]:
        budget = self._bench.run.budget
        rows: list[dict[str, float]] = []
        for number in range(_VALIDATION_BATCHES):
            batch = self._bench.val_sampler.of_task(_CHECK, task, number, 8, budget.crop)
            row = self._distances(batch, number, 0.0)
            rows.append({**row, "E_vq(LQ)": self._encoded_distance(batch)})
        return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}

    def _distances(self, batch: Batch, iteration: int, eta: float) -> dict[str, float]:
        steps = [f"estimate{t}" for t in range(_STEPS, 0, -1)] if self._chain else []
        names = ["target", "condition", "predicted", "codes", "predictedCodes", *steps]
        target, condition, predicted, codes, guessed, *estimates = self._run(batch, iteration, eta, names)
        figures = {"condition": condition, "predicted": predicted, **dict(zip(steps, estimates))}
        result = {name: float(_mean_over((value - target).abs(), batch)) for name, value in figures.items()}
        return {**result, "first code right": float((codes[..., 0] == guessed[..., 0]).float().mean())}

    def finish(self) -> None:
        pass

    def state(self) -> dict:
        return {}

    def load(self, state: dict) -> None:
        pass


def copy_condition(tensors: Mapping[str, torch.Tensor]) -> None:
    """Starts the denoiser as x̂₀ = c: identities, lifted by a bias so that no LeakyReLU bends c > −6."""
    width = tensors["dm.l5.bias"].shape[0]
    identity = torch.eye(width)
    tensors["dm.l1.weight"].copy_(torch.cat([torch.zeros_like(identity), identity], 1))
    tensors["dm.l1.bias"].fill_(_COPY_BIAS)
    for layer in ("l2", "l3", "l4", "l5"):
        tensors[f"dm.{layer}.weight"].copy_(identity)
        tensors[f"dm.{layer}.bias"].zero_()
    tensors["dm.l5.bias"].fill_(-_COPY_BIAS)


def _copied(condition: torch.Tensor) -> torch.Tensor:
    """What a chain of `copy_condition` gives: c, flat below −6."""
    return torch.where(condition > -_COPY_BIAS, condition, _SLOPE * (condition + _COPY_BIAS) - _COPY_BIAS)


def _mean_over(values: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Mean of `[n, d, h, w]` over the positions that count."""
    mask = patches_that_count(batch)
    return (values * mask).sum() / (mask.sum() * values.shape[1]).clamp(min=1)


def _module(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}
