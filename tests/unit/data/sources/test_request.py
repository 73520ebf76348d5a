from __future__ import annotations

from millwright.data.sources.request import PLAIN, SourceOptions


def test_only_what_was_asked_for_is_given() -> None:
    assert PLAIN.given() == {}
    assert SourceOptions(sheet="One", version=0, most=5).given() == {"sheet": "One", "version": 0, "most": 5}
