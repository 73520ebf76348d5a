"""Against our own server."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.progress import SilentProgress
from millwright.registry.exchange import rest_left_out
from millwright.registry.exchange.rest_client import RestClient
from millwright.registry.exchange.rest_left_out import left_out
from millwright.registry.exchange.rest_place import RestPlace
from millwright.registry.exchange.transfer import Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def served_more(served_url):
    """A server with what is not carried: two traces, and an evaluation dataset."""
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}
    with closing(RestClient(served_url)) as client:
        for name in ("tr-1", "tr-2"):
            info = {"trace_id": name, "request_time": "2026-01-02T03:04:05Z", "state": "OK", "trace_location": place}
            client.ask("POST", "traces", {"trace": {"trace_info": info}}, version="3.0")
        client.ask("POST", "datasets/create", {"name": "questions", "experiment_ids": ["0"]}, version="3.0")
    return served_url


def test_import_from_a_server_says_what_stays_there(served_more, here):
    with closing(RestPlace(served_more)) as place:
        report = Transfer(place, here, SilentProgress()).run()
    told = ["2 traces: not carried", "1 evaluation dataset: not carried"]
    assert (report.ok, report.as_dict()["left_out"]) == (True, told)


def test_server_without_any_is_told_nothing_about(served_url):
    with closing(RestPlace(served_url)) as place:
        assert place.left_out() == []


def test_many_are_not_counted_to_the_end(served_more, monkeypatch):
    monkeypatch.setattr(rest_left_out, "_MOST", 2)
    with closing(RestPlace(served_more)) as place:
        assert "2 traces or more: not carried" in place.left_out()


def test_what_a_server_refuses_to_count_is_told(served_more, monkeypatch):
    def refuse(_client: RestClient) -> Iterator[object]:
        raise InvalidInputError("Not you.")
        yield

    monkeypatch.setattr(rest_left_out, "_users", refuse)
    with closing(RestClient(served_more)) as client:
        assert left_out(client, []) == [
            "1 evaluation dataset: not carried",
            "Users: not carried, and could not be counted: Not you.",
        ]


def test_users_and_scorers_are_counted_from_what_is_listed(served_url, monkeypatch):
    answers = {"users/list": {"users": [{}, {}]}, "scorers/list?experiment_id=0": {"scorers": [{}]}}
    real = RestClient.ask

    def ask(self, method, path, body=None, *, version="2.0") -> Any:
        return answers[path] if path in answers else real(self, method, path, body, version=version)

    monkeypatch.setattr(RestClient, "ask", ask)
    with closing(RestPlace(served_url)) as place:
        assert place.left_out() == ["1 scorer: not carried", "2 users: not carried"]
