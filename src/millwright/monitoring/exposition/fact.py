"""A report as figures are read from it: the record, and the values of its document that are there.

A document may be of an earlier version, or removed, so that every value may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from millwright.core.records.monitor import MonitorReportRecord

Step: TypeAlias = "str | int"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportFacts:
    """One report.

    Attributes:
        record: The report.
        document: Its full JSON (`document.report_document`); empty when it has none, or it was removed.
    """

    record: MonitorReportRecord
    document: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, *path: Step) -> Sequence[Mapping[str, Any]]:
        """The objects of a list in the document; none where there is no list."""
        found = value(self.document, *path)
        return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list | tuple) else ()

    def fields(self, *path: Step) -> Mapping[str, Any]:
        """An object of the document; empty where there is none."""
        found = value(self.document, *path)
        return found if isinstance(found, Mapping) else {}

    def number(self, *path: Step) -> float | None:
        """A number of the document; None where there is none."""
        return number(self.document, *path)


def value(found: Any, *path: Step) -> Any:
    """What stands at a place of JSON values, by names and numbers; None where nothing does."""
    for step in path:
        if isinstance(step, str) and isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(step, int) and isinstance(found, list | tuple) and step < len(found):
            found = found[step]
        else:
            return None
    return found


def number(found: Any, *path: Step) -> float | None:
    """A number there, true as 1 and false as 0; None where there is none."""
    there = value(found, *path)
    return float(there) if isinstance(there, int | float) else None


def moment(found: Any, *path: Step) -> float | None:
    """A moment there, in ISO 8601, in seconds since 1970; None where there is none."""
    there = value(found, *path)
    if not isinstance(there, str):
        return None
    try:
        return datetime.fromisoformat(there).timestamp()
    except ValueError:
        return None


def text(found: Any, *path: Step) -> str:
    """A text there; empty where there is none."""
    there = value(found, *path)
    return there if isinstance(there, str) else ""


def negated(found: float | None) -> float | None:
    """The loss that a gain is, and the reverse."""
    return None if found is None else -found
