from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.records.prediction import EndpointRecord
from millwright.models.adoption import adopt
from millwright.models.flavors.river import RiverModel
from millwright.registry.packaged import register_model
from millwright.workspace.workspace import Workspace

pytest.importorskip("river")

from river import linear_model

if TYPE_CHECKING:
    from pathlib import Path

DECLARED = '[learning.visits]\nendpoint = "visits"\nmodel = "visits"\nlimit = 0.6\n'


def begin(tmp_path: Path) -> None:
    sample = pl.DataFrame({"rain": [1.0, 9.0]})
    with Workspace.open(tmp_path) as workspace:
        model = adopt(RiverModel(linear_model.LogisticRegression(), [False, True]), sample, target="late")
        register_model(model, "visits", sample=sample, registry=workspace.registry, stores=workspace.stores)
        workspace.registry.point("visits", 1, "online", reason="begin")


def served(alias: str) -> EndpointRecord:
    return EndpointRecord(name="visits", model="visits", selector=alias, updated_at=datetime(2026, 1, 1, tzinfo=UTC))


def words(answer: Any) -> str:
    return " ".join((answer.out + answer.err).split())


def test_step_without_a_declaration_says_how_to_make_one(tmp_path, mw):
    answer = mw(tmp_path, "learning", "step")

    assert answer.code == 1
    assert "[learning.NAME]" in answer.err


def test_step_tells_where_each_learner_stands(tmp_path, mw):
    (tmp_path / "millwright.toml").write_text(DECLARED)
    begin(tmp_path)

    told = mw(tmp_path, "learning", "step", "--json").json
    wrong = mw(tmp_path, "learning", "step", "visit")

    assert [(each["name"], each["version"], each["met"], each["is_held"]) for each in told] == [
        ("visits", "visits@1", 0, False)
    ]
    assert (wrong.code, "Did you mean 'visits'?" in wrong.err) == (1, True)


def test_show_tells_where_each_learner_stands_and_its_snapshots(tmp_path, mw):
    (tmp_path / "millwright.toml").write_text(DECLARED)
    begin(tmp_path)

    answer = mw(tmp_path, "learning", "show")
    [told] = mw(tmp_path, "learning", "show", "visits", "--json").json

    assert answer.code == 0
    assert "visits@1" in answer.out
    assert (told["status"]["version"], told["status"]["is_held"]) == ("visits@1", False)
    assert [(each["version"], each["learnt"], each["is_good"]) for each in told["snapshots"]] == [("visits@1", 0, True)]


def test_endpoint_that_there_is_not_or_that_follows_another_alias_is_told(tmp_path, mw):
    (tmp_path / "millwright.toml").write_text(DECLARED)
    begin(tmp_path)
    nobody = mw(tmp_path, "learning", "show")
    with Workspace.open(tmp_path) as workspace:
        workspace.registry.point("visits", 1, "steady", reason="begin")
        workspace.stores.endpoints.put(served("steady"))
    other = mw(tmp_path, "learning", "step")
    with Workspace.open(tmp_path) as workspace:
        workspace.stores.endpoints.put(served("online"))
    fine = mw(tmp_path, "learning", "step")

    assert "there is no endpoint 'visits' yet, so no labels come. Serve it: mw serve visits@online" in words(nobody)
    assert "answers with visits@steady, not with what is learnt (visits@online)" in words(other)
    assert "!" not in fine.out
