from __future__ import annotations


def test_decisions_show_their_reasons_and_alerts_their_messages(control):
    page = control.page("/decisions")
    assert "kept" in page
    assert "threshold: ROC AUC is too low." in page
    alert = control.json("/api/v1/alerts")["items"][0]
    assert " ".join(alert["message"].split()) in page


def test_decisions_of_an_empty_workspace_say_so(empty):
    page = empty.page("/decisions")
    assert "Nothing had to be decided yet." in page
