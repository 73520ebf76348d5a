"""`mw features materialize|push|get|check|online|forget|skew`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from millwright.core.ids import PredictionId, new_id
from millwright.core.records.dataset import DatasetKind
from millwright.core.records.prediction import PredictionRecord
from millwright.workspace.workspace import Workspace

FILE = """
from datetime import timedelta
import polars as pl
import millwright as mw

site = mw.Entity("site")
history = mw.FeatureView(
    "history", entities=[site], source="phases", timestamp="at", features=[mw.Feature("late", "Float64")],
    ttl=timedelta(days=30),
)
share = mw.OnDemandFeatureView(
    "share", sources=[history], request=[mw.Feature("days", "Float64")], features=[mw.Feature("part", "Float64")],
    transform=lambda frame: frame.select(part=pl.col("late") / pl.col("days")),
)
delay = mw.FeatureService("delay", [history, share])
"""
NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path, mw):
    """A workspace with phases of two sites, and definitions that are applied."""
    (tmp_path / "features.py").write_text(FILE, encoding="utf-8")
    rows = pl.DataFrame(
        {"site": ["7", "b"], "at": [NOW - timedelta(days=1), NOW - timedelta(days=40)], "late": [3.0, 4.0]}
    )
    with Workspace.open(tmp_path) as workspace:
        workspace.datasets.write(rows, "phases", kind=DatasetKind.TABLE)
    assert mw(tmp_path, "features", "apply", "features.py").code == 0
    return tmp_path


def test_values_are_brought_read_pushed_checked_and_forgotten(folder, mw):
    answer = mw(folder, "features", "materialize")
    assert "✓ history: 2 new rows of phases@1, 2 entities put." in answer.out
    answer = mw(folder, "features", "get", "delay", "site=7", "--request", "days=2", "--json")
    assert answer.json["values"] == {"late": [3.0], "part": [1.5]}
    answer = mw(folder, "features", "get", "history", "site=b")
    assert "expired" in answer.out
    assert "1 value is older than its ttl" in answer.out
    (folder / "new.csv").write_text(f"site,at,late\nb,{NOW.isoformat()},5\n", encoding="utf-8")
    answer = mw(folder, "features", "push", "history", "new.csv")
    assert "✓ 1 row pushed to history: 1 online. phases@2 has them." in answer.out
    assert mw(folder, "features", "get", "history:late", "site=b", "--json").json["values"] == {"late": [5.0]}
    assert "2 of 2 entities are online as phases@2 says." in mw(folder, "features", "check", "history", "--all").out
    (described,) = mw(folder, "features", "online", "--json").json
    assert (described["view"], described["entities"], described["source"]) == ("history", 2, "phases@1")
    assert mw(folder, "features", "forget", "history", "site=7", "--json").json == {"view": "history", "deleted": 1}
    answer = mw(folder, "features", "check", "history")
    assert answer.code == 1
    assert "late of 7: online None (missing), offline 3.0" in answer.out
    assert "mw features materialize history --rebuild" in answer.out
    assert mw(folder, "features", "materialize", "history", "--rebuild").code == 0
    assert mw(folder, "features", "check", "history").code == 0


def test_many_entities_are_read_from_a_file(folder, mw):
    mw(folder, "features", "materialize")
    pl.DataFrame({"site": ["7", "x"]}).write_parquet(folder / "sites.parquet")
    assert mw(folder, "features", "get", "history", "--file", "sites.parquet", "--json").json["status"] == {
        "late": ["present", "missing"]
    }


def test_skew_of_an_endpoint_is_told(folder, mw):
    with Workspace.open(folder) as workspace:
        workspace.stores.predictions.append(
            [
                PredictionRecord(
                    id=PredictionId(new_id()), endpoint="delay", model="delay", version=1, at=NOW,
                    features={"site": "7", "late": late}, outputs={"prediction": 1.0}, latency_ms=1.0,
                )
                for late in (3.0, 2.0)
            ]
        )  # fmt: skip
    answer = mw(folder, "features", "skew", "delay", "history")
    assert answer.code == 1
    assert "mw why" in answer.out
    answer = mw(folder, "features", "skew", "delay", "history", "--json")
    assert answer.json["features"][0] | {"examples": None} == {
        "feature": "late", "compared": 2, "different": 1, "share": 0.5, "largest": 1.0, "examples": None,
    }  # fmt: skip


def test_skew_that_cannot_be_told_is_no_success(folder, mw):
    with Workspace.open(folder) as workspace:
        record = PredictionRecord(
            id=PredictionId(new_id()), endpoint="delay", model="delay", version=1, at=NOW,
            features={"late": 3.0}, outputs={"prediction": 1.0}, latency_ms=1.0,
        )  # fmt: skip
        workspace.stores.predictions.append([record])
    answer = mw(folder, "features", "skew", "delay", "history")
    assert answer.code == 1
    assert "! 1 of 1 predictions name no entity." in answer.out
    assert "! Nothing could be compared of 1 prediction of delay." in answer.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["materialize", "--until", "tomorrow"], "Expected a moment"),
        (["materialize", "histori"], "Did you mean 'history'"),
        (["get", "history", "site"], "name=value"), (["get", "history", "sit=7"], "no column 'site'"),
        (["materialize", "share"], "computed when it is read"), (["push", "history", "features.py"], "features.py"),
        (["get", "delai", "site=7"], "no feature service or view 'delai'. Did you mean 'delay'?"),
    ],
)  # fmt: skip
def test_wrong_call_is_one_clear_line(folder, mw, words, said):
    answer = mw(folder, "features", *words)
    assert answer.code == 1
    assert said in answer.err


def test_workspace_without_features_says_what_to_do(tmp_path, mw):
    assert "mw features apply" in mw(tmp_path, "features", "get", "delay", "site=7").err
    assert "mw features apply" in mw(tmp_path, "features", "online").out
    assert "mw features apply" in mw(tmp_path, "features", "materialize").err
