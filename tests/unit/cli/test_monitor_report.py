from __future__ import annotations

from dataclasses import replace

from millwright.cli.console import Output
from millwright.cli.monitor_report import print_report
from millwright.core.records.monitor import DriftRecord
from millwright.testing import sample


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


def test_tensors_are_shown_with_their_own_distances(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # where it is narrower, heads of columns go on in a second line
    number = DriftRecord(
        column="days", kind="numeric", scores={"psi": 0.3, "kolmogorov_smirnov": 0.2}, p_value=0.001, statistic="psi",
        threshold=0.2, drifted=True, reference_rows=500, current_rows=300,
    )  # fmt: skip
    scores = {"mean_shift": 0.11, "cosine": 0.22, "mmd": 0.033, "domain_auc": 0.71}
    photo = replace(number, column="photo", kind="tensor", scores=scores, statistic="domain_auc", threshold=0.6)
    print_report(Output(), replace(sample.report("delay"), drift=(number, photo)))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    head = next(number for number, line in enumerate(lines) if line[:1] == ["tensor"])
    assert " ".join(lines[head]) == "tensor mean shift cosine MMD domain AUC decides limit p of MMD drifted"
    [shown] = [line for line in lines if line[:1] == ["photo"]]
    assert shown[1:5] == ["0.11", "0.22", "0.033", "0.71"]
    assert shown[5:7] == ["domain", "auc"]
    [plain] = [line for line in lines if line[:1] == ["days"]]
    assert plain[1:4] == ["numeric", "0.3", "-"]
