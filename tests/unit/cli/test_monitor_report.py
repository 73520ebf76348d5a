from __future__ import annotations


def test_monitor_report_shows_what_a_check_would_find_and_keeps_nothing(served, mw):
    mw(served, "labels", "add", "late-visit", "labels.csv")
    answer = mw(served, "monitor", "report", "late-visit")
    assert answer.code == 0
    assert "120 predictions of late-visit@1, 100 with labels;" in answer.out
    assert "Data quality: " in answer.out
    assert "Operation: " in answer.out
    assert "! " in answer.out
    assert mw(served, "monitor", "reports", "late-visit", "--json").json == []
    assert mw(served, "alerts", "list", "--json").json == []


def test_monitor_report_looks_at_the_window_that_is_asked_for(served, mw, tmp_path):
    page = tmp_path / "report.html"
    shown = mw(served, "monitor", "report", "late-visit", "--last", "60", "--html", str(page), "--json").json
    assert shown["rows"] == 60
    assert {each["check"] for each in shown["quality"]} >= {"schema_change", "volume", "freshness"}
    assert page.read_text(encoding="utf-8").startswith("<!")
    early = mw(served, "monitor", "report", "late-visit", "--to", "2001-01-01", "--version", "1", "--json").json
    assert early["rows"] == 0


def test_monitor_report_says_which_time_it_could_not_read(served_once, mw):
    answer = mw(served_once, "monitor", "report", "late-visit", "--from", "yesterday")
    assert answer.code == 1
    assert "--from: expected a date or time, found 'yesterday'" in answer.err
