from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.evaluation.gates.result import GateReport, GateResult

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
RESULTS = st.builds(
    GateResult,
    gate=st.text(max_size=5),
    passed=st.booleans(),
    value=st.none() | NUMBERS,
    limit=st.none() | NUMBERS,
    reason=st.text(max_size=9),
    about=st.text(max_size=5),
    applicable=st.booleans(),
    details=st.dictionaries(st.text(max_size=3), NUMBERS, max_size=2),
)


@given(st.booleans(), st.lists(RESULTS, max_size=3))
def test_gate_report_survives_json(passed: bool, results: list[GateResult]):
    report = GateReport(passed=passed, results=tuple(results))

    assert GateReport.from_json(report.to_json()) == report


def test_gate_report_refuses_other_json():
    with pytest.raises(InvalidInputError, match="Expected a gate report"):
        GateReport.from_json(b"{}")


def test_title_tells_the_gate_and_what_it_looked_at():
    result = GateResult(gate="threshold", about="f1", passed=True, value=None, limit=None, reason="")

    assert result.title == "threshold (f1)"
