"""The real schedules: two snapshots merged, checked, compared, and features of them that cannot leak.

The commands of the example's README run as processes, in their order, in a folder with a copy of the example.
"""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from e2e.workplace import Workplace
from millwright.core.records.dataset import DatasetKind
from millwright.workspace.feature_file import apply_file
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[2] / "examples" / "construction_schedule"
DATA = Path(__file__).parents[3] / "shared" / "data"
SNAPSHOTS = ("nyc_sca_schedules_2025-09.csv", "nyc_sca_schedules_2026-01.csv")
SECOND_TAKEN = date(2026, 1, 1)
KEY = ["Project Building Identifier", "DSF Number(s)", "Project Description", "Project Phase Name"]
IDENTITY = ["project", "building", "phase", "description"]
ENTITIES = {
    "project": ("project",),
    "building": ("building",),
    "kind": ("project_type", "phase"),
    "district": ("district",),
}
FEATURES = [
    "project_ended", "project_mean_overrun", "project_late_share",
    "building_ended", "building_mean_overrun", "building_late_share",
    "kind_late_share", "district_late_share",
]  # fmt: skip

pytestmark = pytest.mark.slow


def commands() -> list[str]:
    """What the example's README says to type."""
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL) for line in block.splitlines()]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The README's commands have run: snapshots merged, features defined, a training set made, values online."""
    if not all((DATA / name).exists() for name in SNAPSHOTS):
        pytest.skip("the real schedules are not beside this checkout")
    folder = tmp_path_factory.mktemp("schedules")
    for file in [*EXAMPLE.iterdir(), *(DATA / name for name in SNAPSHOTS)]:
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
    workplace = Workplace(folder)
    for line in commands():
        workplace.mw(*shlex.split(line)[1:])
    return workplace


@pytest.fixture(scope="module")
def workspace(kept: Workplace) -> Iterator[Workspace]:
    with kept.open() as opened:
        yield opened


@dataclass(frozen=True)
class Phase:
    """A phase as a person would read it from both files."""

    entities: dict[str, tuple[str, ...]]
    started: date | None
    planned: date | None
    ended: date | None
    known: date | None


@pytest.fixture(scope="module")
def phases(kept: Workplace) -> dict[tuple[str, ...], Phase]:
    """What both snapshots say, read without millwright: the oracle's table, by key."""
    found: dict[tuple[str, ...], Phase] = {}
    for number, name in enumerate(SNAPSHOTS):
        with (kept.folder / name).open(encoding="utf-8-sig", newline="") as lines:
            rows = [{column.strip(): text.strip() for column, text in row.items()} for row in csv.DictReader(lines)]
        times = Counter(tuple(row[column] for column in KEY) for row in rows)
        for row in rows:
            key = tuple(row[column] for column in KEY)
            phase = _phase(row, found.get(key), is_first=number == 0)
            in_order = not (phase.started and phase.planned) or phase.planned >= phase.started
            if times[key] == 1 and row["DSF Number(s)"] != "NULL" and in_order:
                found[key] = phase
    return found


def _phase(row: dict[str, str], former: Phase | None, *, is_first: bool) -> Phase:
    started, planned, ended = (
        _day(row[f"Project Phase {name} Date"]) for name in ("Actual Start", "Planned End", "Actual End")
    )
    known: date | None = ended + timedelta(days=1) if is_first and ended else SECOND_TAKEN
    entities = {
        "project": (row["DSF Number(s)"],),
        "building": (row["Project Building Identifier"],),
        "kind": (row["Project Type"], row["Project Phase Name"]),
        "district": (row["Project Geographic District"],),
    }
    told = (entities, started, planned, ended)
    if former is not None and (former.entities, former.started, former.planned, former.ended) == told:
        known = former.known
    return Phase(
        entities=entities,
        started=started,
        planned=planned,
        ended=ended,
        known=known if ended else None,
    )


def _day(text: str) -> date | None:
    month, _, rest = text.partition("/")
    day, _, year = rest.partition("/")
    return date(int(year), int(month), int(day)) if year else None


def naive(phases: dict[tuple[str, ...], Phase], row: dict[str, Any]) -> dict[str, float | None]:
    """The features of a row, by looking at every phase that has ended."""
    ended = [
        (phase.entities, phase.known, (phase.ended - phase.planned).days)
        for phase in phases.values()
        if phase.started and phase.planned and phase.ended and phase.known
    ]
    found: dict[str, float | None] = {}
    for name, columns in ENTITIES.items():
        whose = tuple(row[column] for column in columns)
        overruns = [days for entities, known, days in ended if entities[name] == whose and known <= row["started"]]
        found[f"{name}_ended"] = len(overruns) or None
        found[f"{name}_mean_overrun"] = sum(overruns) / len(overruns) if overruns else None
        found[f"{name}_late_share"] = sum(days > 30 for days in overruns) / len(overruns) if overruns else None
    return {name: found[name] for name in FEATURES}


