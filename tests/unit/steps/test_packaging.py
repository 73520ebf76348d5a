from __future__ import annotations

import numpy as np

from millwright.models.adoption import adopt
from millwright.models.package import read_manifest
from millwright.models.rules import InputRules
from millwright.steps.packaging import package
from unit.models.graphs import dense_graph
from unit.models.numbers import numeric_rows


def test_package_tells_how_it_is_compiled_and_what_8_bit_weights_cost(ctx):
    rows = numeric_rows(nulls=False)
    weights = np.random.default_rng(0).normal(scale=0.05, size=(4, 3))
    model = adopt(dense_graph(weights, last="Softmax"), rows, classes=("a", "b", "c"))

    data = package(ctx, model, rows, int8_within=0.05)

    assert ctx.facts["compilation"] == "native"
    assert (ctx.facts["int8"], ctx.facts["int8_reason"]) == ("used", "")
    assert ctx.facts["int8_loss"] == read_manifest(data)["compilation"]["quantization"]["loss"]


def test_package_keeps_the_rules_for_inputs(ctx):
    rows = numeric_rows(nulls=False)
    model = adopt(dense_graph(np.ones((4, 1))), rows)

    data = package(ctx, model, rows, inputs=InputRules(nan="refuse", optional=("floors",), defaults={"floors": 3}))

    signature = read_manifest(data)["signature"]
    assert (signature["nan"], signature["inputs"][2]["required"], signature["inputs"][2]["default"]) == (
        "refuse",
        False,
        3,
    )
    assert (ctx.facts["nan"], ctx.facts["unseen"]) == ("refuse", "allow")
