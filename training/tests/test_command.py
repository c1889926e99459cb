"""The command line: a whole run in pieces, and what it exports."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_shards

from diffcode_training import safetensors_io
from diffcode_training.__main__ import main


@pytest.fixture(scope="module")
def exported(graphs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights folder of a run that was stopped three times."""
    root = tmp_path_factory.mktemp("command")
    shards = write_shards(root / "shards")
    options = [
        *("--preset", "micro8", "--graphs", str(graphs), "--shards", str(shards), "--out", str(root / "run")),
        *("--budget", "4/8/4/6"),
    ]
    for _ in range(3):
        assert main(["run", *options, "--stop-after", "7"]) == 0
    assert main(["run", *options]) == 0
    assert main(["export", *options, "--weights", str(root / "weights"), "--name", "trial", "--default"]) == 0
    return root / "weights"


def test_the_exported_file_has_the_tensors_of_the_slim_form(exported: Path, graphs: Path):
    tensors, metadata = safetensors_io.read(exported / "trial.safetensors")
    listed = json.loads((graphs / "parameters.json").read_text())["parameters"]
    kept = {
        row["name"]: row["shape"]
        for row in listed
        if not row["name"].startswith("evq.") and ".expert.3." not in row["name"]
    }

    assert {name: list(array.shape) for name, array in tensors.items()} == kept
    assert metadata["form"] == "slim" and metadata["format"] == "diffcode-1" and metadata["preset"] == "micro8"


def test_matrices_are_float16_and_vectors_and_statistics_float32(exported: Path):
    tensors, _ = safetensors_io.read(exported / "trial.safetensors")
    statistics = ("latent.", "ood.", "gate.")
    wide = {n for n, a in tensors.items() if a.dtype == np.float32}

    assert wide == {n for n, a in tensors.items() if a.ndim < 2 or n.startswith(statistics)}
    assert all(np.isfinite(a).all() for a in tensors.values())


def test_the_index_names_the_file_by_its_digest_and_marks_the_default(exported: Path):
    (row,) = json.loads((exported / "index.json").read_text())
    digest = hashlib.sha256((exported / "trial.safetensors").read_bytes()).hexdigest()

    assert row["sha256"] == digest and row["name"] == "trial" and row["default"] is True


def test_the_card_carries_figures_command_and_attribution(exported: Path):
    card = (exported / "trial.md").read_text()

    assert "Research use only" in card
    assert "--budget 4/8/4/6 --seed 1 --crop-seed 1" in card
    assert "10.7937/K9/TCIA.2015.7GO2GSKS" in card
    assert str(exported.parent) not in card


def test_a_missing_graph_folder_is_answered_with_the_command_that_writes_it(tmp_path: Path, capsys):
    options = ["--preset", "micro8", "--graphs", str(tmp_path), "--shards", "s", "--out", "o", "--budget", "micro8"]

    assert main(["run", *options]) == 2
    assert "diffcode-node.cjs export --preset micro8" in capsys.readouterr().err
