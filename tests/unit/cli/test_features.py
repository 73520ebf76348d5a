from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from millwright.core.records.dataset import DatasetKind
from millwright.workspace.workspace import Workspace

FILE = """
from datetime import timedelta
import millwright as mw

history = mw.FeatureView(
    "history", entities=[mw.Entity("building")], source="phases", features=[mw.Feature("late", "Int64", "Days")],
    timestamp="ended", ttl=timedelta(days=30), description="How late phases ran",
    owner="site-team", tags={"stage": "gold"},
)
delay = mw.FeatureService("delay", [history])
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    """A workspace with phases of two buildings, rows that want features, and a file that defines them."""
    (tmp_path / "features.py").write_text(FILE, encoding="utf-8")
    phases = pl.DataFrame({"building": ["a", "b"], "ended": [START, START + timedelta(days=2)], "late": [3, None]})
    wanted = pl.DataFrame({"building": ["a", "b", "c"], "event_timestamp": [START + timedelta(days=3)] * 3})
    with Workspace.open(tmp_path) as workspace:
        workspace.datasets.write(phases, "phases", kind=DatasetKind.TABLE)
        workspace.datasets.write(wanted, "wanted", kind=DatasetKind.TABLE)
    return tmp_path


def test_features_apply_says_what_is_new_and_what_is_not(folder, mw):
    answer = mw(folder, "features", "apply", "features.py", "--dry-run")
    assert "✓ 3 of 3 would be recorded; nothing was." in answer.out
    answer = mw(folder, "features", "apply", "features.py", "--json")
    assert [(one["change"], one["record"]["name"]) for one in answer.json] == [
        ("new", "building"), ("new", "history"), ("new", "delay"),
    ]  # fmt: skip
    assert "✓ 0 of 3 recorded." in mw(folder, "features", "apply", "features.py").out


def test_features_apply_leaves_or_retires_what_is_gone_from_the_file(folder, mw):
    mw(folder, "features", "apply", "features.py")
    (folder / "features.py").write_text(FILE.replace('delay = mw.FeatureService("delay", [history])', ""))
    answer = mw(folder, "features", "apply", "features.py")
    assert "! 1 of those recorded are not in features.py any more; they stay." in answer.out
    assert "Next: mw features apply features.py --prune" in answer.out
    assert "retired" in mw(folder, "features", "apply", "features.py", "--prune").out
    assert [one["name"] for one in mw(folder, "features", "list", "--json").json] == ["building", "history"]


def test_features_of_text_columns_are_refused_with_where_types_come_from(folder, mw):
    (folder / "phases.csv").write_text("building,ended,late\na,2026-01-01,3\n", encoding="utf-8")
    mw(folder, "data", "add", "phases.csv", "--name", "raw")
    (folder / "features.py").write_text(FILE.replace('"phases"', '"raw"'), encoding="utf-8")
    answer = mw(folder, "features", "apply", "features.py")
    assert answer.code == 1
    assert "found String" in answer.err
    assert "the view's transform, or a contract, gives them their types" in answer.err


def test_features_apply_tells_all_that_is_wrong_in_one_line(folder, mw):
    (folder / "features.py").write_text(FILE.replace('"ended"', '"late"').replace('"late", "Int64"', '"days", "Int64"'))
    answer = mw(folder, "features", "apply", "features.py")
    assert answer.code == 1
    assert "2 things contradict one another" in answer.err
    assert answer.err.count("\n") == 1


def test_features_are_listed_and_found(folder, mw):
    assert "mw features apply features.py" in mw(folder, "features", "list").out
    mw(folder, "features", "apply", "features.py")
    assert "history@1" in mw(folder, "features", "list").out
    assert [one["name"] for one in mw(folder, "features", "search", "GOLD late", "--json").json] == ["history"]
    assert "No definition holds 'nothing'." in mw(folder, "features", "search", "nothing").out
    assert [one["name"] for one in mw(folder, "features", "list", "--kind", "service", "--json").json] == ["delay"]
    assert (
        "There is no kind 'services'. Did you mean 'service'?"
        in mw(folder, "features", "list", "--kind", "services").err
    )


def test_features_show_tells_statistics_users_and_freshness(folder, mw):
    mw(folder, "features", "apply", "features.py")
    shown = mw(folder, "features", "show", "history")
    for said in ("view/history@1", "How late phases ran", "owner site-team", "stage=gold", "values count for 30 days",
                 "newest 2026-01-03", "phases@1, never materialized", "used by service/delay@1"):  # fmt: skip
        assert said in shown.out
    told = mw(folder, "features", "show", "history", "--json").json
    assert (told["statistics"][0]["nulls"], told["freshness"]["source"]) == (1, "phases@1")
    assert "mw features training-set ENTITIES --features delay" in mw(folder, "features", "show", "delay").out
    assert mw(folder, "features", "show", "building").code == 0
    assert "Did you mean 'history'?" in mw(folder, "features", "show", "histori").err


def test_features_training_set_is_recorded_with_its_consumers(folder, mw):
    mw(folder, "features", "apply", "features.py")
    answer = mw(folder, "features", "training-set", "wanted", "--features", "delay", "--name", "training")
    assert "✓ 3 rows with 1 features. Rows with values: history: 2" in answer.out
    assert "Recorded as training@1, made of service/delay@1, view/history@1, wanted@1, phases@1." in answer.out
    told = mw(folder, "features", "consumers", "history", "--json").json
    assert (told["definitions"], told["datasets"]) == (["service/delay@1"], ["training@1"])
    assert "Nobody uses 'service/delay'" not in mw(folder, "features", "consumers", "delay").out


def test_features_training_set_goes_to_a_file(folder, mw):
    mw(folder, "features", "apply", "features.py")
    for name in ("out.parquet", "out.csv"):
        mw(folder, "features", "training-set", "wanted", "--features", "history:late", "-o", name)
    assert pl.read_parquet(folder / "out.parquet")["late"].to_list() == [3, None, None]
    assert pl.read_csv(folder / "out.csv")["late"].to_list() == [3, None, None]
    again = mw(folder, "features", "training-set", "out.parquet", "--features", "history:late")
    assert "The entity rows have 'late' already." in again.err
    wrong = mw(folder, "features", "training-set", "wanted", "--features", "history:late", "-o", "out.xlsx")
    assert "ends in .parquet or .csv" in wrong.err


def test_features_retire_refuses_what_is_used(folder, mw):
    mw(folder, "features", "apply", "features.py")
    assert "'history' is used by service/delay." in mw(folder, "features", "retire", "history").err
    assert "✓ service/delay@1 is retired." in mw(folder, "features", "retire", "delay").out
    assert "delay@1 (retired)" in mw(folder, "features", "list", "--retired").out
