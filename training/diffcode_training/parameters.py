"""All tensors of a model by name, started as `parameters.json` says. model-spec.md 2.2, 5."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import torch

from .graph import Graph


class Model:
    """Weights, buffers and graphs of one preset with one ablation. Holds no architecture."""

    def __init__(self, folder: Path, seed: int, device: torch.device) -> None:
        document = json.loads((folder / "parameters.json").read_text())
        self.preset: dict = document["preset"]
        self.ablation: dict = document["ablation"]
        self.metadata: dict[str, str] = document.get("metadata", {})
        self.device = device
        self.folder = folder
        self.stage_of = {row["name"]: row["trainedInStage"] for row in document["parameters"]}
        generator = torch.Generator().manual_seed(seed)
        self.tensors = {row["name"]: initial(row, generator).to(device) for row in document["parameters"]}
        self._graphs: dict[str, Graph] = {}

    def graph(self, name: str) -> Graph:
        """`classify`, or `<kind>/<task>`; read once."""
        if name not in self._graphs:
            self._graphs[name] = Graph.load(self.folder / "graphs" / f"{name}.json")
        return self._graphs[name]

    def trained_in(self, stage: int) -> dict[str, torch.Tensor]:
        """What gradients change in a stage. Codebooks move by their averages and are left out."""
        return {
            name: tensor
            for name, tensor in self.tensors.items()
            if self.stage_of[name] == stage and not name.startswith("codebook.")
        }

    def codebooks(self) -> dict[str, torch.Tensor]:
        return {name: tensor for name, tensor in self.tensors.items() if name.startswith("codebook.")}

    def codebook_of(self, task_name: str) -> str:
        """Name of the codebook that the task's graphs quantize with."""
        nodes = self.graph(f"stage1/{task_name}").nodes
        return next(node.inputs[1] for node in nodes if node.op == "quantize")

    @torch.no_grad()
    def load(self, tensors: dict[str, torch.Tensor]) -> None:
        for name, tensor in self.tensors.items():
            tensor.copy_(tensors[name])


def initial(row: dict, generator: torch.Generator) -> torch.Tensor:
    """A fresh tensor; the draws depend on the seed and on the order of the list alone."""
    shape, init = row["shape"], row["init"]
    tensor = _STARTS[init["kind"]](shape, init, generator)
    silenced = init.get("zeroInputChannel")
    if silenced is not None:
        tensor[:, silenced] = 0
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor


def _kaiming_uniform(shape: list[int], init: dict, generator: torch.Generator) -> torch.Tensor:
    bound = 1 / math.sqrt(init["fanIn"])
    return torch.empty(shape).uniform_(-bound, bound, generator=generator)


Start = Callable[[list, dict, torch.Generator], torch.Tensor]
_STARTS: dict[str, Start] = {
    "kaiming-uniform": _kaiming_uniform,
    "zeros": lambda shape, _, __: torch.zeros(shape),
    "ones": lambda shape, _, __: torch.ones(shape),
    "values": lambda shape, init, _: torch.tensor(init["values"], dtype=torch.float32).reshape(shape),
    "k-means": lambda shape, _, __: torch.zeros(shape),
}
