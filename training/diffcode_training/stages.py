"""Which stages a run has. model-spec.md 2.10, 3."""

from __future__ import annotations

from collections.abc import Callable

from .stage import Stage, Workbench
from .stage0 import ClassifierStage
from .stage1 import CodebookStage
from .stage2 import DiffusionStage
from .stage3 import RestorationStage


def stages(bench: Workbench) -> list[Callable[[Workbench], Stage]]:
    """The stages that the ablation has, in order. model-spec.md 2.10."""
    ablation = bench.model.ablation
    chosen: list[Callable[[Workbench], Stage]] = []
    if ablation["tars"]:
        chosen.append(ClassifierStage)
    if ablation["prior"]:
        chosen.extend([CodebookStage, DiffusionStage])
    return [*chosen, RestorationStage]
