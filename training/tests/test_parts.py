"""The parts by themselves: files, metrics, schedules, sampler, codebook."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from phantoms import slice_set, slices_of

from diffcode_training import safetensors_io
from diffcode_training.codebook import CodebookAverages, nearest, quantize
from diffcode_training.config import parse_budget
from diffcode_training.losses import absolute_error, commitment, uptake_weighted_error
from diffcode_training.metrics import psnr, ssim
from diffcode_training.sampler import BY_NEED, EQUAL, Sampler
from diffcode_training.schedules import average_decay, learning_rate
from diffcode_training.shards import Shards
from diffcode_training.tasks import CT, MRI, PET

CPU = torch.device("cpu")


def test_a_safetensors_file_reads_back_what_was_written(tmp_path: Path):
    tensors = {
        "a.weight": np.arange(6, dtype=np.float16).reshape(2, 3),
        "a.bias": np.float32([1.5, -2]),
        "s": np.uint8([7]),
    }

    digest = safetensors_io.write(tmp_path / "x.safetensors", tensors, {"format": "diffcode-1"})
    read, metadata = safetensors_io.read(tmp_path / "x.safetensors")

    assert {name: array.tolist() for name, array in read.items()} == {n: a.tolist() for n, a in tensors.items()}
    assert metadata["format"] == "diffcode-1"
    assert len(digest) == 64


@pytest.mark.parametrize("damage", ["header", "short", "longer"])
def test_a_damaged_safetensors_file_is_refused(tmp_path: Path, damage: str):
    path = tmp_path / "x.safetensors"
    safetensors_io.write(path, {"a": np.ones(4, np.float32)}, {})
    whole = path.read_bytes()
    changed = {"header": b"\xff" * 8 + whole[8:], "short": whole[:-4], "longer": whole + b"\0\0\0\0"}
    path.write_bytes(changed[damage])

    with pytest.raises(safetensors_io.SafetensorsError):
        safetensors_io.read(path)


def test_psnr_and_ssim_are_those_of_the_specification():
    i, j = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    y = 16 * i + j
    x = y + 8 * ((i + j) % 2)

    assert psnr(x, y) == pytest.approx(33.079304, abs=1e-6)
    assert ssim(x, y) == pytest.approx(0.988824, abs=1e-6)
    assert ssim(x - 1000, y - 1000) == pytest.approx(0.997345, abs=1e-6)


def test_the_rate_warms_up_over_two_percent_and_ends_near_its_lowest():
    assert learning_rate(0, 1000, 1e-3) == pytest.approx(1e-3 / 20)
    assert learning_rate(19, 1000, 1e-3) == pytest.approx(1e-3)
    assert learning_rate(999, 1000, 1e-3) == pytest.approx(1e-6, rel=3)


def test_the_weight_average_forgets_faster_at_the_start_and_in_short_stages():
    assert average_decay(0, 20_000) == pytest.approx(0.1)
    assert average_decay(19_999, 20_000) == pytest.approx(0.999)
    assert average_decay(999, 1_000) == pytest.approx(0.98)


def test_crops_depend_on_the_sample_alone():
    samplers = [Sampler(slice_set(3, 1), 5, CPU) for _ in range(2)]
    samplers[0].batches((3, 0), EQUAL, 7, 8, 32)

    first, second = (sampler.batches((3, 0), EQUAL, 9, 8, 32) for sampler in samplers)

    for one, other in zip(first, second):
        assert torch.equal(one.lq, other.lq) and torch.equal(one.mask, other.mask)


@pytest.mark.parametrize(("pattern", "counts"), [(EQUAL, (80, 80, 80)), (BY_NEED, (144, 72, 24))])
def test_tasks_come_as_often_as_the_pattern_says(pattern, counts):
    sampler = Sampler(slice_set(2, 1), 1, CPU)
    drawn = [batch for iteration in range(30) for batch in sampler.batches((1, 0), pattern, iteration, 8, 32)]

    assert tuple(sum(b.size for b in drawn if b.task is task) for task in (MRI, CT, PET)) == counts


def test_a_slice_is_seen_once_per_epoch_and_with_all_its_realisations():
    slices = slices_of(CT, 5, 1)
    sampler = Sampler({CT.name: slices}, 1, CPU)
    picks = [sampler.pick((1, 0), (CT,), sample) for sample in range(10)]
    order = [next(i for i, s in enumerate(slices) if s is pick[0]) for pick in picks]

    assert sorted(order[:5]) == sorted(order[5:]) == list(range(5))
    seen = {(i, pick[1]) for i, pick in zip(order, picks)}
    assert len(seen) == 10


def test_the_mask_is_zero_outside_the_part_that_counts_and_beyond_the_slice():
    sampler = Sampler({PET.name: slices_of(PET, 2, 1, size=40)}, 1, CPU)

    batch = sampler.of_task((1, 0), PET, 0, 4, 64)

    assert batch.mask.sum((1, 2, 3)).tolist() == [34.0 * 34] * 4


def test_the_losses_count_masked_voxels_only_and_weigh_uptake():
    target, mask = torch.full((1, 1, 2, 2), 0.5), torch.tensor([[[[1.0, 0], [0, 0]]]])
    restored = target + torch.tensor([[[[0.1, 9], [9, 9]]]])

    assert absolute_error(restored, target, mask).item() == pytest.approx(0.1)
    assert uptake_weighted_error(restored, target, mask, 5.0).item() == pytest.approx(0.1 * (1 + 1.6 * 2.5))


def test_commitment_pulls_the_latent_and_not_the_codes():
    latent, partial = torch.ones(1, 2, 1, 1, requires_grad=True), torch.zeros(1, 2, 1, 1, requires_grad=True)

    loss = commitment(latent, [partial, latent.detach()])
    loss.backward()

    assert loss.item() == pytest.approx(0.25 * 0.5)
    assert latent.grad is not None and partial.grad is None


def test_quantizing_takes_the_lowest_of_equal_codes_and_never_grows_the_residual():
    codes = torch.tensor([[0.0, 0], [1, 0], [1, 0], [0, 2]])
    vectors = torch.tensor([[1.0, 0], [0.1, 0.1], [1.2, 2.1]])

    indices, partials = quantize(vectors, codes, 3)
    lengths = [(vectors - partial).norm(dim=1) for partial in partials]

    assert indices.tolist() == [[1, 0, 0], [0, 0, 0], [3, 1, 0]]
    assert all(bool((after <= before).all()) for before, after in pairwise(lengths))
    assert nearest(vectors[:1], codes).tolist() == [1]


def book_of(size: int = 8, width: int = 4) -> CodebookAverages:
    codes = torch.randn(size, width, generator=torch.Generator().manual_seed(1))
    codes[0] = 0
    return CodebookAverages(codes, depth=2)


def test_codes_move_once_towards_what_chose_them_and_code_zero_stays():
    book = book_of()
    before = book.codes.clone()
    book.observe(0, torch.ones(5, 4), torch.tensor([0, 3, 3, 3, 3]))

    book.apply()

    assert book.codes[0].tolist() == [0, 0, 0, 0]
    assert (book.codes[3] - 1).norm() < (before[3] - 1).norm()


def test_a_codebook_whose_task_is_absent_is_untouched():
    book = book_of()
    before = book.codes.clone(), book.counts.clone()

    book.apply()

    assert torch.equal(book.codes, before[0]) and torch.equal(book.counts, before[1])


def test_a_dead_code_comes_back_as_a_residual_of_the_batch():
    book = book_of()
    book.counts.copy_(torch.tensor([9.0, 5, 5, 5, 5, 5, 5, 0.01]))
    book.observe(0, torch.full((3, 4), 7.0), torch.tensor([1, 2, 3]))

    assert book.revive(torch.Generator().manual_seed(1)) == 1
    assert book.codes[7].tolist() == [7, 7, 7, 7]
    assert book.counts[7] == pytest.approx(float((5 * 6 + 0.01) / 7))


def test_k_means_starts_near_the_clusters_of_the_vectors():
    generator = torch.Generator().manual_seed(3)
    centres = torch.randn(3, 4, generator=generator) * 5
    vectors = centres.repeat(40, 1) + 0.01 * torch.randn(120, 4, generator=generator)
    book = book_of()

    book.start(vectors, generator)
    _, partials = quantize(vectors, book.codes, 2)

    assert book.codes[0].tolist() == [0, 0, 0, 0]
    assert float((vectors - partials[-1]).pow(2).mean()) < 1e-3


@pytest.mark.parametrize(
    ("text", "iterations"), [("600/2500/1500/7000", (600, 2500, 1500, 7000)), ("tiny16", (1000, 10000, 6000, 20000))]
)
def test_a_budget_is_a_name_or_four_numbers(text: str, iterations: tuple):
    assert parse_budget(text).iterations == iterations


def test_an_unknown_budget_is_refused():
    with pytest.raises(ValueError, match="four numbers"):
        parse_budget("plenty")


def test_task_units_are_those_of_the_exported_graphs(graphs: Path):
    for task in (MRI, CT, PET):
        document = json.loads((graphs / "graphs" / "restore" / f"{task.name}.json").read_text())
        first = next(node for node in document["nodes"] if node["op"] == "affine")
        assert first["attrs"]["factor"] == task.gain
        assert first["attrs"]["offset"] == pytest.approx(-task.gain * task.offset)


def write_shard_folder(folder: Path) -> None:
    """One MR shard of two slices and three realisations in `train` and `val`."""
    scales = {task.name: {"gain": task.gain, "offset": task.offset} for task in (MRI, CT, PET)}
    entry = {"file": "mr.safetensors", "task": MRI.name, "source": "MR/MR0001", "valid": [1, 2, 7, 6]}
    manifest = {"format": "diffcode-shards-1", "inputScales": scales, "shards": [entry], "digest": "d"}
    for part in ("train", "val"):
        (folder / part).mkdir()
        tensors = {
            "hq": np.full((2, 8, 8), 0.6, np.float16),
            "lq": np.full((3, 2, 8, 8), 0.5, np.float16),
            "hq_factor": np.float32([1, 0.5, 2]),
            "weight": np.float32([1, 0.25]),
        }
        safetensors_io.write(folder / part / "mr.safetensors", tensors, {"task": MRI.name})
        (folder / part / "manifest.json").write_text(json.dumps(manifest))


def test_shards_give_slices_with_the_reference_on_the_scale_of_each_realisation(tmp_path: Path):
    write_shard_folder(tmp_path)

    first, second = Shards(tmp_path).slices("train")[MRI.name]

    assert first.counted == (1, 2, 7, 6) and (first.weight, second.weight) == (1, 0.25)
    assert [round(float(first.pair(r)[0].max()), 2) for r in range(3)] == [0.6, 0.3, 1.0]


def test_shards_made_with_another_gain_are_refused(tmp_path: Path):
    write_shard_folder(tmp_path)
    path = tmp_path / "val" / "manifest.json"
    path.write_text(path.read_text().replace('"gain": 16.0', '"gain": 8.0'))

    with pytest.raises(ValueError, match="other gains"):
        Shards(tmp_path).slices("val")
