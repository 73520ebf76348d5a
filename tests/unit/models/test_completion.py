from __future__ import annotations

import pytest

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.completion import RowCompleter
from millwright.models.policy import NanPolicy, UnseenPolicy

_COLUMNS = (
    SignatureColumn(name="days", type=ColumnType.NUMBER, required=False, default=1.5),
    SignatureColumn(name="crews", type=ColumnType.INTEGER, required=False),
    SignatureColumn(name="borough", type=ColumnType.CATEGORY, categories=("Bronx", "Queens"), default="Queens"),
)
_NAN = float("nan")


@pytest.mark.parametrize(
    ("nan", "unseen", "row", "complete"),
    [
        ("columns", "allow", {"borough": "Soho"}, (1.5, None, "Soho")),
        ("columns", "allow", {"days": None, "crews": 2, "borough": "Bronx"}, (None, 2, "Bronx")),
        ("allow", "allow", {"days": _NAN, "borough": None}, (None, None, None)),
        ("default", "allow", {"days": _NAN, "crews": None, "borough": None}, (1.5, None, "Queens")),
        ("columns", "default", {"borough": "Soho"}, (1.5, None, "Queens")),
    ],
)
def test_row_is_completed_as_the_policies_say(nan, unseen, row, complete) -> None:
    completer = RowCompleter(_COLUMNS, nan=NanPolicy(nan), unseen=UnseenPolicy(unseen))

    assert completer.changes
    assert completer.complete([row]) == [dict(zip(("days", "crews", "borough"), complete, strict=True))]


def test_unseen_category_without_default_is_missing() -> None:
    columns = [SignatureColumn(name="a", type=ColumnType.CATEGORY, required=False, categories=("x",))]
    completer = RowCompleter(columns, nan=NanPolicy.COLUMNS, unseen=UnseenPolicy.DEFAULT)

    assert completer.complete([{"a": "y"}, {"a": "x"}]) == [{"a": None}, {"a": "x"}]


def test_columns_without_defaults_and_policies_change_nothing() -> None:
    completer = RowCompleter(_COLUMNS[1:2], nan=NanPolicy.COLUMNS, unseen=UnseenPolicy.ALLOW)

    assert not completer.changes
    assert completer.complete([{"crews": _NAN, "other": 1}, {}])[1] == {"crews": None}
