"""Evaluates a graph that TypeScript traced. The format is graph-ir.ts's; engines.md 5 and 8.

The straight-through estimator is this interpreter's rule for the op `quantize`; every other op is a plain
torch function. Values are NCHW; images are kept in channels_last memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
import torch.nn.functional as F

from .codebook import quantize

_VERSION = 1
Values = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Node:
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attrs: Mapping[str, object]


@dataclass(frozen=True)
class Step:
    """A node to evaluate, and the values that nobody reads afterwards."""

    node: Node
    last_uses: tuple[str, ...]


@dataclass
class Graph:
    """Nodes in evaluation order; `outputs` maps an output's name to the value that it gives out."""

    name: str
    inputs: frozenset[str]
    params: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: Mapping[str, str]
    _plans: dict[tuple, tuple[Step, ...]] = field(default_factory=dict)

    @staticmethod
    def load(path: Path) -> Graph:
        document = json.loads(path.read_text())
        if document["version"] != _VERSION:
            raise ValueError(f"{path.name}: graph version {document['version']}, this trainer reads {_VERSION}")
        return Graph(
            name=document["name"],
            inputs=frozenset(value["name"] for value in document["inputs"]),
            params=tuple(value["name"] for value in document["params"]),
            nodes=tuple(Node(n["op"], tuple(n["in"]), tuple(n["out"]), n["attrs"]) for n in document["nodes"]),
            outputs={value["name"]: value["value"] for value in document["outputs"]},
        )

    def run(
        self, parameters: Values, given: Values, wanted: Sequence[str], quantizer: str = "straight-through"
    ) -> list[torch.Tensor]:
        """The wanted outputs. `given` holds inputs, or outputs to be used instead of computing them."""
        known = {self.outputs.get(name, name): value for name, value in given.items()}
        targets = tuple(self.outputs[name] for name in wanted)
        values: dict[str, torch.Tensor] = dict(known)
        for step in self._plan(targets, frozenset(known)):
            node = step.node
            arguments = [values[name] if name in values else parameters[name] for name in node.inputs]
            if node.op == "quantize":
                results = _quantize(arguments[0], arguments[1], int(node.attrs["depth"]), quantizer)
            else:
                results = (_OPS[node.op](arguments, node.attrs),)
            values.update(zip(node.outputs, results))
            for name in step.last_uses:
                values.pop(name, None)
        return [values[name] for name in targets]

    def with_parameter(self, old: str, new: str) -> Graph:
        """The same graph reading another parameter: another task's codebook in the swap test."""
        swap = {old: new}
        nodes = tuple(replace(n, inputs=tuple(swap.get(name, name) for name in n.inputs)) for n in self.nodes)
        return replace(self, nodes=nodes, params=tuple(swap.get(name, name) for name in self.params), _plans={})

    def _plan(self, targets: tuple[str, ...], known: frozenset[str]) -> tuple[Step, ...]:
        key = (targets, known)
        if key not in self._plans:
            self._plans[key] = _plan(self, targets, known)
        return self._plans[key]


def _plan(graph: Graph, targets: tuple[str, ...], known: frozenset[str]) -> tuple[Step, ...]:
    needed = set(targets) - known
    available = known | set(graph.params)
    nodes: list[Node] = []
    for node in reversed(graph.nodes):
        if needed.isdisjoint(node.outputs):
            continue
        nodes.append(node)
        needed -= set(node.outputs)
        needed |= set(node.inputs) - available
    if needed:
        raise ValueError(f"graph {graph.name}: {', '.join(sorted(needed))} is neither given nor computed")
    steps: list[Step] = []
    later = set(targets)
    for node in nodes:
        last_uses = (set(node.inputs) | set(node.outputs)) - later - set(graph.params)
        steps.append(Step(node, tuple(sorted(last_uses))))
        later |= set(node.inputs)
    return tuple(reversed(steps))


def _quantize(
    latent: torch.Tensor, codes: torch.Tensor, depth: int, mode: str
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """`[n, d, h, w]` → codes `[n, h, w, D]`, quantised `[n, d, h, w]`, partials `[D, n, d, h, w]`."""
    n, d, h, w = latent.shape
    tokens = latent.detach().float().permute(0, 2, 3, 1).reshape(-1, d)
    if mode == "identity":
        empty = torch.zeros(n, h, w, 0, dtype=torch.int64)
        return empty, latent, latent.new_zeros(0, n, d, h, w)
    with torch.no_grad():
        indices, partials = quantize(tokens, codes.detach().float(), depth)
    images = partials.reshape(depth, n, h, w, d).permute(0, 1, 4, 2, 3)
    quantised = latent + (images[-1] - latent).detach() if latent.requires_grad else images[-1]
    return indices.reshape(n, h, w, depth), quantised, images


def _beside(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The second operand of a binary op, seen so that it broadcasts: a vector runs over the channels."""
    if b.dim() != 1 or b.shape[0] == 1:
        return b
    return b.reshape(1, -1, *([1] * (a.dim() - 2)))


def _conv2d(a: Sequence[torch.Tensor], attrs: Mapping) -> torch.Tensor:
    bias = a[2] if len(a) == 3 else None
    return F.conv2d(a[0], a[1], bias, attrs["stride"], attrs["pad"], 1, attrs["groups"])


def _linear(a: Sequence[torch.Tensor], _: Mapping) -> torch.Tensor:
    if a[0].dim() == 2:
        return F.linear(a[0], a[1], a[2])
    return F.conv2d(a[0], a[1][:, :, None, None], a[2])


def _layer_norm(a: Sequence[torch.Tensor], attrs: Mapping) -> torch.Tensor:
    last = F.layer_norm(a[0].permute(0, 2, 3, 1), a[1].shape, a[1], a[2], attrs["epsilon"])
    return last.permute(0, 3, 1, 2)


def _simple_gate(a: Sequence[torch.Tensor], _: Mapping) -> torch.Tensor:
    first, second = a[0].chunk(2, 1)
    return first * second


def _gate(a: Sequence[torch.Tensor], attrs: Mapping) -> torch.Tensor:
    scores = a[0][attrs["row"], list(attrs["experts"])]
    return torch.softmax(scores, 0)[attrs["position"]].reshape(1)


Op = Callable[[Sequence[torch.Tensor], Mapping], torch.Tensor]
_OPS: dict[str, Op] = {
    "row": lambda a, attrs: a[0][attrs["index"]],
    "conv2d": _conv2d,
    "linear": _linear,
    "layerNorm": _layer_norm,
    "simpleGate": _simple_gate,
    "globalMean": lambda a, _: a[0].mean((2, 3), keepdim=True),
    "pixelShuffle": lambda a, _: F.pixel_shuffle(a[0], 2),
    "concat": lambda a, _: torch.cat((a[0], a[1]), 1),
    "add": lambda a, _: a[0] + _beside(a[0], a[1]),
    "sub": lambda a, _: a[0] - _beside(a[0], a[1]),
    "mul": lambda a, _: a[0] * _beside(a[0], a[1]),
    "div": lambda a, _: a[0] / _beside(a[0], a[1]),
    "affine": lambda a, attrs: a[0] * attrs["factor"] + attrs["offset"],
    "leakyRelu": lambda a, attrs: F.leaky_relu(a[0], attrs["slope"]),
    "clamp": lambda a, attrs: a[0].clamp(attrs["low"], attrs["high"]),
    "gate": _gate,
}
