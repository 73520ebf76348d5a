from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.testing import sample
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checked(tmp_path: Path) -> tuple[Path, list[str]]:
    """A workspace with the scores of three reports, the newest last: two of a monitor, one by hand; and their ids."""
    (tmp_path / "millwright.toml").write_text("", encoding="utf-8")
    named = [("delay", "hourly", 0), ("cost", "daily", 1), ("delay", "", 2)]
    reports = [
        replace(sample.report(endpoint, seconds=at), monitor=monitor, document=None) for endpoint, monitor, at in named
    ]
    with Workspace.open(tmp_path) as workspace:
        for report in reports:
            workspace.stores.monitors.append_report(report)
    return tmp_path, [report.id for report in reports]


def test_report_is_named_by_endpoint_by_id_or_not_at_all(checked: tuple[Path, list[str]], mw: Any):
    folder, (first, second, third) = checked
    meant = {
        (): third,
        ("delay",): third,
        ("cost",): second,
        ("delay", "--monitor", "hourly"): first,
        ("--monitor", "daily"): second,
        (first,): first,
        (second[-8:],): second,
    }
    for words, report in meant.items():
        shown = mw(folder, "monitor", "show", *words, "--json").json
        assert (shown["report"]["id"], shown["document"]) == (report, None)


def test_report_without_a_document_shows_its_scores(checked: tuple[Path, list[str]], mw: Any, tmp_path: Path):
    folder, (first, *_) = checked
    answer = mw(folder, "monitor", "show", first)
    assert "20 predictions of delay@1, 5 with labels; 2 of 2 columns drifted." in answer.out
    assert "hourly" in answer.out
    assert "! Nothing but the scores of columns is kept of this report." in answer.out
    page = mw(folder, "monitor", "show", first, "--html", str(tmp_path / "page.html"))
    assert page.code == 1
    assert "nothing that a page could show" in page.err


def test_report_that_there_is_not_is_an_error(checked: tuple[Path, list[str]], mw: Any):
    folder, _ = checked
    answer = mw(folder, "monitor", "show", "dely", "--monitor", "hourly")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "Error: There is no report 'dely' of the monitor 'hourly'. List them: mw monitor reports\n"


def test_report_of_a_check_is_shown_as_the_check_showed_it(served: Path, mw: Any, tmp_path: Path):
    checked = mw(served, "monitor", "check", "late-visit")
    answer = mw(served, "monitor", "show", "late-visit", "--html", str(tmp_path / "page.html"))
    table = next(line for line in checked.out.splitlines() if line.strip().startswith("load "))
    assert table in answer.out
    assert "none, checked by hand" in answer.out
    assert "warning: " in answer.out
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!")
    assert mw(served, "monitor", "show", "--json").json["document"]["findings"]
