from __future__ import annotations

import dataclasses

import pytest

from millwright.core.clock import SystemClock
from millwright.core.errors import StorageError
from millwright.core.process import current_owner
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.presence import EndpointPresence, vanish_all

URL = "http://127.0.0.1:8080"


class Endpoints:
    """A store of endpoints in memory."""

    def __init__(self) -> None:
        self.records = {}
        self.away = False

    def put(self, record) -> None:
        if self.away:
            raise StorageError("The store is away.")
        self.records[record.name] = record

    def find(self, name):
        return self.records.get(name)


@pytest.fixture
def endpoints() -> Endpoints:
    return Endpoints()


@pytest.fixture
def slot(make_served) -> ModelSlot:
    return ModelSlot("site", make_served(1))


@pytest.fixture
def presence(endpoints, slot) -> EndpointPresence:
    return EndpointPresence(
        endpoints, slot, clock=SystemClock(), selector="delay@champion", settings={"durable": False}
    )


def test_running_server_is_recorded(presence, endpoints):
    presence.appear(URL)
    record = endpoints.records["site"]
    assert (record.model, record.selector, record.url, record.serving_version) == ("delay", "champion", URL, 1)
    assert record.owner == current_owner()
    assert record.settings == {"durable": False}


def test_swap_is_recorded(presence, endpoints, slot, make_served):
    presence.appear(URL)
    slot.replace(make_served(2))
    presence.update()
    assert (endpoints.records["site"].serving_version, endpoints.records["site"].url) == (2, URL)


def test_refused_version_is_recorded_with_the_reason(presence, endpoints, slot):
    slot.swaps.refused_ref, slot.swaps.refused_reason = "delay@2", "It answers otherwise."
    presence.appear(URL)
    assert endpoints.records["site"].settings["refused"] == {"version": "delay@2", "reason": "It answers otherwise."}


def test_stopped_server_is_recorded(presence, endpoints):
    presence.appear(URL)
    presence.vanish()
    record = endpoints.records["site"]
    assert (record.url, record.serving_version, record.owner, record.model) == ("", None, "", "delay")


def test_record_of_the_server_that_took_over_is_left_alone(presence, endpoints):
    presence.appear(URL)
    theirs = dataclasses.replace(endpoints.records["site"], owner="other:1:1")
    endpoints.records["site"] = theirs
    presence.vanish()
    assert endpoints.records["site"] is theirs


def test_store_that_is_away_stops_nothing_but_the_start(presence, endpoints, caplog):
    endpoints.away = True
    with pytest.raises(StorageError):
        presence.appear(URL)
    presence.update()
    assert "could not be updated" in caplog.text


def test_parent_of_workers_clears_its_own_records_only(endpoints, slot):
    presence = EndpointPresence(endpoints, slot, clock=SystemClock(), selector="delay@champion", settings={})
    presence.appear(URL)
    mine = endpoints.find("site")
    endpoints.put(dataclasses.replace(mine, name="other", owner="elsewhere:1:1"))
    vanish_all(endpoints, ["site", "other", "missing"], SystemClock())
    assert (endpoints.find("site").url, endpoints.find("site").owner) == ("", "")
    assert endpoints.find("site").serving_version is None
    assert (endpoints.find("other").url, endpoints.find("other").owner) == (URL, "elsewhere:1:1")


def test_parent_whose_store_is_away_ends_all_the_same(endpoints, slot, caplog):
    EndpointPresence(endpoints, slot, clock=SystemClock(), selector="delay@champion", settings={}).appear(URL)
    endpoints.away = True
    vanish_all(endpoints, ["site"], SystemClock())
    assert "could not be updated" in caplog.text
