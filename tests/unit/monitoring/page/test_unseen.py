from __future__ import annotations

from millwright.monitoring.page.unseen import unseen_section


def test_new_values_are_named_with_their_rows():
    found = unseen_section({"drift": [{"column": "phase", "unseen": {"Audit": 3, "Move": 1}}, {"column": "days"}]})
    assert found is not None
    assert found.tables[0].rows == [["phase", "Audit, Move", 4]]


def test_nothing_is_shown_when_all_values_are_known():
    assert unseen_section({"drift": [{"column": "phase", "unseen": {}}]}) is None
