from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.lineage.sql_column import sql_columns

pytest.importorskip("duckdb", reason="needs DuckDB: pip install 'millwright[duckdb]'")

INPUTS = {
    "t": pl.Schema({"a": pl.Int64, "b": pl.Int64, "c": pl.String, "s": pl.Struct({"x": pl.Int64})}),
    "U": pl.Schema({"a": pl.Int64, "d": pl.Int64, "day": pl.Date}),
}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a, b + 1 AS n, 3 AS k FROM t", {"a": "t.a", "n": "t.b", "k": ""}),
        ("SELECT * FROM t", {"a": "t.a", "b": "t.b", "c": "t.c", "s": "t.s"}),
        ("SELECT * EXCLUDE (b, s) REPLACE (a + b AS a) FROM t", {"a": "t.a t.b", "c": "t.c"}),
        ("SELECT x.A, u.d FROM t AS x JOIN U u ON x.b = u.d WHERE c = 'z'", {"a": "t.a", "d": "U.d"}),
        (
            "SELECT * FROM t JOIN u USING (a)",
            {"a": "t.a", "b": "t.b", "c": "t.c", "s": "t.s", "d": "U.d", "day": "U.day"},
        ),
        ("SELECT u.* FROM t, u", {"a": "U.a", "d": "U.d", "day": "U.day"}),
        ("SELECT c, sum(a * b) AS n, count(*) AS m FROM t GROUP BY c", {"c": "t.c", "n": "t.a t.b", "m": ""}),
        (
            "SELECT avg(a) OVER (PARTITION BY c ORDER BY b) AS w, CASE WHEN b > 1 THEN c END AS k FROM t",
            {"w": "t.a t.b t.c", "k": "t.b t.c"},
        ),
        ("WITH q AS (SELECT a + b AS z FROM t) SELECT z, z * 2 AS y FROM q", {"z": "t.a t.b", "y": "t.a t.b"}),
        ("WITH q(k) AS (SELECT a FROM t), r AS (SELECT k FROM q) SELECT * FROM r", {"k": "t.a"}),
        ("SELECT z FROM (SELECT d AS z FROM u) AS sub", {"z": "U.d"}),
        ("SELECT a FROM t UNION ALL SELECT d FROM u", {"a": "t.a U.d"}),
        ("SELECT (SELECT max(d) FROM u WHERE u.a = t.a) AS m FROM t", {"m": "U.d"}),
        ("SELECT s.x AS x, t.s.x AS y FROM t", {"x": "t.s", "y": "t.s"}),
        ("SELECT a AS n, n + b AS m FROM t", {"n": "t.a", "m": "t.a t.b"}),
        ("SELECT t.a FROM t SEMI JOIN u ON t.a = u.a", {"a": "t.a"}),
        ("SELECT a + b FROM t;", {"(a + b)": "t.a t.b"}),
        ("SELECT d FROM u ASOF JOIN t ON u.a >= t.a", {"d": "U.d"}),
    ],
)
def test_columns_are_followed(sql: str, expected: dict[str, str]) -> None:
    found = {
        output: {f"{name}.{column}" for name, column in sources} for output, sources in sql_columns(sql, INPUTS).items()
    }
    assert found == {output: set(sources.split()) for output, sources in expected.items()}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nothing FROM t", "DuckDB refuses"),
        ("SELEC", "DuckDB refuses"),
        ("SELECT * FROM range(3)", "table of the kind TABLE_FUNCTION"),
        ("SELECT COLUMNS('a|b') FROM t", "pattern of columns"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r", "RECURSIVE"),
    ],
)
def test_sql_that_cannot_be_followed_is_refused(sql: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        sql_columns(sql, INPUTS)
