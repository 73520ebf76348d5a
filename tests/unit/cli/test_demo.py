from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from millwright.cli.console import Output
from millwright.cli.demo import _document, _print_result, _print_stage
from millwright.core.ids import DecisionId
from millwright.core.records.monitor import DecisionRecord, Outcome
from millwright.demo.loop import DemoResult
from millwright.demo.scenario import Findings
from millwright.demo.stage import Stage


@pytest.fixture
def result():
    decision = DecisionRecord(
        id=DecisionId("d"), trigger="alert:a", outcome=Outcome.KEPT, at=datetime(2026, 1, 2, tzinfo=UTC),
        challenger="schedule-delay@2", champion="schedule-delay@1", reasons=("not [better]: 0.8 against 0.9",),
    )  # fmt: skip
    findings = Findings(decision=decision, prediction_id="abc", answered={"schedule-delay@1": 7}, audit_entries=18)
    stages = (Stage("train", "schedule-delay@1 is champion", 12.34), Stage("audit", "hash chain whole", 0.01))
    return DemoResult(stages=stages, findings=findings, page=Path("demo/report.html"), seconds=63.2, peak_mb=1234.5)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--first", "a.csv"), "Two snapshots are needed. Give both --first and --second, or neither."),
        (("--first", "visits.csv", "--second", "visits.csv"), "these files are neither"),
        (("--first", "gone.csv", "--second", "visits.csv"), "gone.csv"),
        (("--folder", "."), "holds files that are not a demonstration's. Name another with --folder."),
        (("--folder", "visits.csv"), "Cannot make the folder"),
    ],
)
def test_demo_refuses_a_wrong_call_with_one_line_and_changes_nothing(trained, mw, words, message):
    before = sorted(trained.iterdir())
    answer = mw(trained, "demo", *words)
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert sorted(trained.iterdir()) == before


def test_stage_is_announced_and_then_told(capsys):
    out = Output()
    _print_stage(out, Stage("serve"))
    _print_stage(out, Stage("serve", "it answers [here]", 1.234))
    assert capsys.readouterr().out == "\n▸ serve\n  it answers [here] (1.2 s)\n"


def test_result_is_a_table_the_decision_with_reasons_and_what_to_type_next(result, capsys):
    _print_result(Output(), result, Path("demo"))
    printed = capsys.readouterr().out
    rows = [line.split() for line in printed.splitlines()]
    assert ["train", "schedule-delay@1", "is", "champion", "12.3"] in rows
    assert "Decision: kept. Challenger schedule-delay@2, champion before schedule-delay@1." in printed
    assert "  · not [better]: 0.8 against 0.9\n" in printed
    assert "Report: demo/report.html  (63 s in all, peak memory 1,234 MB)" in printed
    assert " cd demo\n      mw why abc\n      mw models list\n" in printed


def test_result_without_an_alert_says_that_the_champion_stays(result, capsys):
    result.findings.decision = None
    _print_result(Output(), result, Path("demo"))
    assert "nothing was retrained; the champion stays." in capsys.readouterr().out


def test_result_is_one_document_with_json(result, capsys):
    Output(as_json=True).json(_document(result))
    shown = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert shown["stages"][0] == {"name": "train", "what": "schedule-delay@1 is champion", "seconds": 12.34}
    assert (shown["decision"]["outcome"], shown["decision"]["challenger"]) == ("kept", "schedule-delay@2")
    assert (shown["failed_requests"], shown["page"]) == (0, "demo/report.html")


def test_result_says_how_the_shell_finds_mw_when_it_does_not(result, capsys, monkeypatch, tmp_path):
    script = tmp_path / "bin" / "activate"
    script.parent.mkdir()
    script.touch()
    monkeypatch.setattr("sys.executable", str(script.with_name("python")))
    monkeypatch.chdir(tmp_path)
    for found, first in ((None, ". bin/activate"), ("/usr/bin/mw", "cd demo")):
        monkeypatch.setattr("millwright.cli.demo.which", lambda _, found=found: found)
        _print_result(Output(), result, Path("demo"))
        assert f"Next: {first}\n" in capsys.readouterr().out
