"""Alerts and silences changed over HTTP, by users with roles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.records.monitor import AlertState
from millwright.testing import sample


@pytest.fixture
def alert(empty):
    record = sample.alert()
    empty.workspace.stores.monitors.append_alert(record)
    return record


def post(control, path: str, body: object):
    return control.client.post(f"/api/v1{path}", json=body)


def test_alert_is_taken_on_and_closed_with_its_reasons_in_the_audit_log(empty, alert):
    assert empty.json(f"/api/v1/alerts/{alert.id}")["state"] == "open"
    taken = post(empty, f"/alerts/{alert.id}/acknowledge", {"reason": "I look at it"})
    assert taken.status_code == 200, taken.text
    assert (taken.json()["state"], taken.json()["acknowledged_by"]) == ("acknowledged", empty.workspace.actor)
    again = post(empty, f"/alerts/{alert.id}/acknowledge", None)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "state_transition")
    closed = post(empty, f"/alerts/{alert.id}/resolve", {"reason": "mended"})
    assert closed.json()["resolved_by"] == empty.workspace.actor
    assert empty.workspace.stores.monitors.get_alert(alert.id).state is AlertState.RESOLVED
    entries = empty.workspace.stores.audit.list(subject=f"endpoint:{alert.endpoint}")
    assert [(each.action, each.details["reason"]) for each in entries] == [
        ("alert.resolve", "mended"),
        ("alert.acknowledge", "I look at it"),
    ]


@pytest.mark.parametrize("given", [{}, {"json": {}}, {"json": {"reason": ""}}, {"content": b""}])
def test_alert_is_taken_on_and_closed_without_a_reason(empty, alert, given):
    taken = empty.client.post(f"/api/v1/alerts/{alert.id}/acknowledge", **given)
    assert (taken.status_code, taken.json()["state"]) == (200, "acknowledged"), taken.text
    closed = empty.client.post(f"/api/v1/alerts/{alert.id}/resolve", **given)
    assert (closed.status_code, closed.json()["state"]) == (200, "resolved"), closed.text


@pytest.mark.parametrize("body", [{"reson": "x"}, {"reason": 3}, [], "x"])
def test_body_that_is_given_must_be_right(empty, alert, body):
    answer = post(empty, f"/alerts/{alert.id}/acknowledge", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input"), answer.text
    assert empty.workspace.stores.monitors.get_alert(alert.id).state is AlertState.OPEN


def test_alert_that_is_not_there_is_said_so(empty):
    assert post(empty, "/alerts/none/acknowledge", {}).status_code == 404
    assert empty.get("/api/v1/alerts/none").status_code == 404


def test_silence_is_added_listed_and_ended(empty):
    body = {"lasts": "2h", "reason": "moving the sensor", "endpoint": "del*", "kind": "drift", "severity": "warning"}
    assert post(empty, "/silences", body).status_code == 422
    body["ahead"] = True
    added = post(empty, "/silences", body)
    assert added.status_code == 201, added.text
    record = empty.workspace.stores.notifications.list_silences()[0]
    assert (record.ends_at - record.starts_at, record.endpoint, record.kind) == (timedelta(hours=2), "del*", "drift")
    assert [each["id"] for each in empty.json("/api/v1/silences")["items"]] == [added.json()["id"]]
    ended = empty.client.delete(f"/api/v1/silences/{record.id[-8:]}")
    assert (ended.status_code, ended.json()["ended_by"]) == (200, empty.workspace.actor)
    assert empty.json("/api/v1/silences")["items"] == []
    assert len(empty.json("/api/v1/silences?ended=true")["items"]) == 1
    assert empty.client.delete(f"/api/v1/silences/{record.id}").status_code == 409
    actions = [each.action for each in empty.workspace.stores.audit.list(subject=f"silence:{record.id}")]
    assert actions == ["silence.end", "silence.add"]


def test_silence_of_a_monitor_is_added(empty):
    body = {"lasts": "2h", "reason": "moving the sensor", "monitor": "hourly"}
    refused = post(empty, "/silences", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")
    assert "There is no monitor 'hourly'" in refused.json()["error"]["message"]
    added = post(empty, "/silences", body | {"ahead": True})
    assert added.json()["monitor"] == "hourly"
    assert empty.json("/api/v1/silences")["items"][0]["monitor"] == "hourly"


def test_silence_ends_at_a_moment(empty):
    until = empty.workspace.clock.now() + timedelta(days=1)
    assert post(empty, "/silences", {"until": until.isoformat(), "reason": "outage"}).status_code == 201
    record = empty.workspace.stores.notifications.list_silences()[0]
    assert abs(record.ends_at - until) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"lasts": "2h"}, "missing required field 'reason'"),
        ({"lasts": "2h", "reason": " "}, "Expected a reason"),
        ({"reason": "x"}, "either 'lasts' or 'until'"),
        ({"reason": "x", "lasts": "1h", "until": "2030-01-01T00:00:00Z"}, "either 'lasts' or 'until'"),
        ({"reason": "x", "lasts": "soon"}, "found 'soon'"),
        ({"reason": "x", "lasts": "9" * 30 + "w"}, "For how long"),
        ({"reason": "x", "lasts": "999999w"}, "before the year 10000"),
        ({"reason": "x", "until": "2030-01-01T00:00:00"}, "offset from UTC"),
        ({"reason": "x", "until": "2001-01-01T00:00:00Z"}, "lasts some time"),
        ({"reason": "x", "lasts": "1h", "kind": "drfit"}, "There is no kind of alert 'drfit'"),
        ({"reason": "x", "lasts": "1h", "severity": "loud"}, "loud"),
        ({"reason": "x", "lasts": "1h", "endpont": "a"}, "endpont"),
        ({"reason": "x", "lasts": "1h", "endpoint": "dealy"}, "There is no endpoint 'dealy'"),
        ({"reason": "x" * 1001, "lasts": "1h"}, "1000"),
    ],
)
def test_silence_that_says_nothing_sensible_is_refused(empty, body, said):
    answer = post(empty, "/silences", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input"), answer.text
    assert said in answer.json()["error"]["message"]
    assert empty.workspace.stores.notifications.list_silences() == []
