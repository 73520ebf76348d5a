from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import PredictionId, new_id
from millwright.core.records.prediction import LabelRecord
from millwright.governance.why import aliases_at, explain_prediction, explain_version


def test_prediction_is_explained_down_to_the_source_file(house: Any):
    house.register()
    record = house.predict()
    found = explain_prediction(record.id, stores=house.stores)
    assert (found.prediction_id, found.model, found.endpoint) == (record.id, "delay@1", "delay")
    assert found.features == record.features
    assert found.aliases_then == ("champion",)
    version = found.version
    assert [dataset.source_uri for dataset in version.datasets] == ["x.csv"]
    assert version.quarantined[0].reasons == {"end before start": 90, "no key": 10}
    assert version.training is not None
    assert version.training.trials == 3
    assert version.training.candidates[0].metrics == {"roc_auc": 0.83}
    assert version.pipeline is not None
    assert [step.step for step in version.pipeline.steps] == ["ingest", "validate"]
    assert version.code is not None
    assert version.code.git_commit == "c0ffee"
    assert version.environment is not None
    assert version.gates_passed is True
    assert [entry.action for entry in version.history] == ["model.register", "model.promote"]
    assert version.missing == ()


def test_explanation_is_json_and_text(house: Any):
    house.register()
    house.registry.approve("delay", 1, reason="looked at it")
    found = explain_prediction(house.predict().id, stores=house.stores)
    data = json.loads(msgspec.json.encode(found))
    assert data["version"]["datasets"][0]["ref"] == "schedules@1"
    text = "\n".join(found.to_text())
    for part in (
        f"Prediction {found.prediction_id}",
        "the caller's key: phase-7",
        "which carried champion then",
        "Features\n  cost ",
        "Model delay@1 (approved, champion)",
        "compiled to ONNX: refused: not tried",
        "  winner logistic_regression: C=1",
        "    svm: too many rows",
        "schedules@1: 1,000 rows",
        "schedules.quarantine@1: 100 rows of schedules@1 set aside\n    90 x end before start",
        "delay run ",
        "    ingest (completed): dataset=schedules@1, rows=1000",
        "git c0ffee with uncommitted changes",
        "Environment\n  Python ",
        "Gates (passed)\n  passed threshold (roc_auc): High enough.",
        "user:ada approved: looked at it",
        "user:ada model.promote alias=champion, reason=gates passed",
    ):
        assert part in text


def test_prediction_shows_its_label_when_it_is_known(house: Any):
    house.register()
    record, later = house.predict(), house.clock.now() + timedelta(days=9)
    label = LabelRecord(prediction_id=record.id, value=0, observed_at=later, recorded_at=later)
    house.stores.predictions.append_labels("delay", [label])
    found = explain_prediction(record.id, stores=house.stores)
    assert (found.label, found.labelled_at) == (0, later)
    assert "  truth: 0, known since 2026-01-24 12:00:00 UTC" in list(found.to_text())


def test_prediction_that_was_not_logged_is_not_found(house: Any):
    with pytest.raises(NotFoundError, match=r"no prediction 'abc'.*Give the whole id"):
        explain_prediction(PredictionId("abc"), stores=house.stores)
    with pytest.raises(NotFoundError):
        explain_prediction(PredictionId(new_id()), stores=house.stores)


def test_aliases_are_those_of_the_moment_not_those_of_today(house: Any):
    first = house.register()
    before = house.clock.now() - timedelta(seconds=1)
    house.clock.advance(timedelta(hours=1))
    house.registry.promote("delay", 1, "canary", reason="try")
    middle = house.clock.now()
    house.clock.advance(timedelta(hours=1))
    house.package += b" "  # another package
    second = house.register()
    house.clock.advance(timedelta(hours=1))
    house.registry.delete_alias("delay", "canary", reason="tried")
    rolled = house.clock.now() + timedelta(hours=1)
    stores = house.stores
    assert aliases_at(first, before, stores) == ()
    assert aliases_at(first, middle, stores) == ("canary", "champion")
    assert aliases_at(first, rolled, stores) == ()
    assert aliases_at(second, rolled, stores) == ("champion",)
    house.clock.advance(timedelta(hours=2))
    house.registry.rollback("delay", reason="worse")
    assert aliases_at(first, house.clock.now(), stores) == ("champion",)


def test_version_is_explained_without_what_is_missing(house: Any):
    house.register(without=("environment.json", "gates.json"), promote=False)
    found = explain_version("delay@1", stores=house.stores)
    assert found.environment is None
    assert found.gates_passed is None
    assert set(found.missing) == {
        "The version has no document 'environment.json'.",
        "The version has no document 'gates.json'.",
    }
    assert "Missing" in list(found.to_text())
    assert "Gates (no report)" in list(found.to_text())


def test_version_is_explained_when_documents_are_damaged(house: Any):
    house.documents["environment.json"] = b"[]"
    house.documents["gates.json"] = b"{"
    version = house.register(promote=False)
    house.stores.artifacts.delete(version.package)
    found = explain_version("delay@1", stores=house.stores)
    assert [sentence.split(" cannot be read")[0] for sentence in found.missing] == [
        "The gate report",
        "The package",
        "The environment",
    ]
    assert found.training is not None
    assert found.training.candidate == "logistic_regression"


@pytest.mark.parametrize("ref", ["delay", "delay@champion", "@", "dela@1"])
def test_version_that_is_none_is_not_found(house: Any, ref: str):
    house.register()
    with pytest.raises(NotFoundError, match="delay"):
        explain_version(ref, stores=house.stores)
