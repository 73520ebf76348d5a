"""Package: the model as one archive that loads anywhere, compiled to ONNX where that is proven equal."""

from __future__ import annotations

import polars as pl

from millwright.models.compile.compilation import compile_model, quantize_model
from millwright.models.model import Model
from millwright.models.package import pack
from millwright.models.rules import InputRules, with_rules
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step


@step
def package(
    ctx: StepContext,
    model: Model,
    sample: pl.DataFrame,
    int8_within: float | None = None,
    inputs: InputRules | None = None,
) -> bytes:
    """Store a model without pickle, with its signature, example and, if proven equal on a sample, its compilation.

    Args:
        ctx: Given by the runner.
        model: A fitted model.
        sample: Rows with the model's input columns; up to 2,000 of them, evenly spread, are compared.
        int8_within: Give a neural network's weights 8 bits if that changes probabilities on the sample by no more than
            this (numbers: relative to their spread); not at all when None.
        inputs: What the served model takes beside what training saw: columns that may be absent or null, and policies
            for nulls and unseen categories.

    Returns:
        The package's bytes; their digest is the package's identity in the registry.
    """
    if inputs is not None:
        model = with_rules(model, inputs)
        ctx.note(nan=model.signature.nan.value, unseen=model.signature.unseen.value)
    compilation = compile_model(model, sample)
    if int8_within is not None:
        compilation = quantize_model(model, compilation, sample, within=int8_within)
        told = compilation.to_json()["quantization"]
        ctx.note(int8=told["status"], int8_reason=told["reason"], int8_loss=told["loss"])
    data = pack(model, compilation=compilation)
    ctx.note(
        compilation=compilation.status, reason=compilation.reason, rows=compilation.rows,
        max_difference=compilation.max_difference, size_mb=round(len(data) / 1e6, 3),
    )  # fmt: skip
    return data
