from __future__ import annotations

import socket

import pytest

from millwright.core.records.prediction import EndpointRecord
from millwright.workspace.workspace import Workspace


def test_deploy_puts_a_version_behind_an_alias(trained, mw):
    answer = mw(trained, "deploy", "late-visit@1", "--alias", "staging", "--reason", "a try")
    assert answer.out == "✓ late-visit@staging is version 1.\nNext: mw serve late-visit@staging\n"
    event = mw(trained, "audit", "list", "--subject", "late-visit@1", "--json").json[0]
    assert (event["action"], event["details"]["reason"]) == ("model.promote", "a try")


def test_deploy_gives_the_alias_and_running_endpoints_as_json(trained, mw):
    shown = mw(trained, "deploy", "late-visit", "--alias", "staging", "--json").json
    assert shown["alias"]["version"] == 1
    assert shown["endpoints"] == []


@pytest.mark.parametrize("model", ["late-visits", "late-visit@7"])
def test_deploy_of_an_unknown_version_is_one_line(trained_once, mw, model):
    answer = mw(trained_once, "deploy", model)
    assert answer.code == 1
    assert "late-visit" in answer.err
    assert answer.err.count("\n") == 1


def test_deploy_names_the_servers_that_follow(trained, mw):
    from tiny.project import server

    with server(trained) as url:
        answer = mw(trained, "deploy", "late-visit@1")
        listed = mw(trained, "endpoints", "--json").json
        table = mw(trained, "endpoints").out
    assert f"late-visit at {url} follows" in answer.out
    assert "Next: mw monitor check late-visit" in answer.out
    assert [(entry["name"], entry["url"], entry["serving_version"]) for entry in listed] == [("late-visit", url, 1)]
    assert url in table
    assert "not running" in mw(trained, "endpoints").out


def test_server_whose_process_was_killed_is_not_running(trained, mw):
    with Workspace.open(trained) as workspace:
        at = workspace.clock.now()
        nobody = f"{socket.gethostname()}:999999999:1"
        record = EndpointRecord(
            name="late-visit", model="late-visit", selector="champion", updated_at=at, url="http://127.0.0.1:1",
            serving_version=1, owner=nobody,
        )  # fmt: skip
        workspace.stores.endpoints.put(record)
    assert "not running (its process was killed)" in mw(trained, "endpoints").out
    assert mw(trained, "deploy", "late-visit@1", "--json").json["endpoints"] == []


def test_endpoints_of_a_workspace_that_served_nothing(trained_once, mw):
    answer = mw(trained_once, "endpoints")
    assert answer.out.startswith("Nothing has been served from this workspace.\nNext: ")
    assert mw(trained_once, "endpoints", "--json").json == []
