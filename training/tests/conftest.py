"""Graphs of `micro8` from the TypeScript exporter, and a workbench over made-up slices."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "training"), str(Path(__file__).parent)]

from phantoms import slice_set

from diffcode_training.config import Budget, RunConfig
from diffcode_training.host import prepare_cpu
from diffcode_training.parameters import Model
from diffcode_training.sampler import Sampler
from diffcode_training.stage import Workbench

prepare_cpu(1)


def export_graphs(folder: Path, ablation: str) -> Path:
    launcher = ROOT / "bin" / "diffcode-node.cjs"
    if shutil.which("node") is None or not (ROOT / "dist" / "cli" / "main.js").exists():
        pytest.skip("node is not installed, or dist is not built: the graphs cannot be exported")
    command = ["node", str(launcher), "export", "--preset", "micro8", "--ablation", ablation, "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_graphs(tmp_path_factory.mktemp("graphs"), "full")


@pytest.fixture(scope="session")
def plain_graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_graphs(tmp_path_factory.mktemp("plain"), "V1")


def bench_maker(graphs: Path, root: Path) -> Callable[..., Workbench]:
    """A fresh model of one seed over the same slices, with one run's folder."""

    def make(iterations: tuple[int, int, int, int] = (4, 8, 4, 4), folder: Path = graphs) -> Workbench:
        budget = Budget(iterations, crop=32, batch=6, statistics_crops=32)
        run = RunConfig(
            graphs=folder, shards=root, out=root / "run", budget=budget, validations=(1, 1, 1, 1), log_every=2
        )
        run.out.mkdir(exist_ok=True)
        train, val = slice_set(4, seed=1), slice_set(2, seed=2)
        cpu = torch.device("cpu")
        return Workbench(Model(folder, 1, cpu), Sampler(train, 1, cpu), train, val, Sampler(val, 2, cpu), run)

    return make


@pytest.fixture
def make_bench(graphs: Path, tmp_path: Path) -> Callable[..., Workbench]:
    return bench_maker(graphs, tmp_path)


@pytest.fixture(scope="module")
def make_module_bench(graphs: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Workbench]:
    return bench_maker(graphs, tmp_path_factory.mktemp("module"))
