from __future__ import annotations

import inspect

import pytest

from millwright.cli.monitor import app


@pytest.mark.parametrize("command", ["check", "report"])
def test_window_is_what_the_options_choose(served, mw, tmp_path, command):
    page = tmp_path / "report.html"
    shown = mw(served, "monitor", command, "late-visit", "--last", "60", "--html", str(page), "--json").json
    assert (shown["document"] if command == "check" else shown)["rows"] == 60
    assert page.read_text(encoding="utf-8").startswith("<!")


def test_check_and_report_take_the_same_options():
    taken = {
        each.name: set(inspect.signature(each.callback).parameters)
        for each in app.registered_commands
        if each.callback is not None and each.name in {"check", "report"}
    }
    assert taken["check"] == taken["report"]


@pytest.mark.parametrize("command", ["check", "report"])
def test_page_that_cannot_be_written_is_refused_before_anything_is_looked_at(served, mw, tmp_path, command):
    answer = mw(served, "monitor", command, "late-visit", "--html", str(tmp_path / "gone" / "report.html"))
    assert answer.code == 1
    assert answer.out == ""
    assert f"there is no folder {tmp_path / 'gone'}. Name another file." in answer.err
    assert mw(served, "monitor", "reports", "--json").json == []


@pytest.mark.parametrize("command", ["check", "report"])
def test_findings_fail_the_command_only_when_asked_to(served, mw, command):
    answer = mw(served, "monitor", command, "late-visit", "--fail")
    assert answer.code == 1
    assert "! warning: " in answer.out
    assert answer.err == ""
    assert mw(served, "monitor", command, "late-visit").code == 0


@pytest.mark.parametrize("command", ["check", "report"])
def test_window_without_findings_does_not_fail(served, mw, command):
    answer = mw(served, "monitor", command, "late-visit", "--to", "2001-01-01", "--fail")
    assert answer.code == 0
    assert "No prediction of late-visit@1 lies in the window." in answer.out


def test_check_refuses_a_monitor_of_the_endpoint_whose_pipeline_is_not_there(served, mw):
    with (served / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write('[monitors.late]\nendpoint = "late-visit"\naction = {pipeline = "pipelin.py"}\n')
    answer = mw(served, "monitor", "check", "late-visit")
    assert (answer.code, answer.out) == (1, "")
    assert "could train nothing: there is no file 'pipelin.py'" in answer.err
    assert "Did you mean 'pipeline.py'? Correct 'pipeline' in [monitors.late.action]." in answer.err
    assert mw(served, "monitor", "reports", "--json").json == []
    assert mw(served, "monitor", "report", "late-visit").code == 0  # which lets nothing follow


def test_findings_that_are_no_alert_yet_fail_the_check(served, mw):
    with (served / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write("\n[alerts]\nraise_after = 3\n")
    answer = mw(served, "monitor", "check", "late-visit", "--fail", "--json")
    assert (answer.code, answer.json["alerts"]) == (1, [])
    assert answer.json["document"]["findings"]


DECLARED = '[monitors.newest]\nendpoint = "late-visit"\nrows = 60\nthresholds = {anomalies = false}\n'


def test_declared_monitor_is_looked_at_and_checked_as_it_is_declared(served, mw):
    with (served / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write(DECLARED)
    looked = mw(served, "monitor", "report", "--monitor", "newest")
    assert "60 predictions of late-visit@1" in looked.out
    assert "Next: mw monitor check --monitor newest" in looked.out
    assert mw(served, "monitor", "report", "--monitor", "newest", "--last", "55", "--json").json["rows"] == 55
    assert mw(served, "monitor", "reports", "--json").json == []
    checked = mw(served, "monitor", "check", "late-visit", "--monitor", "newest", "--json").json
    assert (checked["report"]["monitor"], checked["report"]["rows"]) == ("newest", 60)
    assert checked["document"]["monitor"]["name"] == "newest"
    assert checked["document"]["settings"]["insight"]["anomalies"]["enabled"] is False
    assert {alert["monitor"] for alert in checked["alerts"]} == {"newest"}
    [row] = mw(served, "monitor", "list", "--json").json
    assert row["last_report"]["id"] == checked["report"]["id"]


def test_check_that_cannot_be_meant_is_refused(served, mw):
    with (served / "millwright.toml").open("a", encoding="utf-8") as file:
        file.write(DECLARED)
    refused = {
        (): "Expected an endpoint or --monitor, found neither. List them: mw monitor list",
        ("--monitor", "newst"): "The project file declares no monitor 'newst'. Did you mean 'newest'?",
        ("other", "--monitor", "newest"): "The monitor 'newest' watches the endpoint 'late-visit', not 'other'.",
        ("--monitor", "newest", "--last", "5"): "The window of a check of the monitor 'newest' is as declared",
    }
    for words, said in refused.items():
        answer = mw(served, "monitor", "check", *words)
        assert (answer.code, answer.out) == (1, "")
        assert said in answer.err
