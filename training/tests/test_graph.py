"""The interpreter against plain formulas, and the start of a model."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from diffcode_training.graph import Graph, Node
from diffcode_training.parameters import Model
from diffcode_training.tasks import TASKS


def graph_of(*nodes: Node, inputs=("x",), params=(), outputs=None) -> Graph:
    return Graph("test", frozenset(inputs), tuple(params), nodes, outputs or {"y": nodes[-1].outputs[0]})


def test_layer_norm_runs_over_the_channels_of_each_pixel():
    x, gain, shift = torch.randn(2, 6, 4, 3), torch.randn(6), torch.randn(6)
    graph = graph_of(Node("layerNorm", ("x", "g", "s"), ("v0",), {"epsilon": 1e-6}), params=("g", "s"))

    (y,) = graph.run({"g": gain, "s": shift}, {"x": x}, ["y"])

    mean, variance = x.mean(1, keepdim=True), x.var(1, unbiased=False, keepdim=True)
    expected = (x - mean) / (variance + 1e-6).sqrt() * gain[:, None, None] + shift[:, None, None]
    assert torch.allclose(y, expected, atol=1e-5)


def test_a_vector_as_second_operand_runs_over_the_channels():
    x, vector = torch.randn(2, 3, 3, 3), torch.randn(3)
    graph = graph_of(Node("mul", ("x", "v"), ("v0",), {}), params=("v",))

    (y,) = graph.run({"v": vector}, {"x": x}, ["y"])

    assert torch.equal(y, x * vector[None, :, None, None])


def test_quantize_gives_the_code_forward_and_the_latent_backward():
    latent = torch.randn(1, 2, 2, 2, requires_grad=True)
    codes = torch.tensor([[0.0, 0], [1, 1], [-1, 0]])
    node = Node("quantize", ("x", "book"), ("c", "q", "p"), {"depth": 2})
    graph = graph_of(node, params=("book",), outputs={"codes": "c", "quantised": "q", "partials": "p"})

    indices, quantised, partials = graph.run({"book": codes}, {"x": latent}, ["codes", "quantised", "partials"])
    quantised.sum().backward()

    assert indices.shape == (1, 2, 2, 2) and partials.shape == (2, 1, 2, 2, 2)
    assert torch.allclose(quantised, codes[indices].sum(-2).permute(0, 3, 1, 2), atol=1e-6)
    assert torch.equal(latent.grad, torch.ones_like(latent))


def test_only_what_the_wanted_outputs_need_is_evaluated():
    nodes = (Node("affine", ("x",), ("v0",), {"factor": 2, "offset": 0}), Node("affine", ("missing",), ("v1",), {}))
    graph = graph_of(*nodes, outputs={"first": "v0", "second": "v1"})

    (first,) = graph.run({}, {"x": torch.ones(1)}, ["first"])

    assert first.item() == 2


def test_a_given_output_replaces_its_computation():
    nodes = (
        Node("affine", ("x",), ("v0",), {"factor": 2, "offset": 0}),
        Node("affine", ("v0",), ("v1",), {"factor": 10, "offset": 1}),
    )
    graph = graph_of(*nodes, outputs={"middle": "v0", "last": "v1"})

    (last,) = graph.run({}, {"middle": torch.tensor(3.0)}, ["last"])

    assert last.item() == 31


def test_a_fresh_model_restores_its_input_bit_for_bit(graphs):
    model = Model(graphs, 1, torch.device("cpu"))
    for task in TASKS:
        u = torch.randn(2, 1, 32, 24)
        (restored,) = model.graph(f"backbone/{task.name}").run(
            model.tensors, {"u": u, "reference": torch.randn_like(u)}, ["restored"]
        )
        assert torch.equal(restored, u)


def test_prior_and_backbone_together_are_the_restoration_graph(graphs):
    model = Model(graphs, 1, torch.device("cpu"))
    generator = torch.Generator().manual_seed(2)
    for tensor in model.tensors.values():
        tensor.copy_(0.2 * torch.randn(tensor.shape, generator=generator) + (tensor.dim() == 1))
    model.tensors["latent.std"].fill_(1)
    for task in TASKS:
        x, start = torch.rand(1, 1, 32, 32), torch.randn(1, 32, 4, 4)
        u = task.gain * (x - task.offset)
        (reference,) = model.graph(f"prior/{task.name}").run(model.tensors, {"u": u, "start": start}, ["reference"])
        (parts,) = model.graph(f"backbone/{task.name}").run(
            model.tensors, {"u": u, "reference": reference}, ["restored"]
        )
        (whole,) = model.graph(f"restore/{task.name}").run(model.tensors, {"x": x, "start": start}, ["restored"])
        assert torch.allclose(whole, (parts / task.gain + task.offset).clamp(0, 1), atol=1e-4), task.name


def test_the_same_seed_starts_the_same_weights(graphs):
    first, second, other = (Model(graphs, seed, torch.device("cpu")).tensors for seed in (1, 1, 2))

    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())
    assert not torch.equal(first["evq.intro.weight"], other["evq.intro.weight"])
    weight = first["evq.intro.weight"]
    assert float(weight.abs().max()) <= 1 / 3 and F.mse_loss(weight, torch.zeros_like(weight)) > 0
