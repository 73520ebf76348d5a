# ruff: noqa: ARG002 - stand-ins take what the protocol gives
"""Checks that every candidate goes through, found in the catalogue: a new one is tested the day it is added."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from millwright.models.compile.compilation import compile_model
from millwright.models.model import Model
from millwright.models.package import load_predictor, pack, unpack
from millwright.training.candidate.catalog import baseline, select
from millwright.training.problem import ProblemSource
from millwright.training.validation import fold_pool, recorded_warnings

if TYPE_CHECKING:
    from millwright.training.candidate.candidate import Candidate, Setting
    from millwright.training.table import TrainingTable


class _Ends:
    """Suggests one end of every range."""

    def __init__(self, *, high: bool) -> None:
        self._high = high

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return high if self._high else low

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return high if self._high else low

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        return choices[-1 if self._high else 0]


def _fitted(table: TrainingTable, candidate: Candidate, params: dict[str, Any]) -> Model:
    source = ProblemSource(table, seed=0)
    problem = source.problem(1_000, whole_groups=False)
    with recorded_warnings(), fold_pool(1):
        estimator = candidate.build(params, problem.setting).fit(problem.matrix, problem.goal)
    return Model(estimator=estimator, signature=table.signature, encoder=source.encoder)


def _settings(candidate: Candidate) -> list[dict[str, Any]]:
    return [dict(candidate.defaults), candidate.suggest(_Ends(high=False)), candidate.suggest(_Ends(high=True))]


@pytest.fixture(params=range(7))
def candidate(request: pytest.FixtureRequest, prepared_table: TrainingTable) -> Candidate:
    return select(prepared_table.signature.task)[request.param]


def test_candidate_converts_to_onnx_and_is_proven_over_its_whole_space(
    candidate: Candidate, prepared_table: TrainingTable
) -> None:
    for params in _settings(candidate):
        compilation = compile_model(_fitted(prepared_table, candidate, params), prepared_table.inputs)

        assert compilation.status == "proven", (params, compilation.reason)


def test_candidate_survives_its_package_and_is_the_same_to_the_byte(
    candidate: Candidate, prepared_table: TrainingTable
) -> None:
    for params in _settings(candidate)[1:]:
        model = _fitted(prepared_table, candidate, params)
        package = pack(model)

        assert pack(_fitted(prepared_table, candidate, params)) == package
        assert pack(unpack(package)) == package
        found = load_predictor(package).predict_frame(prepared_table.inputs)
        assert found.equals(model.predict(prepared_table.inputs))


def test_candidate_has_defaults_inside_its_space_and_json_parameters(candidate: Candidate) -> None:
    low, high = candidate.suggest(_Ends(high=False)), candidate.suggest(_Ends(high=True))

    assert set(candidate.defaults) == set(low)
    for name, value in candidate.defaults.items():
        if isinstance(value, str):
            assert value in {low[name], high[name]}
        else:
            assert low[name] <= value <= high[name]
    json.dumps([low, high, dict(candidate.defaults)])


def test_candidate_keeps_to_one_core(candidate: Candidate, prepared_table: TrainingTable) -> None:
    estimator = candidate.build(candidate.defaults, _setting(prepared_table))
    jobs = [value for name, value in estimator.get_params().items() if name.endswith("n_jobs")]

    assert set(jobs) <= {None, 1}


def test_baseline_packs_and_answers_always_the_same(prepared_table: TrainingTable) -> None:
    task = prepared_table.signature.task
    model = unpack(pack(_fitted(prepared_table, baseline(task), {})))

    assert model.predict(prepared_table.inputs)["prediction"].n_unique() == 1
    if not task.is_classification:
        mean = prepared_table.target.mean()
        np.testing.assert_allclose(model.predict(prepared_table.inputs.head(1))["prediction"][0], mean)


def _setting(table: TrainingTable) -> Setting:
    return ProblemSource(table, seed=0).problem(1_000, whole_groups=False).setting
