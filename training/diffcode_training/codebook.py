"""One task's codebook in training: moving averages, k-means start, dead codes. model-spec.md 2.4.

Code 0 is the zero vector and never moves. Counts and residuals of all depths are pooled and applied
once, after the optimiser step, so that one forward pass sees one codebook.
"""

from __future__ import annotations

import math

import torch

_DECAY = 0.99
_SMOOTHING = 1e-5
_DEAD_SHARE = 0.03
_LLOYD_ROUNDS = 10
_CHUNK = 4096


def nearest(residuals: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Index of the closest code for each row of `[P, d]`; the lowest index on ties."""
    half = 0.5 * codes.double().pow(2).sum(1).float()
    return torch.cat([(half - part @ codes.T).argmin(1) for part in residuals.split(_CHUNK)])


def quantize(vectors: torch.Tensor, codes: torch.Tensor, depth: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Residual quantization of `[P, d]`: indices `[P, depth]`, and sums of the first 1..depth codes `[depth, P, d]`."""
    indices, partials = [], []
    total = torch.zeros_like(vectors)
    residual = vectors
    for _ in range(depth):
        index = nearest(residual, codes)
        code = codes[index]
        total = total + code
        residual = residual - code
        indices.append(index)
        partials.append(total)
    return torch.stack(indices, 1), torch.stack(partials)


class CodebookAverages:
    """Moving counts and sums behind the codes `[K, d]`, which it changes in place."""

    def __init__(self, codes: torch.Tensor, depth: int) -> None:
        self.codes = codes
        self.depth = depth
        self.counts = torch.ones(codes.shape[0], device=codes.device)
        self.sums = codes.detach().clone()
        self.started = False
        self.resets = 0
        self._pending: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._use = torch.zeros(depth, codes.shape[0], device=codes.device)

    def observe(self, depth_index: int, residual: torch.Tensor, index: torch.Tensor) -> None:
        """Keeps one depth's residuals `[P, d]` and choices `[P]` for `apply`."""
        self._pending.append((residual.detach().float(), index.detach()))
        self._use[depth_index] += torch.bincount(index, minlength=self._use.shape[1])

    @torch.no_grad()
    def apply(self) -> None:
        """Moves the codes once by all that was observed. Without observations nothing changes."""
        if not self._pending:
            return
        residuals = torch.cat([residual for residual, _ in self._pending])
        indices = torch.cat([index for _, index in self._pending])
        size = self.codes.shape[0]
        counts = torch.bincount(indices, minlength=size).float()
        sums = torch.zeros_like(self.sums).index_add_(0, indices, residuals)
        self.counts.mul_(_DECAY).add_(counts, alpha=1 - _DECAY)
        self.sums.mul_(_DECAY).add_(sums, alpha=1 - _DECAY)
        total = self.counts.sum()
        smoothed = total * (self.counts + _SMOOTHING) / (total + size * _SMOOTHING)
        self._set_codes(self.sums / smoothed[:, None])

    @torch.no_grad()
    def revive(self, generator: torch.Generator) -> int:
        """Resets codes whose count is below 3 % of the mean to residuals of the last batch, then forgets it."""
        moving = self.counts[1:]
        dead = 1 + torch.nonzero(moving < _DEAD_SHARE * moving.mean()).flatten()
        if self._pending and len(dead) > 0:
            pool = torch.cat([residual for residual, _ in self._pending])
            pick = torch.randint(len(pool), (len(dead),), generator=generator).to(pool.device)
            mean = moving.mean()
            self.codes[dead] = pool[pick]
            self.counts[dead] = mean
            self.sums[dead] = mean * pool[pick]
        self.resets += len(dead)
        return len(dead)

    def forget(self) -> None:
        """Drops the observations of this iteration."""
        self._pending.clear()

    @torch.no_grad()
    def start(self, vectors: torch.Tensor, generator: torch.Generator) -> None:
        """k-means: half of the codes on the vectors `[P, d]`, the other half on what they leave over."""
        half = self.codes.shape[0] // 2
        first = _k_means(vectors, half - 1, generator)
        zero = torch.zeros_like(first[:1])
        residuals, pools = vectors, []
        coarse = torch.cat([zero, first])
        for _ in range(max(1, self.depth // 2)):
            residuals = residuals - coarse[nearest(residuals, coarse)]
            pools.append(residuals)
        second = _k_means(torch.cat(pools), half, generator)
        self._set_codes(torch.cat([zero, first, second]))
        self.counts.fill_(len(vectors) * self.depth / self.codes.shape[0])
        self.sums.copy_(self.counts[:, None] * self.codes)
        self.started = True

    def _set_codes(self, codes: torch.Tensor) -> None:
        self.codes.copy_(codes)
        self.codes[0] = 0

    def take_use(self) -> dict[str, object]:
        """Perplexity and share of code 0 per depth, and resets, since the last call."""
        share = self._use / self._use.sum(1, keepdim=True).clamp(min=1)
        entropy = -(share * share.clamp(min=1e-12).log()).sum(1)
        report = {
            "perplexity": [round(math.exp(float(value)), 1) for value in entropy],
            "code0": [round(float(value), 3) for value in share[:, 0]],
            "resets": self.resets,
        }
        self._use.zero_()
        self.resets = 0
        return report

    def state(self) -> dict[str, object]:
        return {
            "counts": self.counts,
            "sums": self.sums,
            "started": self.started,
            "resets": self.resets,
            "use": self._use,
        }

    def load(self, state: dict) -> None:
        self.counts.copy_(state["counts"])
        self.sums.copy_(state["sums"])
        self._use.copy_(state["use"])
        self.started = state["started"]
        self.resets = state["resets"]


def _k_means(vectors: torch.Tensor, centres: int, generator: torch.Generator) -> torch.Tensor:
    means = _spread_start(vectors, centres, generator)
    for _ in range(_LLOYD_ROUNDS):
        index = nearest(vectors, means)
        counts = torch.bincount(index, minlength=centres).float()
        sums = torch.zeros_like(means).index_add_(0, index, vectors)
        means = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], means)
    return means


def _spread_start(vectors: torch.Tensor, centres: int, generator: torch.Generator) -> torch.Tensor:
    """k-means++: each centre is drawn with probability proportional to its squared distance from the others."""
    squares = vectors.pow(2).sum(1)
    picked = [int(torch.randint(len(vectors), (1,), generator=generator))]
    distance = torch.full_like(squares, math.inf)
    for _ in range(centres - 1):
        centre = vectors[picked[-1]]
        distance = torch.minimum(distance, (squares - 2 * vectors @ centre + squares[picked[-1]]).clamp(min=0))
        weight = distance.double().cpu().cumsum(0)
        target = float(torch.rand(1, generator=generator, dtype=torch.float64)) * float(weight[-1])
        picked.append(min(int(torch.searchsorted(weight, target)), len(vectors) - 1))
    return vectors[picked].clone()
