"""Small made-up slices: discs and bars with noise. They only have to be learnable."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from diffcode_training import safetensors_io
from diffcode_training.slices import Box, Slice
from diffcode_training.tasks import CT, MRI, PET, TASKS, Task


def phantom(random: np.random.Generator, task: Task, size: int) -> np.ndarray:
    """An ellipse of tissue with structures, in u; around it air, in CT fat, since a short run cannot learn air."""
    rows, columns = np.mgrid[0:size, 0:size] / size - 0.5
    body, around = {CT: (0.2, -0.3), MRI: (0.4, 0.0), PET: (0.3, 0.0)}[task]
    image = np.full((size, size), around, np.float64)
    image[rows**2 / 0.2 + columns**2 / 0.16 < 1] = body
    for _ in range(8):
        y, x = random.uniform(-0.3, 0.3, 2)
        radius = random.uniform(0.03, 0.12)
        image[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = body * random.uniform(0.5, 1.8)
    return image


def slices_of(task: Task, count: int, seed: int, size: int = 72) -> list[Slice]:
    """Slices of two series with two realisations of white noise."""
    random = np.random.default_rng([seed, task.index])
    low, high = task.bounds
    made = []
    for number in range(count):
        hq = phantom(random, task, size)
        noisy = [np.clip(hq + random.normal(0, 0.05, hq.shape), low, high) for _ in range(2)]
        counted = Box(3, 3, size - 3, size - 3) if task is PET else Box(0, 0, size, size)
        lq = np.stack(noisy).astype(np.float16)
        made.append(Slice(task, f"{task.name}-{number % 2}", hq.astype(np.float16), lq, counted, (1.0, 1.0)))
    return made


def slice_set(count: int, seed: int) -> dict[str, list[Slice]]:
    return {task.name: slices_of(task, count, seed) for task in TASKS}


def write_shards(folder: Path) -> Path:
    """The made-up slices in the layout that `prepare` writes."""
    scales = {task.name: {"gain": task.gain, "offset": task.offset} for task in TASKS}
    for seed, (part, count) in enumerate({"train": 4, "val": 2}.items(), 1):
        entries = []
        (folder / part).mkdir(parents=True)
        for task in TASKS:
            slices = slices_of(task, count, seed)
            file = f"{task.name}.safetensors"
            tensors = {
                "hq": np.stack([slice_.hq for slice_ in slices]),
                "lq": np.stack([slice_.lq for slice_ in slices], 1),
                "hq_factor": np.ones(2, np.float32),
                "weight": np.ones(count, np.float32),
            }
            safetensors_io.write(folder / part / file, tensors, {"task": task.name})
            entries.append(
                {"file": file, "task": task.name, "source": f"{task.name}-x", "valid": list(slices[0].counted)}
            )
        manifest = {"format": "diffcode-shards-1", "inputScales": scales, "shards": entries, "digest": part}
        (folder / part / "manifest.json").write_text(json.dumps(manifest))
    return folder
