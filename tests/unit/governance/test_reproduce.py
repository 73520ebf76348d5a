from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from millwright.governance.reproduce import compare_environments, compare_params, reproduce
from millwright.models.package import pack
from millwright.tracking.environment import capture_environment


def test_version_is_identical_when_training_gives_the_same_bytes(house: Any):
    version = house.register()
    asked = []

    def retrain(record: Any) -> bytes:
        asked.append(record.ref)
        return bytes(house.package)

    found = reproduce(version, stores=house.stores, retrain=retrain)
    assert asked == ["delay@1"]
    assert (found.same, found.identical, found.rows) == (True, True, 540)
    assert (found.max_difference, found.changed_classes) == (0.0, 0)
    assert found.params == found.environment == found.notes == ()
    assert next(iter(found.to_text())) == "delay@1 trained again from its record: identical to the byte"
    assert json.loads(msgspec.json.encode(found))["same"] is True


def test_version_is_the_same_when_only_the_record_in_the_package_differs(house: Any):
    version = house.register()
    again = replace(house.model, training={**house.model.training, "notes": ["other"]})
    found = reproduce(version, stores=house.stores, retrain=lambda _: pack(again))
    assert (found.same, found.identical) == (True, False)
    assert "the same model" in next(iter(found.to_text()))


def test_features_that_a_version_is_served_with_are_no_difference_of_training(house: Any):
    version = house.register()
    looked_up = replace(
        version, params={**version.params, "feature_service": "delay@1", "feature_lookup": {"keys": {}}}
    )
    again = replace(house.model, training={**house.model.training, "notes": ["other"]})
    found = reproduce(looked_up, stores=house.stores, retrain=lambda _: pack(again))
    assert (found.same, found.params) == (True, ())


def test_version_is_different_when_hyperparameters_and_predictions_are(house: Any, fit_model: Any):
    version = house.register()
    other = fit_model(c=0.01)
    found = reproduce(version, stores=house.stores, retrain=lambda _: pack(other))
    assert not found.same
    assert [str(difference) for difference in found.params] == ["params.C: 1 → 0.01"]
    rows = [p.inputs for p in _parts(house)]
    expected = max(
        float(
            np.abs(house.model.predict(r)["probability"].to_numpy() - other.predict(r)["probability"].to_numpy()).max()
        )
        for r in rows
    )
    assert found.max_difference is not None
    assert abs(found.max_difference - expected) < 1e-12
    assert "DIFFERENT" in next(iter(found.to_text()))
    assert "  hyperparameter params.C: 1 → 0.01" in list(found.to_text())


def _parts(house: Any) -> list[Any]:
    from millwright.monitoring import load_reference

    reference = load_reference(house.documents["reference.parquet"])
    return [reference.training, reference.held_out]


def test_environment_that_changed_since_is_told(house: Any):
    version = house.register()
    now = capture_environment()
    changed = replace(now, python="4.0.0", packages=(*now.packages[1:], "zzz==1"))
    found = reproduce(version, stores=house.stores, retrain=lambda _: bytes(house.package), environment=changed)
    assert {difference.what for difference in found.environment} == {
        "python",
        now.packages[0].partition("==")[0],
        "zzz",
    }
    assert any(line == "    zzz: - → 1" for line in found.to_text())


def test_what_cannot_be_compared_is_said(house: Any):
    version = house.register(without=("reference.parquet", "environment.json"))
    found = reproduce(version, stores=house.stores, retrain=lambda _: bytes(house.package))
    assert found.same
    assert found.max_difference is None
    assert len(found.notes) == 2
    assert "could not be compared" in found.notes[0]


def test_damaged_documents_do_not_hide_the_result(house: Any):
    house.documents["reference.parquet"] = b"x"
    house.documents["environment.json"] = b"x"
    found = reproduce(house.register(), stores=house.stores, retrain=lambda _: bytes(house.package))
    assert found.identical
    assert len(found.notes) == 2


def test_params_are_compared_where_the_record_has_them():
    recorded = {"seed": 0, "params": {"C": 1.0, "gone": True}, "same": [1, 2]}
    now = {"seed": 1, "params": {"C": 1.0, "new": 2}, "same": [1, 2], "other": 5}
    found = [str(difference) for difference in compare_params(recorded, now)]
    assert found == ["seed: 0 → 1", "params.new: - → 2", "params.gone: true → -"]


def test_environments_are_equal_to_themselves():
    now = capture_environment()
    assert compare_environments(now, now) == ()
