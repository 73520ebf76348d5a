from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConfigurationError
from millwright.workspace.closed_loop import References, check_monitors, declarations
from millwright.workspace.monitor_columns import columns_problem
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

TYPOS = """
[monitors.delay]
endpoint = "late-visit"
columns = {lod = {limit = 0.3}}
groups = ["crww"]
thresholds = {slices = ["crew", "creww"], season = "hour_of_day", season_column = "begun"}
"""


def declare(folder: Path, text: str) -> Path:
    with (folder / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return folder


def test_typos_of_a_declared_monitor_are_told_together_where_the_model_is_there(trained: Path) -> None:
    with Workspace.open(declare(trained, TYPOS)) as workspace:
        [declared] = declarations(workspace.settings)
        said = str(columns_problem(workspace, declared))
        for part in ("late-visit@1 does not have", "'lod'", "'load'", "'creww' to slice by", "'crww' to group by"):
            assert part in said
        assert "no date 'begun' to tell the season by" in said
        for look in (lambda: check_monitors(workspace), lambda: References(workspace).of(declared)):
            with pytest.raises(ConfigurationError, match="'creww' to slice by"):
                look()


def test_monitor_waits_for_its_model(tmp_path: Path) -> None:
    (tmp_path / "millwright.toml").write_text(TYPOS, encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        [declared] = declarations(workspace.settings)
        assert columns_problem(workspace, declared) is None
        check_monitors(workspace)


def test_all_that_is_wrong_with_declared_monitors_is_told_at_once(trained: Path) -> None:
    more = (
        '[monitors.delay.action]\npipeline = "gone.py"\n[monitors.other]\nendpoint = "late-visit"\ngroups = ["cre"]\n'
    )
    with (
        Workspace.open(declare(trained, TYPOS + more)) as workspace,
        pytest.raises(ConfigurationError) as caught,
    ):
        check_monitors(workspace)
    for part in ("'lod'", "no file 'gone.py'", "The monitor 'other' names what late-visit@1 does not have"):
        assert part in str(caught.value)


@pytest.mark.parametrize("words", [("up",), ("doctor",), ("monitor", "check", "late-visit")])
def test_commands_refuse_typos_of_columns_before_anything_runs(trained: Path, mw: Any, words: tuple[str, ...]) -> None:
    answer = mw(declare(trained, TYPOS), *words)
    assert answer.code == 1
    assert "'creww' to slice by" in answer.out + answer.err


@pytest.mark.parametrize("words", [("monitor", "list"), ("monitor", "status")])
def test_commands_that_list_warn_of_typos_of_columns(trained: Path, mw: Any, words: tuple[str, ...]) -> None:
    answer = mw(declare(trained, TYPOS), *words)
    assert answer.code == 0
    assert "'creww' to slice by" in answer.out + answer.err


def test_date_of_the_dataset_that_is_compared_with_is_known(trained: Path) -> None:
    text = """
[monitors.delay]
endpoint = "late-visit"
reference = "visits@1"
thresholds = {season = "hour_of_day", season_column = "COLUMN"}
"""
    with Workspace.open(declare(trained, text.replace("COLUMN", "load"))) as workspace:
        [declared] = declarations(workspace.settings)
        assert columns_problem(workspace, declared) is None
    place = trained / "millwright.toml"
    place.write_text(place.read_text(encoding="utf-8").replace('"load"', '"lood"'), encoding="utf-8")
    with Workspace.open(trained) as workspace:
        [declared] = declarations(workspace.settings)
        assert "'load'" in str(columns_problem(workspace, declared))
