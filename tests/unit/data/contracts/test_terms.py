from __future__ import annotations

import pytest

from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.terms import contract_digest

WHOLE = """
name: t
columns:
  a: {type: integer, min: 0, allowed: [1, 2], description: x}
  b: {type: string, severity: {nullable: warn}}
rules:
  - {name: r, expression: a > 1, message: m}
  - {name: s, expression: a > 2}
references:
  - {columns: [a, b], dataset: d, to: [x, y]}
"""
SAME = """
# a comment
rules:
  - {name: s, expression: 'a  >  2'}
  - {name: r, expression: a > 1, severity: quarantine}
references: [{columns: [b, a], dataset: d, to: [y, x]}]
name: t
columns:
  b: {type: string, severity: {nullable: warn, min: quarantine}, nullable: true}
  a: {type: integer, allowed: [2, 1], min: 0}
"""


def test_order_comments_and_descriptions_do_not_count() -> None:
    assert contract_digest(parse_contract(WHOLE)) == contract_digest(parse_contract(SAME))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("min: 0", "min: 1"),
        ("a > 2", "a >= 2"),
        ("nullable: warn", "nullable: stop"),
        ("to: [x, y]", "to: [y, x]"),
        ("name: t", "name: u"),
        ("allowed: [1, 2]", "allowed: [1]"),
        ("columns: [a, b], dataset: d", "columns: [a, b], dataset: d@2"),
    ],
)
def test_what_is_demanded_counts(old: str, new: str) -> None:
    assert contract_digest(parse_contract(WHOLE)) != contract_digest(parse_contract(WHOLE.replace(old, new, 1)))
