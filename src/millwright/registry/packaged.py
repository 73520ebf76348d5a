"""A model that was fitted outside of a pipeline, as a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from millwright.models.compile.compilation import compile_model, quantize_model
from millwright.models.package import pack, read_manifest
from millwright.models.rules import InputRules, with_rules
from millwright.models.tensor.sample import sample_frame
from millwright.registry.draft import VersionDraft
from millwright.tracking.environment import capture_environment

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.model import Model
    from millwright.models.tensor.sample import Sample
    from millwright.registry.registry import Registry
    from millwright.storage.catalog import Stores

_KEPT = ("candidate", "params", "metric", "seed")


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterOptions:
    """What may be said of a model when it is registered.

    Attributes:
        metrics: What is known of its worth.
        tags: Whatever else is worth noting.
        inputs: Columns that may be absent or null, and policies for nulls and unseen categories; as training saw them
            when None.
        int8_within: Give a neural network's weights 8 bits if that changes probabilities on the sample by no more than
            this (numbers: relative to their spread); not at all when None. What it cost stands in the compilation.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    inputs: InputRules | None = None
    int8_within: float | None = None


def register_model(
    model: Model,
    name: str,
    *,
    sample: Sample,
    registry: Registry,
    stores: Stores,
    options: RegisterOptions | None = None,
) -> ModelVersionRecord:
    """Package, compile where that is proven, and register; a package that is there already gives its version.

    The version has no evaluation and no gate report. In a pipeline the steps `package`, `evaluate`, `check_gates` and
    `register` take such a model as any other, and give it both.

    Args:
        model: Such as `models.adoption.adopt` gives.
        name: The registered model's name.
        sample: Rows with the model's input columns, or arrays as `adopt` takes them, on which the compilation is
            compared.
        registry: Such as a workspace's.
        stores: The stores of the same workspace.
        options: What else to say of it, and what it takes beside what training saw.

    Raises:
        InvalidInputError: The name is not allowed, the model cannot be stored, or the sample doesn't fit it.
    """
    chosen = options or RegisterOptions()
    if chosen.inputs is not None:
        model = with_rules(model, chosen.inputs)
    rows = sample_frame(sample, tuple(model.signature.tensors))
    compilation = compile_model(model, rows)
    if chosen.int8_within is not None:
        compilation = quantize_model(model, compilation, rows, within=chosen.int8_within)
    package = pack(model, compilation=compilation)
    manifest = read_manifest(package)
    environment = stores.artifacts.put(msgspec.json.encode(capture_environment(), order="deterministic"))
    return registry.register(
        VersionDraft(
            name=name,
            package=stores.artifacts.put(package),
            size_bytes=len(package),
            flavor=model.flavor,
            signature=manifest["signature"],
            params={key: model.training[key] for key in _KEPT if key in model.training},
            metrics=dict(chosen.metrics),
            compilation=manifest["compilation"],
            documents={"environment.json": environment},
            tags=dict(chosen.tags),
        )
    )
