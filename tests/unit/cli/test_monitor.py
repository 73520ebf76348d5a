from __future__ import annotations

import pytest


def test_labels_add_says_how_many_and_what_next(served, mw):
    answer = mw(served, "labels", "add", "late-visit", "labels.csv")
    assert answer.out == "✓ 100 labels added to late-visit.\nNext: mw monitor check late-visit\n"


def test_labels_add_again_changes_nothing(served, mw):
    mw(served, "labels", "add", "late-visit", "labels.csv")
    answer = mw(served, "labels", "add", "late-visit", "labels.csv")
    assert answer.out.startswith("✓ 0 labels added to late-visit, 100 known already.")


def test_labels_add_warns_of_predictions_that_were_not_made(served, mw):
    (served / "labels.csv").write_text(f"prediction_id,label\n{'0' * 32},yes\n", encoding="utf-8")
    shown = mw(served, "labels", "add", "late-visit", "labels.csv", "--json").json
    assert (shown["added"], shown["unknown"]) == (0, 1)
    assert "! Not made by late-visit: the predictions that 1 row would label." in mw(
        served, "labels", "add", "late-visit", "labels.csv"
    ).out  # fmt: skip


@pytest.mark.parametrize(
    ("endpoint", "file", "message"),
    [
        ("late-visit", "gone.csv", "gone.csv"),
        ("late-visit", "visits.csv", "prediction_id"),
        ("late-visits", "labels.csv", "Did you mean 'late-visit'?"),
    ],
)
def test_labels_add_refuses_wrong_input_with_one_line(served_once, mw, endpoint, file, message):
    answer = mw(served_once, "labels", "add", endpoint, file)
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_monitor_check_shows_drift_performance_and_alerts(served, mw):
    mw(served, "labels", "add", "late-visit", "labels.csv")
    answer = mw(served, "monitor", "check", "late-visit")
    assert answer.code == 0
    assert "120 predictions of late-visit@1, 100 with labels;" in answer.out
    load = next(line for line in answer.out.splitlines() if line.strip().startswith("load "))
    assert load.split()[-1] == "yes"
    assert "roc_auc" in answer.out
    assert "! " in answer.out
    alert = mw(served, "alerts", "list", "--json").json[0]["id"]
    assert f"mw alerts retrain {alert[-8:]} --pipeline" in answer.out


def test_monitor_check_writes_a_page(served, tmp_path, mw):
    page = tmp_path / "monitor.html"
    answer = mw(served, "monitor", "check", "late-visit", "--html", str(page))
    assert f"Report: {page}" in answer.out
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!")
    assert "late-visit: 120 predictions" in text


def test_monitor_check_gives_report_and_alerts_as_json(served, mw):
    shown = mw(served, "monitor", "check", "late-visit", "--json").json
    assert shown["report"]["rows"] == 120
    assert {column["column"] for column in shown["report"]["drift"]} >= {"load", "crew", "days"}
    assert [alert["endpoint"] for alert in shown["alerts"]]
    reports = mw(served, "monitor", "reports", "late-visit", "--json").json
    assert [report["id"] for report in reports] == [shown["report"]["id"]]


def test_monitor_check_of_an_unknown_endpoint_is_one_line(served_once, mw):
    answer = mw(served_once, "monitor", "check", "late-vist")
    assert answer.code == 1
    assert "late-vist" in answer.err
    assert answer.err.count("\n") == 1


def test_monitor_reports_lists_the_newest_first(served, mw):
    assert "Nothing has been checked at late-visit." in mw(served, "monitor", "reports", "late-visit").out
    mw(served, "monitor", "check", "late-visit")
    answer = mw(served, "monitor", "reports")
    row = next(line for line in answer.out.splitlines() if " late-visit " in line)
    assert " 120 " in row
    assert f"Next: mw monitor show {row.split()[0]}" in answer.out
    assert "Nothing has been checked by the monitor 'hourly'." in mw(
        served, "monitor", "reports", "--monitor", "hourly"
    ).out  # fmt: skip


def test_monitor_reports_of_an_unknown_endpoint_names_the_nearest(served_once, mw):
    answer = mw(served_once, "monitor", "reports", "late-vist")
    assert (answer.code, answer.out) == (1, "")
    assert "There is no endpoint 'late-vist'. Did you mean 'late-visit'?" in answer.err


def test_alerts_list_says_when_there_is_none(served_once, mw):
    answer = mw(served_once, "alerts", "list", "--open")
    assert answer.out.startswith("No open alert.\nNext: mw monitor check")
    assert mw(served_once, "alerts", "list", "--json").json == []


def test_alerts_retrain_answers_with_a_decision(served, mw):
    from tiny.project import visits

    visits(320, seed=5, shift=1.5).write_csv(served / "new.csv")
    mw(served, "monitor", "check", "late-visit")
    alert = mw(served, "alerts", "list", "--json").json[0]["id"][-8:]
    assert alert in mw(served, "alerts", "list").out
    answer = mw(served, "alerts", "retrain", alert, "--pipeline", "pipeline.py", "--param", "source=new.csv")
    assert answer.code == 0
    assert "✓ tune" in answer.out
    assert "Decision: promoted (challenger late-visit@2, champion before late-visit@1)." in answer.out
    assert "Next: mw models show late-visit@2" in answer.out
    assert mw(served, "alerts", "list", "--open", "--json").json == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("00000000", "--pipeline", "pipeline.py"), "There is no alert '00000000'. See: mw alerts list"),
        (("", "--pipeline", "pipeline.py"), "There is no alert ''."),
    ],
)
def test_alerts_retrain_refuses_an_unknown_alert(served_once, mw, words, message):
    answer = mw(served_once, "alerts", "retrain", *words)
    assert answer.code == 1
    assert message in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pipeline", "gone.py"), "gone.py"),
        (("--pipeline", "pipeline.py", "--param", "source"), "Expected name=value, found 'source'."),
        (("--pipeline", "pipeline.py", "--param", "sorce=visits.csv"), "'sorce'"),
        (("--pipeline", "pipeline.py", "--param", "source=gone.csv"), "gone.csv"),
    ],
)
def test_alerts_retrain_refuses_a_wrong_call_and_keeps_the_alert_open(served, mw, words, message):
    mw(served, "monitor", "check", "late-visit")
    alert = mw(served, "alerts", "list", "--json").json[0]["id"]
    answer = mw(served, "alerts", "retrain", alert, *words)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert alert in [record["id"] for record in mw(served, "alerts", "list", "--open", "--json").json]
    # Nor does it count as a retraining, after which the next has to wait.
    assert mw(served, "alerts", "retrain", alert, "--pipeline", "pipeline.py").code == 0


def test_alerts_retrain_fails_when_the_pipeline_does_and_says_how_to_go_on(served, mw):
    (served / "bad.csv").write_text("load,crew,days,late\n1,z,5,yes\n2,z,6,no\n", encoding="utf-8")
    mw(served, "monitor", "check", "late-visit")
    alert = mw(served, "alerts", "list", "--json").json[0]["id"][-8:]
    words = ("alerts", "retrain", alert, "--pipeline", "pipeline.py", "--param", "source=bad.csv")
    answer = mw(served, *words)
    assert answer.code == 1
    assert "Decision: failed (challenger None, champion before late-visit@1)." in answer.out
    assert f"mw alerts retrain {alert} --pipeline pipeline.py" in answer.out
    assert "Warning: Retraining by trigger 'late-visit-alerts' failed (ContractViolationError" in answer.err
    assert "Traceback" not in answer.err
    again = mw(served, *words, "--json")
    assert (again.code, again.json["error"]["code"]) == (1, "conflict")
