from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.engines.sql_text import is_ordered, query_text


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1.5, .5, 2., 3", "SELECT 1.5e0, .5e0, 2.e0, 3"),
        ("SELECT 1.5e3, 2E-4, 1e5", "SELECT 1.5e3, 2E-4, 1e5"),
        ("SELECT '1.5', \"2.5\", `3.5` FROM t", "SELECT '1.5', \"2.5\", `3.5` FROM t"),
        ("SELECT 'it''s 1.5' AS a", "SELECT 'it''s 1.5' AS a"),
        ("SELECT t1.a2, t1.b FROM t1 -- 1.5\n/* 2.5\n */", "SELECT t1.a2, t1.b FROM t1"),
        ("  SELECT a\n\nFROM t ; \n", "  SELECT a\n\nFROM t"),
        ("(SELECT a FROM t)", "(SELECT a FROM t)"),
        ("-- why\nwith x as (select 1) select * from x", "-- why\nwith x as (select 1) select * from x"),
        ("SELECT ';' FROM t", "SELECT ';' FROM t"),
    ],
)
def test_decimal_numbers_become_floats_and_nothing_else_changes(sql: str, expected: str) -> None:
    assert query_text(sql) == expected


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1; SELECT 2", "several statements"),
        ("DROP TABLE t", "'DROP' at its start"),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "'INSERT'"),
        ("-- nothing", "nothing"),
        ("SELEC 1", "'SELEC'"),
    ],
)
def test_what_is_not_one_query_is_refused(sql: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=f"Expected one SELECT as SQL, found {said}"):
        query_text(sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t order  by a", True),
        ("SELECT a FROM t ORDER -- why\nBY a LIMIT 3", True),
        ("SELECT SUM(a) OVER (ORDER BY a) FROM t", False),
        ("WITH x AS (SELECT a FROM t ORDER BY a) SELECT a FROM x", False),
        ("SELECT 'ORDER BY' AS a FROM t", False),
        ("SELECT a FROM t", False),
    ],
)
def test_an_order_counts_only_when_it_is_that_of_the_result(sql: str, expected: bool) -> None:
    assert is_ordered(sql) is expected
