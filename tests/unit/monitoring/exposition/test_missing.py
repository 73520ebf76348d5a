from __future__ import annotations

from typing import Any

from millwright.monitoring.exposition import missing


def test_shares_are_told_beside_the_reference_the_largest_rise_first(told: Any):
    found = told(missing.MISSING)
    assert next(iter(found)) == (missing.SHARE, ("phase",))
    assert found[missing.SHARE, ("phase",)] == 0.2
    assert found[missing.REFERENCE, ("phase",)] == 0.0
    assert (found[missing.RISEN, ("phase",)], found[missing.RISEN, ("days",)]) == (1.0, 0.0)
    assert found[missing.LIMIT, ()] == 0.1
