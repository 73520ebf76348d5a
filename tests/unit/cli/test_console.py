from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from millwright.cli.console import Output, TerminalProgress, cell, json_text, print_error


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Fact:
    name: str
    when: datetime


@pytest.fixture(autouse=True)
def _no_columns(monkeypatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def _printed(capsys) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_line_prints_brackets_of_file_names_as_they_are(capsys):
    out = Output()
    out.line("a[bold].csv [/old] ", ("[red]x", "bold"), " :smile:")
    out.next("mw data add 'x[1].csv'")
    assert _printed(capsys) == ["a[bold].csv [/old] [red]x :smile:", "Next: mw data add 'x[1].csv'"]


def test_next_lists_commands_below_each_other(capsys):
    Output().next("mw a", "mw b")
    assert _printed(capsys) == ["Next: mw a", "      mw b"]


def test_line_is_not_broken_however_long(capsys):
    Output().done("x" * 500)
    assert _printed(capsys) == ["✓ " + "x" * 500]


def test_json_output_prints_the_document_and_nothing_else(capsys):
    out = Output(as_json=True)
    out.line("hidden")
    out.done("hidden")
    out.warn("hidden")
    out.next("hidden")
    out.table(["a"], [["hidden"]])
    out.progress.say("hidden")
    out.json({"shown": 1})
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"shown": 1}
    assert captured.err == ""


def test_human_output_holds_no_json(capsys):
    Output().json({"hidden": 1})
    assert capsys.readouterr().out == ""


def test_table_in_a_pipe_is_160_wide_and_folds_the_longest_text_only(capsys):
    columns = ["version", "state", "registered", "what"]
    Output().table(columns, [["schedule-delay@1", "approved", datetime(2026, 1, 2, tzinfo=UTC), "word " * 60]])
    lines = _printed(capsys)
    assert 120 < max(len(line) for line in lines) <= 160
    row = next(line for line in lines if "schedule-delay@1" in line)
    assert "approved" in row
    assert "2026-01-0" in row
    assert sum(line.count("word") for line in lines) == 60


def test_table_in_a_narrow_terminal_keeps_ids_and_times_whole(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    when = datetime(2026, 1, 2, tzinfo=UTC)
    columns = ["version", "state", "metric", "registered", "why"]
    Output().table(columns, [["schedule-delay@12", "approved", "roc_auc 0.9731", when, "so it was decided " * 5]])
    lines = _printed(capsys)
    assert max(len(line) for line in lines) <= 80
    text = "\n".join(lines)
    for whole in ("schedule-delay@12", "approved", "2026-01-0", "roc_auc", "0.9731"):
        assert whole in text
    assert text.count("decided") == 5


def test_table_takes_the_width_that_columns_asks_for(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    Output().table(["id", "text"], [["abc", "word " * 30]])
    assert max(len(line) for line in _printed(capsys)) <= 60


def test_table_aligns_numbers_to_the_right(capsys):
    Output().table(["rows", "name"], [[5, "a"], [12_000, "b"]])
    lines = _printed(capsys)
    assert [line.index("a" if "a" in line else "b") for line in lines[3:5]] == [8, 8]
    assert lines[3].lstrip().startswith("5")


def test_text_width_is_at_most_100(capsys, monkeypatch):
    assert Output().width == 100
    monkeypatch.setenv("COLUMNS", "72")
    assert Output().width == 72


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"), (True, "yes"), (False, "no"), (0.123456, "0.1235"), (2_500_000.0, "2,500,000"), (7, "7"),
        ("[x]", "[x]"), (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_cell_says_values_as_people_do(value, text):
    assert cell(value) == text


def test_json_text_writes_records_times_paths_and_no_nan():
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    value = {
        "fact": Fact("a", when),
        "path": Path("a/b"),
        "nan": float("nan"),
        "inf": [float("inf")],
        "map": MappingProxyType({1: "x"}),
    }
    assert json.loads(json_text(value), parse_constant=pytest.fail) == {
        "fact": {"name": "a", "when": "2026-01-02T03:04:05Z"},
        "path": "a/b",
        "nan": None,
        "inf": [None],
        "map": {"1": "x"},
    }


def test_error_is_one_line_on_standard_error(capsys):
    print_error({"message": "No column [a].", "hint": "Did you mean [b]?"}, as_json=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error: No column [a]. Did you mean [b]?\n"


def test_error_is_a_document_with_json(capsys):
    print_error({"code": "x", "message": "m", "hint": "", "details": {}}, as_json=True)
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "x"


def test_progress_draws_a_bar_with_label_and_note_in_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    progress = TerminalProgress()
    with progress.task("Tuning [a]", total=2) as task, progress.task("inner") as inner:
        task.advance(note="best 0.9 [b]")
        task.advance()
        inner.advance()
        progress.say("a [line] above")
        progress._live.refresh()
    shown = terminal.getvalue()
    assert "Tuning [a]" in shown
    assert "2/2" in shown
    assert "best 0.9 [b]" in shown
    assert "a [line] above" in shown


def test_progress_in_a_pipe_prints_only_what_is_said(capsys):
    progress = TerminalProgress()
    with progress.task("Tuning", total=2) as task:
        task.advance(note="best")
    progress.say("a line")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "a line\n")


def test_items_are_wrapped_between_words(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    Output().items(["one sentence that is longer than the line", "short"])
    assert capsys.readouterr().out.splitlines() == [
        "  · one sentence that is",
        "    longer than the line",
        "  · short",
    ]


def test_what_people_named_things_reaches_no_terminal_as_a_command(capsys):
    hostile = "run\x1b]0;title\x07\x1b[31m\x9b2J\r"
    out = Output()
    out.line(hostile, (hostile, "bold"))
    out.table(["name"], [[hostile]], title=hostile)
    out.warn(hostile)
    Output(as_json=True).json({"name": hostile})
    print_error({"message": hostile, "hint": hostile}, as_json=False)
    TerminalProgress().say(hostile)
    printed = capsys.readouterr()
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(printed.out + printed.err)
    assert "\\u001b]0;title" in printed.out
