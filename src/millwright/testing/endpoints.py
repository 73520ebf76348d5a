"""Conformance of `EndpointStore`."""
# ruff: noqa: S101

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from millwright.storage.base.endpoints import EndpointStore


class EndpointStoreConformance(StoreConformance):
    """Which endpoints exist and what answers there."""

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_endpoint_comes_back_as_it_was_put(self, store: EndpointStore, name: str) -> None:
        """Whatever its name."""
        store.put(sample.endpoint(name))
        assert store.find(name) == sample.endpoint(name)

    def test_endpoint_is_replaced(self, store: EndpointStore) -> None:
        """Every field of it."""
        store.put(sample.endpoint())
        stopped = sample.endpoint(
            model="other", updated_at=sample.moment(1), url="", serving_version=None, owner="", settings={}
        )
        store.put(stopped)
        assert store.list() == [stopped]

    def test_endpoints_are_listed_by_name(self, store: EndpointStore) -> None:
        """None at first."""
        assert store.list() == []
        assert store.find("delay") is None
        for name in ("b", "a"):
            store.put(sample.endpoint(name))
        assert [endpoint.name for endpoint in store.list()] == ["a", "b"]
