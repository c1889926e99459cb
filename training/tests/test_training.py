"""All stages on small made-up slices."""

from __future__ import annotations

import json

import pytest
import torch

from diffcode_training.loop import Stopped, Trainer
from diffcode_training.stage import Workbench
from diffcode_training.stages import stages


def run_stages(bench: Workbench, stop_after: int | None = None) -> Workbench:
    trainer = Trainer(bench, {"test": 1}, stop_after)
    for make in stages(bench):
        trainer.run(make(bench))
    return bench


def curve(bench: Workbench) -> list[dict]:
    """All rows without what the clock says."""
    lines = (bench.run.out / "curves.jsonl").read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if not key.endswith("_s")} for line in lines]


@pytest.mark.parametrize("cut", [3, 5, 10, 17])
def test_a_run_that_is_cut_and_resumed_has_the_bits_and_the_curve_of_a_straight_one(make_bench, straight, cut):
    with pytest.raises(Stopped):
        run_stages(make_bench(), cut)
    resumed = run_stages(make_bench())

    different = [n for n, t in straight.model.tensors.items() if not torch.equal(t, resumed.model.tensors[n])]
    assert different == []
    assert curve(resumed) == curve(straight)


@pytest.fixture(scope="module")
def straight(make_module_bench) -> Workbench:
    """20 iterations over the four stages in one go."""
    return run_stages(make_module_bench())


def test_a_checkpoint_of_another_run_is_refused(make_bench):
    with pytest.raises(Stopped):
        run_stages(make_bench(), stop_after=2)

    with pytest.raises(ValueError, match="test differ"):
        Trainer(make_bench(), {"test": 2})


def test_the_codebooks_are_float16_values_with_a_zero_code(straight):
    for codes in straight.model.codebooks().values():
        assert torch.equal(codes, codes.half().float())
        assert codes[0].abs().max() == 0
        assert codes[1:].abs().max() > 0


def test_a_short_run_of_the_plain_net_improves_on_its_input_in_every_task(make_bench, plain_graphs):
    bench = run_stages(make_bench(iterations=(0, 0, 0, 60), folder=plain_graphs))

    last = [row["validation"] for row in curve(bench) if "validation" in row][-1]
    assert {task: figures["gain"] > 0 for task, figures in last.items()} == dict.fromkeys(last, True)
