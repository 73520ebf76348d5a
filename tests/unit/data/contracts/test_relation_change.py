from __future__ import annotations

import pytest

from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.relation_change import relation_changes

HEAD = "name: t\ncolumns: {a: integer, b: string, d: date}\n"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("key: a", "key: a", []),
        ("", "key: a", ["producers: (a) must identify a row now"]),
        ("key: [a, b]", "key: [b, a]", []),
        ("key: [a, b]", "key: a", ["producers: (a) must identify a row now"]),
        ("key: a", "key: [a, b]", ["consumers: (a) identifies a row no longer"]),
        ("key: a", "key: {columns: a, severity: warn}",
         ["consumers: the key is now of severity warn, was quarantine"]),
        ("rules: [{name: r, expression: a > 1}]", "rules: [{name: r, expression: a  > 1, message: x}]", []),
        ("rules: [{name: r, expression: a > 1}]", "", ["consumers: the rule 'r' is gone"]),
        ("rules: [{name: r, expression: a > 1}]", "rules: [{name: r, expression: a > 2}]",
         ["producers: the rule 'r' says something else: a > 2, was a > 1",
          "consumers: the rule 'r' says something else: a > 2, was a > 1"]),
        ("", "references: [{columns: a, dataset: o@2, to: id}]", ["producers: the reference 'a → o' is new"]),
        ("freshness: [{column: d, max_age: 2d}]", "freshness: [{column: d, max_age: 1d}]",
         ["producers: d: newest value older than 1d, was 2 days, 0:00:00"]),
        ("freshness: [{column: d, max_age: 2d}]", "", ["consumers: d may be of any age"]),
        ("volume: {max_rows: 5}", "volume: {max_rows: 4, max_change: 10%}",
         ["producers: volume: max_rows 5 is now 4", "producers: volume: max_change 0.1 is new"]),
        ("volume: {min_rows: 5}", "volume: {min_rows: 4, severity: warn}",
         ["consumers: volume: min_rows 5 is now 4", "consumers: the volume is now of severity warn, was stop"]),
        ("distributions: [{column: a, measure: mean, min: 1, max: 5}]",
         "distributions: [{column: a, measure: mean, min: 2}]",
         ["producers: mean of a: min 1.0 is now 2.0", "consumers: mean of a: max 5.0 is gone"]),
    ],
)  # fmt: skip
def test_part_that_changed_is_told(before: str, after: str, found: list[str]) -> None:
    old, new = (parse_contract(HEAD + part) for part in (before, after))
    assert [f"{who}: {text}" for who, text in relation_changes(old, new)] == found
