from __future__ import annotations

import pytest

from millwright.core.ids import PipelineRunId
from millwright.workspace.worker.order import End, Order, Outcome, Task, line_of, read_order, read_outcome


def test_order_and_outcome_are_read_as_they_were_written():
    order = Order(
        task=Task.RUN,
        folder="/größe",
        overrides={"store": "x"},
        run_id=PipelineRunId("7"),
        lease_until=1.5,
        params={"a": [1]},
    )
    assert read_order(line_of(order)) == order
    outcome = Outcome(end=End.FAILED, error="zwei\nZeilen")
    assert line_of(outcome).count(b"\n") == 1
    assert read_outcome(line_of(outcome)) == outcome


@pytest.mark.parametrize("line", [b"", b"{", b'{"end": "no"}', b"Killed\n", line_of(Outcome(end=End.DONE))[:-5]])
def test_outcome_that_is_none_is_nothing(line):
    assert read_outcome(line) is None


def test_long_errors_fit_into_a_pipe():
    line = line_of(Outcome(end=End.FAILED, error="x" * 1_000_000))
    assert len(line) < 65_536
    assert read_outcome(line).error.endswith(" …")
