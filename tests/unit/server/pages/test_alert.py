from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from millwright.core.records.monitor import AlertState
from millwright.monitoring.alerting import SilenceDraft
from millwright.testing import sample

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def alert(empty):
    record = replace(sample.alert(), message=EVIL, evidence={"columns": {"cost": {"score": 0.4}}, "limit": 0.2})
    empty.workspace.stores.monitors.append_alert(record)
    return record


def test_alert_is_shown_with_what_was_found_and_what_can_be_done(empty, alert):
    page = empty.page(f"/alerts/{alert.id}")
    for part in (alert.kind, "open", "Columns cost score 0.400", "Limit 0.200", "Take it on", "Close it", "Silence"):
        assert part in page, page
    assert EVIL not in empty.get(f"/alerts/{alert.id}", accept="text/html").text
    assert f'href="/alerts/{alert.id}"' in empty.get("/monitoring", accept="text/html").text


def test_form_takes_an_alert_on_and_closes_it(empty, alert):
    named = {"alert": alert.id, "reason": "I look at it"}
    for verb, state in (("acknowledge", AlertState.ACKNOWLEDGED), ("resolve", AlertState.RESOLVED)):
        sent = empty.client.post(f"/alerts/{verb}", data=named, follow_redirects=False)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/alerts/{alert.id}")
        assert empty.workspace.stores.monitors.get_alert(alert.id).state is state
        assert "Take it on" not in empty.page(f"/alerts/{alert.id}")
    assert "Close it" not in empty.page(f"/alerts/{alert.id}")
    again = empty.client.post("/alerts/resolve", data=named, headers={"accept": "text/html"})
    assert (again.status_code, "<h1>Conflict</h1>" in again.text) == (409, True)


def test_page_says_what_silences_an_alert(empty, alert):
    empty.workspace.silences.add(SilenceDraft(lasts=timedelta(hours=1), reason="moving the sensor"))
    assert "moving the sensor" in empty.page(f"/alerts/{alert.id}")


def test_alert_that_is_not_there_is_said_so(empty):
    assert empty.get("/alerts/none", accept="text/html").status_code == 404
    assert empty.client.post("/alerts/acknowledge", data={"alert": ""}).status_code == 404
