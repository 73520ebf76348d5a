from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.data.engines.definition import Transformation
from millwright.data.engines.engine import EngineName
from millwright.data.engines.failure import failures, line_of

SQL = "SELECT a,\n  zz\nFROM t"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("sql parser error: Expected: an SQL statement, found: selec at Line: 1, Column: 1", 1),
        ('Parser Error: syntax error at or near "x"\n\nLINE 3: FROM t\n        ^', 3),
        ("[UNRESOLVED_COLUMN] `zz` cannot be resolved; line 2 pos 1;", 2),
        ("[DIVIDE_BY_ZERO]\n== SQL (line 1, position 8) ==", 1),
        ('unable to find column "zz"; valid columns: ["a"]', 2),
        ("Catalog Error: Table with name t does not exist!", 3),
        ("out of memory", None),
        ("unable to find column 'zzz'", None),
    ],
)
def test_the_line_is_found_in_what_each_engine_says(message: str, line: int | None) -> None:
    assert line_of(message, SQL) == line


def test_a_function_has_no_line() -> None:
    assert line_of("line 2", "") is None


def test_an_error_tells_engine_line_and_reason_without_the_noise() -> None:
    message = 'unable to find column "zz"\n\nResolved plan until failure:\n\tDF ["a"]'
    with (
        pytest.raises(
            InvalidInputError, match=r'^The engine polars .* sql, line 2: unable to find column "zz"\. '
        ) as told,
        failures(EngineName.POLARS, Transformation(SQL), (ValueError,)),
    ):
        raise ValueError(message)
    assert told.value.details == {"engine": "polars", "line": 2}


def test_our_own_errors_and_foreign_ones_pass() -> None:
    with pytest.raises(NotFoundError), failures(EngineName.POLARS, Transformation(SQL), (Exception,)):
        raise NotFoundError("x")
    with pytest.raises(KeyError), failures(EngineName.POLARS, Transformation(SQL), (ValueError,)):
        raise KeyError("x")
