from __future__ import annotations

from millwright.data.contracts.severity import Severity


def test_severities_are_ordered_from_the_mildest() -> None:
    assert sorted(Severity, key=lambda one: one.rank) == [Severity.WARN, Severity.QUARANTINE, Severity.STOP]
