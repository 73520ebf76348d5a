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


def test_monitor_report_shows_what_labels_show_with_intervals(served, mw):
    mw(served, "labels", "add", "late-visit", "labels.csv")
    lines = mw(served, "monitor", "report", "late-visit").out.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("What 100 labels show (83% of"))
    assert lines[head + 2].split() == ["metric", "reference", "now", "from", "to"]
    name, _, now, low, high = lines[head + 4].split()
    assert name == "accuracy"
    assert float(low) <= float(now) <= float(high)


def test_monitor_report_of_a_version_that_there_is_not_says_so(served_once, mw):
    answer = mw(served_once, "monitor", "report", "late-visit", "--version", "9")
    assert answer.code == 1
    assert answer.out == ""
    assert "9" in answer.err


def test_monitor_report_of_an_empty_window_says_so_and_draws_no_table(served_once, mw):
    answer = mw(served_once, "monitor", "report", "late-visit", "--to", "2001-01-01")
    assert answer.out.startswith("No prediction of late-visit@1 lies in the window.\n")
    assert "column" not in answer.out


def test_monitor_report_names_the_test_of_each_column(served, mw):
    lines = mw(served, "monitor", "report", "late-visit").out.splitlines()
    assert lines[2].split()[2:6] == ["PSI", "Jensen-Shannon", "test", "its"]
    load, crew = (next(line.split() for line in lines if line.split()[:1] == [name]) for name in ("load", "crew"))
    assert (load[1], load[4]) == ("numeric", "KS")
    assert (crew[1], crew[4]) == ("categorical", "chi²")
