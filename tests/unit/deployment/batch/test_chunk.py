from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import UnsafeArtifactError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract
from millwright.deployment.batch.chunk import Chunk, Recipe
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.models.package import load_predictor, pack
from unit.models.functions import ROWS, delay_module
from unit.models.tensor_graphs import sentence_graph


def contract() -> Contract:
    columns = (
        ColumnContract(name="days", type=ColumnType.NUMBER),
        ColumnContract(name="crews", type=ColumnType.INTEGER),
        ColumnContract(name="borough", type=ColumnType.CATEGORY),
    )
    return Contract(name="visits", columns=columns)


def test_rows_that_fit_get_the_models_answers_and_the_others_their_reasons(recipe, chunks):
    chunk = chunks[2]
    done = recipe.build().predict(chunk)
    assert done.index == 2
    fitting = chunk.frame.drop_nulls()
    assert done.good.columns == [*chunk.frame.columns, "prediction", "probability", "model_version"]
    assert done.good.select(chunk.frame.columns).equals(fitting)
    expected = load_predictor(recipe.package).predict_frame(fitting)
    assert done.good["probability"].to_list() == expected["probability"].to_list()
    assert done.bad["_row"].to_list() == done.bad["id"].to_list()
    assert dict(done.reasons) == {"column 'crews': expected an integer, found null": done.bad.height}


def test_rows_refused_by_contract_and_by_signature_come_in_the_tables_order(package):
    recipe = Recipe(package=package, model_ref="delay@1", contract=contract())
    frame = pl.DataFrame(
        {"days": ["1", "2", "x", "4"], "crews": ["", "2", "3", ""], "borough": ["Queens"] * 4},
        schema_overrides={"borough": pl.Categorical},
    )
    done = recipe.build().predict(Chunk(index=1, first_row=10, frame=frame))
    assert done.bad["_row"].to_list() == [10, 12, 13]
    assert done.bad["days"].to_list() == ["1", "x", "4"]
    assert sum(done.reasons.values()) == 3
    assert done.good["days"].to_list() == [2.0]


def test_rows_that_a_model_cannot_answer_are_parted_with_its_reason():
    model = adopt(sentence_graph(), np.arange(8).reshape(2, 4))
    recipe = Recipe(package=pack(model), model_ref="sentence@1")
    frame = pl.DataFrame({"id": range(5), "ids": [[1, 2], [3, 60], None, [4], [70]]})
    done = recipe.build().predict(Chunk(index=0, first_row=10, frame=frame))
    assert (done.good["id"].to_list(), done.bad["_row"].to_list()) == ([0, 3], [11, 12, 14])
    assert done.bad["id"].to_list() == [1, 2, 4]
    assert done.bad["_reasons"][0].startswith("the model cannot answer it: indices element out of data bounds, idx=60")
    assert len(done.reasons) == 3
    assert not recipe.build().predict(Chunk(index=0, first_row=0, frame=frame[[1]])).good.height


def test_recipe_goes_to_another_process_and_tells_models_apart(recipe, packages):
    assert pickle.loads(pickle.dumps(recipe)) == recipe  # noqa: S301 (our own bytes)
    others = [
        Recipe(package=packages[1], model_ref="delay@1"),
        Recipe(package=packages[0], model_ref="delay@2"),
        Recipe(package=packages[0], model_ref="delay@1", prefer_onnx=False),
        Recipe(package=packages[0], model_ref="delay@1", contract=contract()),
    ]
    assert all(other.identity() != recipe.identity() for other in others)


def test_model_that_is_code_predicts_only_where_that_is_allowed(tmp_path, monkeypatch):
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 1.0})
    recipe = Recipe(package=pack(adopt(function, ROWS)), model_ref="delay@1")
    with pytest.raises(UnsafeArtifactError, match="allow_code"):
        recipe.build()
    done = replace(recipe, allow_code=True).build().predict(Chunk(index=0, first_row=0, frame=ROWS))
    assert done.good["prediction"].to_list()[:2] == [15.0, 21.0]
