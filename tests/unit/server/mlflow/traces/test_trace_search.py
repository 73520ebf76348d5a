from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from unit.server.mlflow.traces.test_trace import PLACE, V3, start

if TYPE_CHECKING:
    from unit.server.mlflow.conftest import Wire


@pytest.fixture
def wire(wire: Wire) -> Wire:
    for second in range(5):
        start(wire, f"tr-{second}", request_time=f"2025-01-01T00:00:0{second}Z", state="OK" if second % 2 else "ERROR")
    return wire


def search(wire: Wire, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = wire.post(f"{V3}/search", {"locations": [PLACE], **more})
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [each["trace_id"] for each in found.get("traces", ())]


def test_newest_traces_come_first_page_by_page(wire: Wire) -> None:
    first = search(wire, max_results=3)
    assert ids(first) == ["tr-4", "tr-3", "tr-2"]
    last = search(wire, max_results=3, page_token=first["next_page_token"])
    assert ids(last) == ["tr-1", "tr-0"]
    assert "next_page_token" not in last


def test_filter_and_order_are_obeyed(wire: Wire) -> None:
    assert ids(search(wire, filter="trace.status = 'OK'", order_by=["timestamp_ms ASC"])) == ["tr-1", "tr-3"]
    assert search(wire, filter="status = 'NOPE'") == {}


def test_search_without_places_finds_nothing(wire: Wire) -> None:
    assert wire.post(f"{V3}/search", {"locations": []}) == {}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"locations": None}, "Missing value for required parameter 'locations'"),
        ({"max_results": 501}, "Invalid value 501 for parameter 'max_results'"),
        ({"max_results": 0}, "It must be a positive integer"),
        ({"page_token": "zzz"}, "Invalid page token"),
        ({"filter": "bogus = 'x'"}, "Invalid attribute key 'bogus' specified"),
        ({"filter": "foo.x = 'x'"}, "Invalid entity type 'foo'"),
        ({"filter": "status > 'OK'"}, "Invalid comparator '>'"),
        ({"filter": "status = 'OK' OR status = 'ERROR'"}, "Invalid clause(s) in filter string"),
        ({"order_by": ["bogus"]}, "Invalid attribute key 'bogus' specified"),
        ({"order_by": ["timestamp", "timestamp_ms DESC"]}, "`order_by` contains duplicate fields"),
    ],
)
def test_search_that_cannot_be_is_refused(wire: Wire, wrong: dict[str, Any], told: str) -> None:
    status, code, message = wire.fails("POST", f"{V3}/search", {"locations": [PLACE], **wrong})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert told in message


def test_search_of_version_2_answers_in_its_own_form(wire: Wire) -> None:
    found = wire.get("traces", experiment_ids="0", max_results="2", order_by="timestamp_ms ASC")
    assert [each["request_id"] for each in found["traces"]] == ["tr-0", "tr-1"]
    more = wire.get(
        "traces", experiment_ids="0", max_results="2", order_by="timestamp_ms ASC", page_token=found["next_page_token"]
    )
    assert [each["request_id"] for each in more["traces"]] == ["tr-2", "tr-3"]
    assert wire.get("traces", experiment_ids="0", filter="status = 'NOPE'") == {}
    assert "'experiment_ids'" in wire.fails("GET", "traces?max_results=1")[2]
    assert wire.fails("GET", "traces?experiment_ids=0&max_results=501")[0] == 400
