"""Stage I: E_vq, G_vq and the codebooks learn to say high-quality crops in codes. model-spec.md 2.4, 3."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F

from .codebook import CodebookAverages
from .host import autocast
from .latents import patches_with_signal, set_statistics, tokens
from .losses import absolute_error, commitment
from .metrics import psnr
from .sampler import EQUAL, Batch
from .slices import counted_tensor
from .stage import Term, Workbench
from .tasks import TASKS, Task

_TRAIN, _START = (1, 0), (1, 1)
_FREE_ITERATIONS = 500
_FREE_SHARE = 0.2
_REVIVE_EVERY = 100
_VECTORS_PER_CODE = 16
_AIR_SHARE = 0.1
_VALIDATION_SLICES = 6
_VALIDATION_SIDE = 256


class CodebookStage:
    number = 1
    clip = 1.0

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.iterations = bench.run.budget.iterations[1]
        self.parameters = bench.model.trained_in(1)
        depth = bench.model.preset["depth"]
        self._books = {name: CodebookAverages(codes, depth) for name, codes in bench.model.codebooks().items()}
        self._free = min(_FREE_ITERATIONS, round(_FREE_SHARE * self.iterations))

    def begin(self) -> None:
        pass

    def terms(self, iteration: int) -> Iterator[Term]:
        budget = self._bench.run.budget
        if iteration == self._free:
            self._start_codebooks()
        for batch in self._bench.sampler.batches(_TRAIN, EQUAL, iteration, budget.batch, budget.crop):
            yield self._term(batch, iteration)

    def _term(self, batch: Batch, iteration: int) -> Term:
        quantizing = iteration >= self._free
        wanted = ["latent", "reconstruction", "codes", "partials"]
        mode = "straight-through" if quantizing else "identity"
        with autocast(self._bench.model.device):
            latent, image, codes, partials = self._graph(batch.task).run(
                self._bench.model.tensors, {"u": batch.hq}, wanted, mode
            )
        error = absolute_error(image.float(), batch.hq, batch.mask)
        figures = {f"{batch.task.name} L1": error.item()}
        loss = error
        if quantizing:
            loss = loss + commitment(latent.float(), list(partials))
            self._observe(batch.task, latent.detach(), codes, partials)
            share = (latent.detach() - partials).pow(2).mean((1, 2, 3, 4)) / latent.detach().pow(2).mean()
            figures.update({f"{batch.task.name} residual {d + 1}": float(value) for d, value in enumerate(share)})
        return Term(loss * batch.size / self._bench.run.budget.batch, figures)

    def _observe(self, task: Task, latent: torch.Tensor, codes: torch.Tensor, partials: torch.Tensor) -> None:
        book = self._books[self._bench.model.codebook_of(task.name)]
        residual = latent
        for depth, index in enumerate(codes.unbind(-1)):
            book.observe(depth, tokens(residual), index.flatten())
            residual = latent - partials[depth]

    def after_step(self, iteration: int) -> None:
        for number, book in enumerate(self._books.values()):
            book.apply()
            if iteration > self._free and (iteration + 1) % _REVIVE_EVERY == 0 and iteration + 1 < self.iterations:
                book.revive(self._bench.generator(1, 1, number, iteration))
            book.forget()

    @torch.no_grad()
    def _start_codebooks(self) -> None:
        """k-means on ≥ 16·K latents of the tasks that share a codebook."""
        for number, (name, book) in enumerate(self._books.items()):
            owners = [task for task in TASKS if self._bench.model.codebook_of(task.name) == name and self._has(task)]
            if owners:
                needed = math.ceil(_VECTORS_PER_CODE * book.codes.shape[0] / len(owners))
                vectors = torch.cat([self._latents(task, needed) for task in owners])
                book.start(vectors, self._bench.generator(1, 0, number))

    def _has(self, task: Task) -> bool:
        return bool(self._bench.train.get(task.name))

    def _latents(self, task: Task, needed: int) -> torch.Tensor:
        """Latents with signal, and at most 10 % of air."""
        budget = self._bench.run.budget
        signal, air, found, round_number = [], [], 0, 0
        while found < needed and round_number < 40 * needed // (budget.batch * (budget.crop // 8) ** 2) + 40:
            batch = self._bench.sampler.of_task(_START, task, round_number, budget.batch, budget.crop)
            (latent,) = self._graph(task).run(self._bench.model.tensors, {"u": batch.hq}, ["latent"])
            seen = patches_with_signal(batch).flatten()
            signal.append(tokens(latent)[seen])
            air.append(tokens(latent)[~seen])
            found += int(seen.sum())
            round_number += 1
        rows = torch.cat(signal)
        return torch.cat([rows, torch.cat(air)[: int(_AIR_SHARE * len(rows))]]).float()

    def watch(self) -> Mapping[str, object]:
        return {name: book.take_use() for name, book in self._books.items() if book.started}

    @torch.no_grad()
    def validate(self) -> Mapping[str, object]:
        """PSNR of the reconstruction on the middle of some validation slices, quantized and, as `free`, not."""
        figures: dict[str, object] = {}
        for task in TASKS:
            slices = self._bench.val.get(task.name, ())
            chosen = slices[:: max(1, len(slices) // _VALIDATION_SLICES)]
            modes = ("identity", "straight-through") if self._started(task) else ("identity",)
            for mode in modes:
                scores = [self._reconstruction_psnr(task, counted_tensor(s, s.hq), mode) for s in chosen]
                finite = [score for score in scores if math.isfinite(score)]
                label = task.name if mode != "identity" else f"{task.name} free"
                figures[label] = sum(finite) / len(finite) if finite else math.nan
        return figures

    def _started(self, task: Task) -> bool:
        return self._books[self._bench.model.codebook_of(task.name)].started

    def _reconstruction_psnr(self, task: Task, image: torch.Tensor, mode: str) -> float:
        hq = _middle(image)
        rows, columns = hq.shape
        padded = F.pad(hq[None, None], (0, -columns % 8, 0, -rows % 8), mode="reflect")
        (decoded,) = self._graph(task).run(
            self._bench.model.tensors, {"u": padded.to(self._bench.model.device)}, ["reconstruction"], mode
        )
        restored = decoded[0, 0, :rows, :columns].cpu()
        low, high = task.window_in_u
        return psnr(restored.clamp(low, high), hq.clamp(low, high))

    def finish(self) -> None:
        """Codebooks become their float16 values; latent statistics are taken. model-spec.md 2.4."""
        for codes in self._bench.model.codebooks().values():
            codes.copy_(codes.half().float())
        set_statistics(self._bench)

    def state(self) -> dict:
        return {name: book.state() for name, book in self._books.items()}

    def load(self, state: dict) -> None:
        for name, book in self._books.items():
            book.load(state[name])

    def _graph(self, task: Task):
        return self._bench.model.graph(f"stage1/{task.name}")


def _middle(image: torch.Tensor) -> torch.Tensor:
    top, left = (max(0, size - _VALIDATION_SIDE) // 2 for size in image.shape)
    return image[top : top + _VALIDATION_SIDE, left : left + _VALIDATION_SIDE]
