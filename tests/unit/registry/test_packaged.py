from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from millwright.core.errors import InvalidInputError
from millwright.models.adoption import adopt
from millwright.models.package import load_predictor
from millwright.models.rules import InputRules
from millwright.registry.packaged import RegisterOptions, register_model
from unit.models.graphs import dense_graph
from unit.models.numbers import numeric_rows

if TYPE_CHECKING:
    from millwright.models.model import Model
    from millwright.registry import Registry
    from millwright.storage.catalog import Stores

_ROWS = pl.DataFrame({"floors": [1.0, 2.0, 4.0]})


@pytest.fixture
def model() -> Model:
    return adopt(LinearRegression().fit(_ROWS.to_numpy(), [10.0, 20.0, 40.0]), _ROWS, target="days")


def test_model_becomes_a_version_with_its_environment_and_compilation(
    model: Model, registry: Registry, stores: Stores
) -> None:
    options = RegisterOptions(metrics={"rmse": 1.5}, tags={"by": "ann"})
    version = register_model(model, "delay", sample=_ROWS, registry=registry, stores=stores, options=options)

    assert (version.ref, version.flavor, version.state.value) == ("delay@1", "sklearn", "candidate")
    assert version.params == {"candidate": "LinearRegression"}
    assert (version.metrics, version.tags) == ({"rmse": 1.5}, {"by": "ann"})
    assert version.compilation["status"] == "proven"
    assert set(version.documents) == {"environment.json"}
    predictor = load_predictor(stores.artifacts.get(version.stored_package()))
    assert predictor.predict_rows([{"floors": 3.0}])[0]["prediction"] == pytest.approx(30)


def test_model_that_is_registered_gives_the_version_that_is_there(
    model: Model, registry: Registry, stores: Stores
) -> None:
    first = register_model(model, "delay", sample=_ROWS, registry=registry, stores=stores)

    assert register_model(model, "delay", sample=_ROWS, registry=registry, stores=stores).ref == first.ref


def test_rules_for_inputs_are_part_of_the_version(model: Model, registry: Registry, stores: Stores) -> None:
    rules = InputRules(nan="default", optional=("floors",), defaults={"floors": 2.0})
    version = register_model(
        model, "delay", sample=_ROWS, registry=registry, stores=stores, options=RegisterOptions(inputs=rules)
    )

    assert version.signature["nan"] == "default"
    predictor = load_predictor(stores.artifacts.get(version.stored_package()))
    assert predictor.signature.complete([{}, {"floors": None}, {"floors": 4.0}]) == [
        {"floors": 2.0}, {"floors": 2.0}, {"floors": 4.0},
    ]  # fmt: skip
    assert predictor.predict_frame(pl.DataFrame({"x": [1]}))["prediction"].to_list() == pytest.approx([20])


@pytest.mark.parametrize(("within", "status"), [(0.05, "used"), (1e-9, "refused"), (None, None)])
def test_weights_of_8_bits_are_used_when_they_cost_little_enough(
    registry: Registry, stores: Stores, within: float | None, status: str | None
) -> None:
    rows = numeric_rows(nulls=False)
    weights = np.random.default_rng(0).normal(scale=0.05, size=(4, 3))
    network = adopt(dense_graph(weights, last="Softmax"), rows, classes=("a", "b", "c"))
    options = RegisterOptions(int8_within=within)
    version = register_model(network, "kind", sample=rows, registry=registry, stores=stores, options=options)

    assert version.compilation.get("quantization", {}).get("status") == status


def test_sample_that_does_not_fit_is_refused(model: Model, registry: Registry, stores: Stores) -> None:
    with pytest.raises(InvalidInputError, match="'floors' is missing"):
        register_model(model, "delay", sample=pl.DataFrame({"x": [1]}), registry=registry, stores=stores)