def test_snapshots_are_two_versions_by_merge_on_their_key(kept: Workplace) -> None:
    shown = kept.mw("data", "history", "schedules", "--json").json
    two, one = (entry["record"] for entry in shown)
    assert [(each["operation"], each["rows"]) for each in (one, two)] == [("overwrite", 13_104), ("merge", 14_697)]
    assert {name: two["details"][name] for name in ("added", "updated", "removed", "unchanged")} == {
        "added": 1_593, "updated": 6_474, "removed": 0, "unchanged": 6_630,
    }  # fmt: skip


def test_the_same_snapshot_and_an_older_one_change_nothing(kept: Workplace) -> None:
    for name in SNAPSHOTS:
        kept.mw("run", "keep.py", "--source", name)
    assert len(kept.mw("data", "history", "schedules", "--json").json) == 2


def test_rows_that_identify_no_phase_are_set_aside_with_the_reason(kept: Workplace) -> None:
    reasons = kept.mw("data", "quarantine", "show", "snapshots", "--json").json["reasons"]
    assert {reason.partition(":")[0].partition(" (")[0]: rows for reason, rows in reasons.items()} == {
        "DSF Number(s)": 44, "key": 24, "the plan ends after the phase starts": 3,
    }  # fmt: skip


def test_both_versions_hold_the_published_contract(kept: Workplace) -> None:
    for number in (1, 2):
        checked = kept.mw("data", "validate", f"schedules@{number}", "--contract", "schedules", "--json").json
        assert (checked["rows"], checked["contract"]) == (checked["valid"], "schedules@1")
        assert checked["recorded"]


def test_contract_knows_whose_features_a_breaking_change_would_reach(kept: Workplace) -> None:
    used = kept.mw("data", "contract", "show", "schedules", "--json").json["consumers"]
    assert used["features"] == sorted([*(f"{name}_history" for name in ENTITIES), "schedule_delay"])
    assert used["datasets"] == ["phases", "schedule_delay.training", "starts"]


def test_difference_counts_phases_that_were_added_and_that_went_on(kept: Workplace) -> None:
    found = kept.mw("data", "diff", "schedules@1", "schedules@2", "--key", ",".join(KEY), "--json").json["changes"]
    assert (found["added"], found["removed"], found["changed"]) == (1_593, 0, 6_474)
    assert found["by_column"]["Project Phase Actual End Date"] == found["by_column"]["End Recorded"] == 668


def test_profile_tells_what_is_in_the_kept_schedules(kept: Workplace) -> None:
    shown = {
        each["name"]: each for each in kept.mw("data", "profile", "schedules@2", "--json").json["profile"]["columns"]
    }
    assert shown["Project Phase Name"]["distinct"] == 8
    assert shown["Project Phase Actual End Date"]["maximum"] == "2025-09-30"


def test_kept_phases_are_those_that_a_person_would_read(workspace: Workspace, phases: Any) -> None:
    rows = workspace.datasets.get("phases").read()
    named = {
        (row["building"], row["project"], row["description"], row["phase"]): row for row in rows.iter_rows(named=True)
    }
    allowed = set(rows["phase"])  # a phase of another name is set aside
    assert set(phases) - set(named) == {key for key in phases if key[3] not in allowed}
    for key, row in named.items():
        phase = phases[key]
        moments = (phase.started, phase.planned, phase.ended, phase.known)
        assert (row["started"], row["planned_end"], row["ended"], row["recorded"]) == moments, key


def test_training_set_is_what_a_naive_reading_gives(workspace: Workspace, phases: Any) -> None:
    made = workspace.datasets.get("schedule_delay.training").read()
    assert made.height == workspace.datasets.get("starts").record.rows
    recent = made.filter(pl.col("started") >= date(2025, 1, 1))  # where ends that were written down late matter
    sample = pl.concat([made.sample(150, seed=3), recent.sample(150, seed=4)])
    for row in sample.iter_rows(named=True):
        expected = naive(phases, row)
        got, wanted = (np.array([each[name] for name in FEATURES], dtype=float) for each in (row, expected))
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=str(row))


