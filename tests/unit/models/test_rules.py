from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sklearn.linear_model import LinearRegression

from millwright.core.errors import InvalidInputError
from millwright.models.adoption import adopt
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.package import pack, read_manifest, unpack
from millwright.models.policy import NanPolicy, UnseenPolicy
from millwright.models.rules import InputRules, ruled, with_rules
from millwright.models.signature import Signature
from millwright.models.task import Task
from unit.models.numbers import goal, matrix_of, numeric_rows

if TYPE_CHECKING:
    from millwright.models.model import Model

_SIGNATURE = Signature(
    inputs=(
        SignatureColumn(name="days", type=ColumnType.NUMBER),
        SignatureColumn(name="crews", type=ColumnType.INTEGER, required=False),
        SignatureColumn(name="borough", type=ColumnType.CATEGORY, categories=("Bronx", "Queens")),
        SignatureColumn(name="start", type=ColumnType.DATE),
    ),
    outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
    task=Task.REGRESSION,
    target="late",
)
_ROW = {"days": 1.0, "crews": 2, "borough": "Bronx", "start": "2024-01-02"}
_NAN, _INFINITY = float("nan"), float("inf")


def _told(signature: Signature, **changes: object) -> list[str]:
    row = {name: value for name, value in {**_ROW, **changes}.items() if value is not ...}
    return [f"{one.column}: {one.expected}; {one.found}" for one in signature.check_rows([row])]


@pytest.mark.parametrize(
    ("rules", "change", "told"),
    [
        ({}, {"crews": None}, ""),
        ({}, {"days": None}, "days: a finite number; null"),
        ({}, {"days": _NAN}, "days: a finite number; NaN"),
        ({}, {"crews": _NAN}, "crews: an integer; NaN"),
        ({}, {"borough": "Soho"}, ""),
        ({"nan": "refuse"}, {"crews": None}, "crews: an integer; null"),
        ({"nan": "refuse"}, {"crews": ...}, "crews: an integer; nothing: the column is missing"),
        ({"nan": "refuse", "defaults": {"crews": 1}}, {"crews": ...}, ""),
        ({"nan": "allow"}, {"days": _NAN, "crews": _NAN, "borough": None, "start": None}, ""),
        ({"nan": "allow"}, {"days": ...}, "days: a finite number; nothing: the column is missing"),
        ({"nan": "allow"}, {"days": _INFINITY}, "days: a finite number; Infinity"),
        ({"nan": "default", "defaults": {"days": 2}}, {"days": _NAN}, ""),
        (
            {"nan": "default", "defaults": {"days": 2}}, {"days": ...},
            "days: a finite number; nothing: the column is missing",
        ),
        ({"nan": "default", "defaults": {"days": 2}}, {"start": None}, "start: a date as ISO 8601 text; null"),
        ({"nan": "default", "defaults": {"days": 2}}, {"days": -_INFINITY}, "days: a finite number; -Infinity"),
        ({"unseen": "refuse"}, {"borough": "Soho"}, "borough: one of 'Bronx', 'Queens'; the text 'Soho'"),
        ({"unseen": "refuse"}, {"borough": ["Soho"]}, "borough: one of 'Bronx', 'Queens'; a list"),
        ({"unseen": "default", "defaults": {"borough": "Queens"}}, {"borough": "Soho"}, ""),
        ({"optional": ("days",)}, {"days": ...}, ""),
        ({"optional": ("days",)}, {"days": None}, ""),
        ({"optional": ("days",), "defaults": {"days": 2}}, {"days": None}, "days: a finite number; null"),
        ({"nullable": ("days",)}, {"days": None}, ""),
        ({"nullable": ("days",)}, {"days": ...}, "days: a finite number; nothing: the column is missing"),
    ],
)  # fmt: skip
def test_rules_say_which_rows_pass_and_why_others_do_not(rules, change, told) -> None:
    assert "".join(_told(ruled(_SIGNATURE, InputRules(**rules)), **change)) == told


def test_long_vocabulary_is_told_in_part() -> None:
    column = replace(_SIGNATURE.inputs[2], categories=tuple("abcdefgh"))
    signature = ruled(replace(_SIGNATURE, inputs=(column,)), InputRules(unseen="refuse"))

    assert signature.check_rows([{"borough": "z"}])[0].expected == "one of 'a', 'b', 'c', 'd', 'e' and 3 more"


def test_signature_with_rules_survives_json_and_one_without_is_written_as_before() -> None:
    rules = InputRules(nan="default", unseen="default", optional=("days",), defaults={"days": 2.5, "borough": "Bronx"})
    signature = ruled(_SIGNATURE, rules)

    assert Signature.from_json(signature.to_json()) == signature
    assert (signature.nan, signature.unseen) == (NanPolicy.DEFAULT, UnseenPolicy.DEFAULT)
    assert set(_SIGNATURE.to_json()) == {"inputs", "outputs", "task", "target", "classes"}
    assert set(_SIGNATURE.to_json()["inputs"][0]) == {"name", "type", "required", "categories", "minimum", "maximum"}
    assert ruled(_SIGNATURE, InputRules()) == _SIGNATURE


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"nan": "deny"}, "Expected nan to be one of columns, refuse, allow, default, found 'deny'"),
        ({"unseen": "x"}, "Expected unseen to be one of"),
        ({"optional": ("day",)}, r"Expected columns of the model, found 'day'\. Did you mean 'days'"),
        ({"defaults": {"days": "2"}}, "default of column 'days' to be a finite number, found the text '2'"),
        ({"unseen": "refuse", "defaults": {"borough": "Soho"}}, "to be a seen category, found the text 'Soho'"),
        ({"unseen": "default"}, "Column 'borough' has no default that could stand for unseen categories"),
    ],
)  # fmt: skip
def test_rule_that_cannot_be_is_refused(rules, told) -> None:
    with pytest.raises(InvalidInputError, match=told):
        ruled(_SIGNATURE, InputRules(**rules))


def test_more_categories_than_a_signature_keeps_cannot_be_told_from_unseen_ones() -> None:
    column = replace(_SIGNATURE.inputs[2], categories=tuple(str(number) for number in range(1_000)))

    with pytest.raises(InvalidInputError, match="more categories than the 1,000"):
        ruled(replace(_SIGNATURE, inputs=(column,)), InputRules(unseen="refuse"))


def test_packaged_model_takes_what_its_rules_say(model: Model) -> None:
    rules = InputRules(nan="refuse", unseen="refuse")
    again = unpack(pack(with_rules(model, rules)))

    assert (again.signature.nan, again.signature.unseen) == ("refuse", "refuse")
    assert read_manifest(pack(model))["signature"] == model.signature.to_json()
    assert not again.signature.check_rows(again.example)
    assert all(value is not None for row in again.example for value in row.values())


def test_nulls_that_a_model_does_not_answer_are_not_let_through() -> None:
    rows = numeric_rows(nulls=False)
    model = adopt(LinearRegression().fit(matrix_of(rows), goal(rows, "numbers")), rows)

    with pytest.raises(InvalidInputError, match=r"does not answer null in column 'planned days'.*nan='default'"):
        with_rules(model, InputRules(nan="allow"))
    whole = with_rules(model, InputRules(nan="default", defaults=dict.fromkeys(("share", "floors"), 0)))
    assert [column.nullable for column in whole.signature.inputs] == [False, True, True, False]
