from __future__ import annotations

import pytest

from millwright.server.api.listing import listing


def test_listing_holds_at_most_what_was_asked_for():
    assert listing(iter("abc"), 2).items == ["a", "b"]
    assert listing([], 5).items == []


@pytest.mark.parametrize(
    "family", ["runs", "datasets", "models", "versions", "aliases", "audit", "alerts", "decisions"]
)
def test_list_takes_a_limit(control, family):
    answer = control.json(f"/api/v1/{family}?limit=1")
    assert answer["limit"] == 1
    assert len(answer["items"]) == 1


@pytest.mark.parametrize("family", ["runs", "models", "endpoints", "reports", "alerts", "audit"])
def test_list_of_nothing_is_empty(empty, family):
    assert empty.json(f"/api/v1/{family}") == {"items": [], "limit": 100}
