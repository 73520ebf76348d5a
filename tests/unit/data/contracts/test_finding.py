"""What is told of a validation."""

from __future__ import annotations

from millwright.data.contracts.finding import Finding, Unjudged
from millwright.data.contracts.severity import Severity


def test_finding_counts_rows_or_says_what_was_found() -> None:
    rows = Finding(reason="n: below 0", severity=Severity.QUARANTINE, rows=1200)
    table = Finding(reason="mean of n: above 3", severity=Severity.STOP, found="4")
    assert (str(rows), str(table)) == ("n: below 0 (1,200)", "mean of n: above 3 (4)")
    assert table.as_dict() == {"reason": "mean of n: above 3", "severity": "stop", "rows": None, "found": "4"}


def test_what_could_not_be_judged_says_why() -> None:
    one = Unjudged(what="psi of n", why="there is no former version")
    assert str(one) == "psi of n: there is no former version"
    assert one.as_dict() == {"what": "psi of n", "why": "there is no former version"}
