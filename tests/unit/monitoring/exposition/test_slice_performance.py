from __future__ import annotations

from typing import Any

from millwright.monitoring.exposition import slice_performance as slices


def test_slices_are_told_lost_ones_first(told: Any):
    found = told(slices.SLICES)
    flags = [value for (metric, _), value in found.items() if metric is slices.LOST]
    assert flags == sorted(flags, reverse=True)
    assert flags[0] == 1.0
    assert found[slices.ROWS, ("phase", "Demolition")] == 60.0
    assert found[slices.COVERAGE, ("phase", "Demolition")] == 1.0


def test_metric_of_a_slice_is_told_beside_that_of_the_reference(told: Any):
    found, labels = told(slices.SLICES), ("urgent", "false", "roc_auc")
    value, reference = found[slices.VALUE, labels], found[slices.REFERENCE, labels]
    assert found[slices.LOW, labels] < value < found[slices.HIGH, labels]
    assert found[slices.LOSS, labels] == reference - value > found[slices.LOSS_LIMIT, labels] == 0.05


def test_slice_that_the_reference_does_not_have_has_no_loss(told: Any):
    found, labels = told(slices.SLICES), ("phase", "Demolition", "roc_auc")
    assert found[slices.VALUE, labels] is not None
    assert found[slices.REFERENCE, labels] is found[slices.LOSS, labels] is None
