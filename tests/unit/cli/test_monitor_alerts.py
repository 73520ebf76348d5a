from __future__ import annotations


def test_second_check_tells_of_the_alerts_that_it_found_again(served, mw):
    first = mw(served, "monitor", "check", "late-visit", "--json").json["alerts"]
    known = mw(served, "alerts", "list", "--json").json
    assert [each["id"] for each in first] == [each["id"] for each in known]
    alert = next(each["id"][-8:] for each in known if each["kind"] == "drift")
    mw(served, "alerts", "ack", alert, "--reason", "the sensor")
    again = mw(served, "monitor", "check", "late-visit")
    assert "No alert was raised." not in again.out
    assert f"(alert {alert}, found 2 times since " in again.out
    assert ", acknowledged by ann)" in again.out
    assert f"mw alerts retrain {alert} --pipeline" in again.out
    assert [each["id"] for each in mw(served, "monitor", "check", "late-visit", "--json").json["alerts"]] == [
        each["id"] for each in known
    ]


def test_finding_that_is_no_alert_yet_is_told_as_such(served, mw):
    settings = served / "millwright.toml"
    settings.write_text(settings.read_text() + "\n[alerts]\nraise_after = 2\n")
    first = mw(served, "monitor", "check", "late-visit")
    assert "(no alert yet: as many checks in a row must find it as alerts.raise_after says)" in first.out
    assert "No alert was raised." not in first.out
    assert mw(served, "alerts", "list", "--json").json == []