def test_training_set_does_not_know_what_was_known_later(workspace: Workspace, tmp_path: Path) -> None:
    table = workspace.datasets.get("phases").read()
    starts = workspace.datasets.get("starts").read()
    chance = np.random.default_rng(11)
    with Workspace.open(tmp_path) as other:
        other.datasets.write(table, "phases", kind=DatasetKind.TABLE)
        apply_file(other.features, EXAMPLE / "feature_views.py")
        honest = other.features.training_set(starts, "schedule_delay", timestamp="started").frame
        for at in starts["started"].gather_every(len(starts) // 6).unique():
            forged = _forged(table, at, chance)
            version = str(other.datasets.write(forged, "phases", kind=DatasetKind.TABLE).record.version)
            made = other.features.training_set(
                starts, "schedule_delay", timestamp="started", versions={"phases": version}
            ).frame
            until = starts["started"] <= at
            assert_frame_equal(made.filter(until), honest.filter(until), check_exact=True)
            # The forgery can be seen where it may be: afterwards.
            later = made.filter(~until), honest.filter(~until)
            assert later[0].is_empty() or not later[0].equals(later[1])


def _forged(table: pl.DataFrame, at: date, chance: np.random.Generator) -> pl.DataFrame:
    """Other ends, delays and days of record for all that became known after a day; ends that never were, and none."""
    later = pl.col("recorded").is_null() | (pl.col("recorded") > at)
    days = pl.Series(chance.integers(1, 900, table.height))
    gone = pl.Series(chance.random(table.height) < 0.2)
    return table.with_columns(
        ended=pl.when(later).then(pl.when(~gone).then(pl.lit(at) + pl.duration(days=pl.lit(days)))).otherwise("ended"),
        overrun=pl.when(later).then(days.cast(pl.Float64) * 7 - 2000).otherwise("overrun"),
        recorded=pl.when(later)
        .then(pl.when(~gone).then(pl.lit(at) + pl.duration(days=pl.lit(days + 1))))
        .otherwise("recorded"),
        status=pl.when(later).then(pl.lit("Complete")).otherwise("status"),
    )


def test_second_snapshot_changes_no_feature_of_rows_before_it(workspace: Workspace) -> None:
    one, two = (workspace.datasets.get(f"phases@{number}").read() for number in (1, 2))
    late = two.filter(pl.col("recorded") == SECOND_TAKEN, pl.col("ended") < date(2025, 9, 1))
    assert late.height > 700  # ends that lie before the first snapshot, and that only the second one tells
    first, second = (
        workspace.features.training_set("starts", "schedule_delay", timestamp="started", versions={"phases": version})
        for version in ("1", "2")
    )
    assert first.frame.filter(pl.col("started") >= SECOND_TAKEN).is_empty()
    told = [*IDENTITY, "project_type", "district", "started", "planned_end", "ended"]
    corrected = (
        one.filter(pl.col("ended").is_not_null())
        .select(told)
        .join(two.select(told), on=told, how="anti", nulls_equal=True)
    )
    assert 0 < corrected.height < 50
    for name, columns in ENTITIES.items():
        features = [feature for feature in FEATURES if feature.startswith(name)]
        before, after = (
            made.frame.join(corrected, on=columns, how="anti", maintain_order="left").select(features)
            for made in (first, second)
        )
        assert before.height > 1_000
        assert_frame_equal(before, after, rel_tol=1e-9)


def test_service_gives_what_the_pipeline_computes_from_one_snapshot(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(EXAMPLE), *sys.path])
    for name in ("features", "phases"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    table = workspace.datasets.get("phases@1").read()
    computed = import_module("features").phase_features(table)
    for name in ("features", "phases"):
        monkeypatch.delitem(sys.modules, name)
    starts = computed.select(set(computed.columns) - set(FEATURES))
    served = workspace.features.training_set(
        starts, "schedule_delay", timestamp="started", versions={"phases": "1"}
    ).frame.with_columns(pl.col("^.*_ended$").fill_null(0))
    assert_frame_equal(served.select(FEATURES), computed.select(FEATURES), check_exact=False, rel_tol=1e-9)


@pytest.mark.parametrize("view", [f"{name}_history" for name in ENTITIES])
def test_online_is_what_offline_says(kept: Workplace, view: str) -> None:
    checked = kept.mw("features", "check", view, "--all", "--json").json
    assert checked["compared"] == checked["entities"] > 20
    assert all(not feature["different"] for feature in checked["features"])


def test_online_values_are_read_as_a_person_would_count_them(
    kept: Workplace, workspace: Workspace, phases: Any
) -> None:
    row = workspace.datasets.get("starts").read().filter(pl.col("building") == "K680").row(-1, named=True)
    keys = [f"{name}={row[name]}" for columns in ENTITIES.values() for name in columns]
    shown = kept.mw("features", "get", "schedule_delay", *keys, "--json").json
    expected = naive(phases, {**row, "started": date.max})
    assert {name: value for name, (value,) in shown["values"].items()} == pytest.approx(expected)
