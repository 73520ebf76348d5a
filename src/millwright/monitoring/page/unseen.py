"""Values that the reference does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.section import Section, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.evaluation.section import Cell


def unseen_section(document: Mapping[str, Any]) -> Section | None:
    """Categories of the window that the reference does not have; None when there are none.

    Args:
        document: A report's full JSON.
    """
    found = [(column["column"], column["unseen"]) for column in document["drift"] if column.get("unseen")]
    if not found:
        return None
    rows: list[list[Cell]] = [[name, ", ".join(values), sum(values.values())] for name, values in found]
    return Section(title="New values", tables=[Table(headers=["Column", "Never seen before", "Rows"], rows=rows)])
