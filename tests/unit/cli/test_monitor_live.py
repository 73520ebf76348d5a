from __future__ import annotations

import pytest


def test_monitor_status_tells_what_is_left_and_backfill_folds_it(served, mw):
    answer = mw(served, "monitor", "status")
    assert answer.code == 0
    assert "Next: mw monitor backfill late-visit" in answer.out
    (before,) = mw(served, "monitor", "status", "--json").json
    assert (before["rows"], before["pending"] > 0, before["lag_s"] > 0) == (0, True, True)
    folded = mw(served, "monitor", "backfill", "late-visit")
    assert "✓ 120 rows of " in folded.out
    assert mw(served, "monitor", "backfill", "late-visit", "--json").json == {
        "segments": 0, "rows": 0, "problems": [], "reports": [],
    }  # fmt: skip
    assert mw(served, "monitor", "backfill", "late-visit", "--again", "--json").json["rows"] == 120
    after = mw(served, "monitor", "status", "late-visit")
    assert "p99 ms" in after.out
    (found,) = mw(served, "monitor", "status", "late-visit", "--json").json
    assert (found["rows"], found["pending"], found["lag_s"]) == (120, 0, 0.0)
    assert sum(hour["rows"] for hour in found["hours"]) == 120


def test_monitor_backfill_writes_a_report_for_each_chunk_once(served, mw):
    quick = mw(served, "monitor", "backfill", "late-visit", "--every", "1d", "--drift-only", "--json").json
    assert [report["document"] for report in quick["reports"]] == [None] * len(quick["reports"])
    shown = mw(served, "monitor", "backfill", "late-visit", "--every", "1d", "--json").json
    assert sum(report["rows"] for report in shown["reports"]) == 120
    assert all(report["document"] for report in shown["reports"])
    assert "load" in {column["column"] for column in shown["reports"][0]["drift"] if column["drifted"]}
    again = mw(served, "monitor", "backfill", "late-visit", "--every", "1d", "--json").json
    assert again["reports"] == []
    reports = mw(served, "monitor", "reports", "late-visit", "--json").json
    assert len(reports) == len(quick["reports"]) + len(shown["reports"])
    assert mw(served, "alerts", "list", "--json").json == []


def test_monitor_watch_folds_and_tells_which_windows_drifted(served, mw):
    answer = mw(served, "monitor", "watch", "--once")
    assert answer.code == 0
    assert "late-visit: 120 rows of " in answer.out
    assert "late-visit: 120 rows of late-visit@1; drifted: " in answer.out
    shown = mw(served, "monitor", "watch", "late-visit", "--once", "--json").json
    assert [fold["segments"] for fold in shown["folded"]] == [0]
    (window,) = shown["windows"]
    assert window["drift"]["rows"] == 120
    assert "load" in window["drift"]["drifted"]
    assert window["drift"]["latency_ms"]["p99"] > 0


def test_monitor_watch_looks_at_the_windows_of_declared_monitors(served, mw):
    with (served / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write('\n[monitors.newest]\nendpoint = "late-visit"\nrows = 60\n')
    answer = mw(served, "monitor", "watch", "--once")
    assert "late-visit [newest]: 60 rows of late-visit@1; drifted: " in answer.out


def test_monitor_watch_says_when_nothing_was_logged(trained_once, mw):
    assert mw(trained_once, "monitor", "watch", "--once").out == "No prediction was logged yet.\n"
    assert mw(trained_once, "monitor", "status").out.startswith("No prediction was logged yet.\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["status", "late-vist"], "Did you mean 'late-visit'?"),
        (["backfill", "late-vist"], "Did you mean 'late-visit'?"),
        (["watch", "late-vist", "--once"], "Did you mean 'late-visit'?"),
        (["backfill", "late-visit", "--every", "90m"], "whole hours"),
        (["backfill", "late-visit", "--every", "soon"], "--every"),
        (["backfill", "late-visit", "--from", "yesterday"], "2026-11-30"),
        (["watch", "--every", "x"], "--every"),
        (["backfill", "late-visit", "--again", "--from", "2026-01-01"], "--again"),
    ],
)
def test_monitor_refuses_wrong_input_with_one_line(served, mw, words, message):
    answer = mw(served, "monitor", *words)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_monitor_backfill_refuses_chunks_that_there_cannot_be_before_it_folds(served, mw):
    refused = mw(served, "monitor", "backfill", "late-visit", "--every", "2m")
    assert (refused.code, refused.out) == (1, "")
    assert "Expected chunks of whole hours, found 2 minutes." in refused.err
    assert mw(served, "monitor", "status", "late-visit", "--json").json[0]["pending"] == 1


def test_monitor_backfill_and_watch_judge_as_the_declared_monitor_says(served, mw):
    with (served / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write('\n[monitors.calm]\nendpoint = "late-visit"\ncolumns = {load = {limit = 90}}\n')
    for words in (["--drift-only"], []):
        shown = mw(served, "monitor", "backfill", "late-visit", "--every", "1d", *words, "--json").json["reports"]
        [load] = [column for column in shown[0]["drift"] if column["column"] == "load"]
        assert (load["threshold"], load["drifted"]) == (90, False)
        assert {report["monitor"] for report in shown} == {"calm"}
    (window,) = mw(served, "monitor", "watch", "--once", "--json").json["windows"]
    assert "load" not in window["drift"]["drifted"]
    declared = (served / "millwright.toml").read_text(encoding="utf-8")
    by_parts = declared.replace("{limit = 90}", '{limits = "quantiles"}').replace(
        "[monitors.calm]", '[monitors.calm]\nreference = "held_out"'
    )
    (served / "millwright.toml").write_text(by_parts, encoding="utf-8")
    (window,) = mw(served, "monitor", "watch", "--once", "--json").json["windows"]
    [load] = [column for column in window["drift"]["drift"] if column["column"] == "load"]
    assert load["threshold"] not in {90, 0.2}
    assert "counts cannot be against 'held_out'" in window["drift"]["notes"][-1]
    assert "counts cannot be against 'held_out'" in mw(served, "monitor", "watch", "--once").out
    (served / "millwright.toml").write_text(declared, encoding="utf-8")
    with (served / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write('\n[monitors.other]\nendpoint = "late-visit"\nthresholds = {season = "hour_of_day"}\n')
    refused = mw(served, "monitor", "backfill", "late-visit", "--every", "1d")
    assert (refused.code, "--monitor calm" in refused.err) == (1, True)
    chosen = mw(served, "monitor", "backfill", "late-visit", "--every", "2d", "--monitor", "other", "--drift-only")
    assert "Judged as the monitor 'other' declares." in chosen.out
    assert "the season takes rows" in chosen.out
    assert (
        "no monitor 'othr'" in mw(served, "monitor", "backfill", "late-visit", "--every", "1d", "--monitor", "othr").err
    )
