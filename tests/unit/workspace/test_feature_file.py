"""Definitions of features in files, and the code that is kept with them."""

from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError, PipelineDefinitionError
from millwright.core.records.dataset import DatasetKind
from millwright.core.records.feature import FeatureKind
from millwright.data.features.applying import draft
from millwright.data.features.definition import Entity
from millwright.workspace.feature_file import KeptCode, apply_file, load_definitions
from millwright.workspace.workspace import Workspace

FILE = """
from datetime import timedelta
import millwright as mw
import polars as pl
from scale import scaled

building = mw.Entity("building")
history = mw.FeatureView(
    "history", entities=[building], source="phases", features=[mw.Feature("late", "Float64")], timestamp="ended",
    transform=scaled,
)
share = mw.OnDemandFeatureView(
    "share", sources=[history], request=[mw.Feature("days", "Float64")], features=[mw.Feature("share", "Float64")],
    transform=lambda frame: frame.select(share=pl.col("late") / pl.col("days")),
)
delay = mw.FeatureService("delay", [share])
"""
SCALE = """
import narwhals as nw

FACTOR = 2.0

def scaled(phases):
    return phases.with_columns(late=nw.col("late") * FACTOR)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "features.py").write_text(FILE, encoding="utf-8")
    (tmp_path / "scale.py").write_text(SCALE, encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        rows = pl.DataFrame({"building": ["a"], "ended": ["2026-01-01"], "late": [3.0]})
        rows = rows.with_columns(pl.col("ended").str.to_datetime(time_zone="UTC"))
        workspace.datasets.write(rows, "phases", kind=DatasetKind.TABLE)
    return tmp_path


def test_definitions_at_the_top_level_are_found(project) -> None:
    assert [one.name for one in load_definitions(project / "features.py")] == ["building", "history", "share", "delay"]


def test_functions_are_loaded_again_from_the_code_that_was_kept(project) -> None:
    with Workspace.open(project) as workspace:
        changes = apply_file(workspace.features, project / "features.py")
        assert [change.kind.value for change in changes] == ["new"] * 4
    for name in ("features.py", "scale.py"):
        (project / name).unlink()
    rows = pl.DataFrame({"building": ["a"], "event_timestamp": ["2026-01-02"], "days": [4.0]})
    rows = rows.with_columns(pl.col("event_timestamp").str.to_date())
    with Workspace.open(project) as workspace:
        made = workspace.features.training_set(rows, "delay")
    assert made.frame["share"].to_list() == [1.5]
    assert made.record.definitions == ("service/delay@1", "on_demand_view/share@1", "view/history@1")


def test_helper_that_changed_makes_a_new_version(project) -> None:
    with Workspace.open(project) as workspace:
        apply_file(workspace.features, project / "features.py")
    (project / "scale.py").write_text(SCALE.replace("2.0", "3.0"), encoding="utf-8")
    with Workspace.open(project) as workspace:
        changes = apply_file(workspace.features, project / "features.py", dry_run=True)
        told = {change.record.name: change.kind.value for change in changes}
        assert told == {"building": "unchanged", "history": "changed", "share": "unchanged", "delay": "unchanged"}
        assert workspace.features.search(kind=FeatureKind.VIEW)[0].version == 1


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("x = 1", InvalidInputError, "holds no definitions"),
        ("import nothing_there", PipelineDefinitionError, "features.py:1"),
        ("import millwright as mw\nmw.Entity('a b')", InvalidInputError, "the name of an entity"),
        ("def", InvalidInputError, "features.py:1"),
    ],
)
def test_file_that_defines_nothing_is_told_why(tmp_path, text, error, said) -> None:
    (tmp_path / "features.py").write_text(text, encoding="utf-8")
    with pytest.raises(error, match=said):
        load_definitions(tmp_path / "features.py")


def test_file_that_is_not_there_is_told(tmp_path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        load_definitions(tmp_path / "features.py")


def test_code_that_was_not_kept_is_told(project) -> None:
    with Workspace.open(project) as workspace:
        record = draft(Entity("building"), at=workspace.clock.now(), actor="ada")
        with pytest.raises(NotFoundError, match="was not kept"):
            KeptCode(workspace.stores.artifacts).load(record)
