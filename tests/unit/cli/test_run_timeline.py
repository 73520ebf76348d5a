from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.cli.console import Output
from millwright.cli.run_timeline import bar_text, memory, money, print_timeline
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.pipeline import StepRunRecord, StepStatus, StepUsage
from millwright.pipelines.runner.observation.timeline import StepSpan

START = datetime(2026, 1, 1, tzinfo=UTC)


def span(name: str, start: float = 0.0, width: float = 1.0, **more: Any) -> StepSpan:
    usage, items = more.pop("usage", None), more.pop("items", ())
    record = StepRunRecord(
        id=StepRunId(name),
        pipeline_run_id=PipelineRunId("a"),
        step=name,
        function=name,
        status=more.pop("status", StepStatus.COMPLETED),
        started_at=START,
        ended_at=START + timedelta(seconds=10 * width),
        **more,
    )
    return StepSpan(record=record, start=start, width=width, seconds=10 * width, usage=usage, items=items)


def shown(spans: list[StepSpan], capsys: pytest.CaptureFixture[str], currency: str = "EUR") -> list[str]:
    print_timeline(Output(), spans, currency)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_steps_stand_below_each_other_along_time(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown([span("load", 0, 0.5), span("fit", 0.5, 0.5, status=StepStatus.FAILED)], capsys)
    assert lines[0].split() == ["step", "when", "seconds"]
    assert lines[2].startswith(" ✓ load")
    assert lines[3].startswith(" ✗ fit")
    assert lines[2].split()[-1] == lines[3].split()[-1] == "5.00"
    assert lines[2].index("█") + lines[2].count("█") == pytest.approx(lines[3].index("█"), abs=1)
    assert max(map(len, lines)) <= 80


def test_columns_that_tell_something_are_added(capsys: pytest.CaptureFixture[str]) -> None:
    usage = StepUsage(cpu_s=1.5, peak_memory_bytes=1_200_000_000, cost=0.25)
    items = (span("a[0]").record, span("a[1]", status=StepStatus.CACHED).record)
    lines = shown(
        [span("a", usage=usage, items=items, attempts=2), span("b", status=StepStatus.CACHED, executor="ray")], capsys
    )
    assert lines[0].split() == ["step", "when", "seconds", "items", "CPU", "s", "memory", "EUR", "tries", "where"]
    assert "1.2 GB" in lines[2]
    assert "cached" in lines[3]
    assert "·" in lines[3]
    assert lines[4] == "In all 1.50 CPU s, peak memory 1.2 GB, estimated cost 0.25 EUR."
    assert max(map(len, lines)) <= 80


def test_long_names_are_folded_and_control_characters_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown([span("a" * 60), span("b\x1b[2J")], capsys)
    assert sum(line.count("a") for line in lines[2:]) >= 60
    assert not any("\x1b" in line for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("start", "share", "expected"),
    [
        (0.0, 1.0, "████████"),
        (0.5, 0.5, "    ████"),
        (0.0, 0.0, "▏       "),
        (1.0, 0.0, "       ▏"),
        (0.25, 0.3125, "  ██▌   "),
        (0.9, 0.5, "       █"),
    ],
)
def test_bar_is_exact_to_an_eighth_and_never_empty(start: float, share: float, expected: str) -> None:
    assert bar_text(start, share, 8) == expected


def test_bar_fits_a_cell_of_one_column() -> None:
    assert len(bar_text(0.9, 0.1, 1)) == 1


@pytest.mark.parametrize(
    ("size", "expected"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (340e6, "340 MB"), (1.25e9, "1.2 GB")]
)
def test_memory_is_told_with_two_digits_or_more(size: float, expected: str) -> None:
    assert memory(size) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(0, "0.00"), (1234.5, "1,234.50"), (0.1, "0.10"), (0.0123, "0.0123"), (0.00001, "<0.0001")],
)
def test_money_has_as_many_decimals_as_it_needs(amount: float, expected: str) -> None:
    assert money(amount) == expected
