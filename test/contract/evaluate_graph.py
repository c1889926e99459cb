"""Evaluates an exported graph in PyTorch: graph.json weights.safetensors inputs.safetensors outputs.safetensors."""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))

from diffcode_training import safetensors_io  # noqa: E402
from diffcode_training.graph import Graph  # noqa: E402


def main(graph_file: str, weights_file: str, inputs_file: str, outputs_file: str) -> None:
    graph = Graph.load(Path(graph_file))
    weights, _ = safetensors_io.read(Path(weights_file))
    inputs, _ = safetensors_io.read(Path(inputs_file))
    parameters = {name: torch.from_numpy(np.array(weights[name], dtype=np.float32)) for name in graph.params}
    given = {name: torch.from_numpy(np.array(value)) for name, value in inputs.items()}
    with torch.no_grad():
        values = graph.run(parameters, given, list(graph.outputs))
    arrays = {name: value.contiguous().numpy().astype(np.float32) for name, value in zip(graph.outputs, values)}
    safetensors_io.write(Path(outputs_file), arrays, {})


main(*sys.argv[1:])
