"""What recording definitions would change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.applying import ChangeKind, change_of, closure, draft, keep_origin
from millwright.data.features.definition import Entity, FeatureService

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_parts_come_before_what_is_made_of_them(history) -> None:
    service = FeatureService("s", [history])
    assert [one.name for one in closure([service, history])] == ["building", "history", "s"]
    assert closure([]) == []


def test_entity_named_again_without_its_description_keeps_it(history) -> None:
    plain = replace(history, name="other", entities=[Entity("building")])
    for order in ([plain, history], [history, plain]):
        assert closure(order)[0].description == "A school building"


def test_something_else_is_no_definition() -> None:
    with pytest.raises(InvalidInputError, match="found int"):
        closure([3])


def test_change_is_told_by_digest_and_text(history) -> None:
    old = draft(history, at=NOW, actor="ada")
    assert change_of(old, None) is ChangeKind.NEW
    assert change_of(draft(history, at=NOW, actor="bob"), old) is ChangeKind.UNCHANGED
    assert change_of(draft(replace(history, owner="bob"), at=NOW, actor="ada"), old) is ChangeKind.DESCRIBED
    assert change_of(draft(replace(history, online=False), at=NOW, actor="ada"), old) is ChangeKind.DESCRIBED
    assert change_of(draft(replace(history, ttl=None), at=NOW, actor="ada"), old) is ChangeKind.CHANGED
    assert change_of(old, replace(old, retired=True)) is ChangeKind.DESCRIBED


def test_code_of_a_function_stays_where_it_was_kept_first(history) -> None:
    view = replace(history, transform=lambda phases: phases)
    old = draft(view, at=NOW, actor="ada", origin={"snapshot": "1", "entrypoint": "features.py"})
    new = draft(view, at=NOW, actor="ada", origin={"snapshot": "2", "entrypoint": "features.py"})
    assert keep_origin(new, old).definition["origin"]["snapshot"] == "1"
    assert keep_origin(new, None) == new
    assert change_of(new, old) is ChangeKind.UNCHANGED
    assert "origin" not in draft(history, at=NOW, actor="ada", origin={"snapshot": "1"}).definition
