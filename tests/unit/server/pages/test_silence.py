"""The page of silences; who may send its forms is asked of a server with users, as a browser uses it."""

from __future__ import annotations

import pytest

from millwright.core.records.monitor import Severity


def test_silence_is_added_and_ended_by_forms(empty):
    form = {"lasts": "1d", "endpoint": "", "reason": "<b>holiday", "kind": "drift", "severity": "warning"}
    sent = empty.client.post("/silences/add", data=form, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/silences")
    [record] = empty.workspace.stores.notifications.list_silences()
    assert (record.kind, record.severity, record.created_by) == ("drift", Severity.WARNING, empty.workspace.actor)
    page = empty.get("/silences", accept="text/html").text
    assert "&lt;b&gt;holiday" in page
    assert "up to warning" in empty.page("/monitoring")
    ended = empty.client.post("/silences/end", data={"silence": record.id}, follow_redirects=False)
    assert ended.status_code == 303
    assert f"holiday {empty.workspace.actor}" in empty.page("/silences")


def test_silence_of_a_monitor_is_added_and_listed(empty):
    form = {"lasts": "1d", "reason": "holiday", "monitor": "hour?y", "ahead": "yes"}
    sent = empty.client.post("/silences/add", data=form, follow_redirects=False)
    assert sent.status_code == 303
    assert [each.monitor for each in empty.workspace.stores.notifications.list_silences()] == ["hour?y"]
    assert "hour?y" in empty.page("/silences")
    assert 'name="monitor"' in empty.get("/silences", accept="text/html").text


def test_silence_leads_back_to_the_alert_it_was_begun_at(empty):
    form = {"lasts": "1h", "reason": "x", "alert": "a/../b"}
    sent = empty.client.post("/silences/add", data=form, follow_redirects=False)
    assert sent.headers["location"] == "/alerts/a%2F..%2Fb"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": "x"}, "expected a duration"),
        ({"lasts": "1h"}, "Expected a reason"),
        ({"lasts": "1h", "reason": "x", "severity": "loud"}, "no severity &#39;loud&#39;"),
    ],
)
def test_form_that_says_nothing_sensible_is_refused_on_a_page(empty, form, said):
    sent = empty.client.post("/silences/add", data=form, headers={"accept": "text/html"})
    assert sent.status_code == 422
    assert said in sent.text
    assert empty.page("/silences").count("Nothing is silenced.") == 1


def test_form_of_another_site_is_refused(empty):
    form = {"lasts": "1h", "reason": "x"}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert empty.client.post("/silences/add", data=form, headers=headers).status_code == 403
    assert empty.workspace.stores.notifications.list_silences() == []
