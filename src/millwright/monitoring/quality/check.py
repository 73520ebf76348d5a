"""What every check of data quality looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import polars as pl

from millwright.core.records.monitor import Severity
from millwright.models.signature import Signature
from millwright.monitoring.column_table import Table, taken
from millwright.monitoring.window import WindowRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.monitoring.finding import AlertKind

EXAMPLES = 10  # ids of rows that a measure names


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class QualitySubject:
    """A window beside the reference.

    Attributes:
        rows: The window of n rows, n ≥ 1.
        inputs: (n) its features, typed (`monitored_column.input_table`).
        reference: The reference's rows, typed likewise.
        signature: Of the version that answered.
        now: When it is looked at.
        newest_label: When the newest label was told; None without labels.
        hours: Rows per hour before the window, by the hour's beginning in UTC; empty where that is not known.
    """

    rows: WindowRows
    inputs: Table
    reference: pl.DataFrame
    signature: Signature
    now: datetime
    newest_label: datetime | None = None
    hours: Mapping[datetime, int] = field(default_factory=dict)

    def examples(self, mask: pl.Series) -> tuple[str, ...]:
        """Ids of the first rows where a mask of n booleans holds."""
        first = mask.fill_null(value=False).arg_true().head(EXAMPLES).to_numpy()
        return tuple(taken(self.rows.rows, "id", first))


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One thing that a check has measured.

    Attributes:
        column: Which column; empty when it is about whole rows.
        what: What was measured, in a word.
        expected: What the reference, history or a setting gives; a JSON value.
        found: What the window shows; a JSON value.
        broken: Whether that is worth an alert.
        message: It in a clause, for people.
        p_value: Of the test that has to agree, 0 to 1; None where there is none.
        severity: How much it matters.
        judged: Whether there was anything to hold it against.
        examples: Ids of some predictions that show it.
        details: More JSON values.
    """

    column: str
    what: str
    expected: Any
    found: Any
    broken: bool
    message: str
    p_value: float | None = None
    severity: Severity = Severity.WARNING
    judged: bool = True
    examples: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


class QualityCheck(Protocol):
    """One check; its settings are its attributes.

    Attributes:
        kind: What its findings are about.
        needs_rows: Whether a window with too few rows tells it nothing.
    """

    kind: ClassVar[AlertKind]
    needs_rows: ClassVar[bool]

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """What it finds, good or bad; empty where it has nothing to judge."""
        ...
