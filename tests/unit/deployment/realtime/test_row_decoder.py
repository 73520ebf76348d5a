from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError, MalformedRequestError
from millwright.deployment.realtime.row_decoder import PlainShape, RowDecoder
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.rules import InputRules, ruled
from millwright.models.signature import Signature
from millwright.models.task import Task

VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "2026-01-31", "2026-02-30", "2026-01-31T10:00:00Z"])
    | st.just([1])
)


@pytest.fixture(scope="module")
def decoder(signature) -> RowDecoder:
    return RowDecoder(signature)


def encode(value) -> bytes:
    return json.dumps(value).encode()


def test_bare_row_becomes_one_complete_row(decoder, row):
    del row["note"]
    rows, shape, keys = decoder.plain(encode(row))
    assert rows == [{**row, "note": None}]
    assert (shape, keys) == (PlainShape.ROW, None)
    assert tuple(rows[0]) == decoder.names


def test_list_becomes_rows(decoder, row):
    rows, shape, _ = decoder.plain(encode([row, row]))
    assert (rows, shape) == ([row, row], PlainShape.LIST)


def test_table_becomes_rows_with_their_keys(decoder, row):
    assert decoder.plain(encode({"rows": [row], "keys": ["a"]})) == ([row], PlainShape.TABLE, ["a"])


@pytest.mark.parametrize("value", [1, "x", None, True])
def test_body_of_another_shape_is_refused(decoder, value):
    with pytest.raises(MalformedRequestError, match="Expected a row"):
        decoder.plain(encode(value))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"days": "x"}, "column 'days': expected a finite number, found the text 'x'"),
        ({"days": None}, "column 'days': expected a finite number, found null"),
        ({"crews": 2.5}, "column 'crews': expected an integer, found the number 2.5"),
        ({"crews": 2**70}, "column 'crews': expected an integer, found an integer of 71 bits"),
        ({"permit": 1}, "column 'permit': expected true or false, found the number 1"),
        ({"borough": 4}, "column 'borough': expected text, found the number 4"),
        ({"start": "2026-02-30"}, "column 'start': expected a date as ISO 8601 text, found the text '2026-02-30'"),
        ({"boroguh": "Queens"}, "column 'boroguh': expected a column of the signature, found an unknown column"),
    ],
)
def test_wrong_value_is_told_with_row_column_expected_and_found(decoder, row, change, told):
    with pytest.raises(InvalidInputError) as caught:
        decoder.plain(encode([row, row | change]))
    assert caught.value.message == f"Row 1, {told}."


def test_item_that_is_no_row_is_told(decoder, row):
    with pytest.raises(InvalidInputError, match="Row 1, expected an object"):
        decoder.plain(encode([row, 5]))


def test_integer_written_as_a_float_is_taken(decoder, row):
    assert decoder.plain(encode(row | {"crews": 3.0}))[0] == [row]


@given(
    changes=st.dictionaries(st.sampled_from(["days", "crews", "permit", "borough", "start", "note", "other"]), VALUES)
)
def test_quick_way_takes_exactly_what_the_signature_takes(signature, decoder, complete_row, changes):
    row = complete_row | changes
    expected = signature.check_rows([row])
    for decode in (lambda: decoder.plain(encode(row))[0], lambda: decoder.check([row])):
        if expected:
            with pytest.raises(InvalidInputError) as caught:
                decode()
            assert caught.value.details["violation_count"] == len(expected)
        else:
            assert decode() == [{name: row.get(name) for name in decoder.names}]


def test_column_names_that_msgspec_refuses_go_the_long_way():
    signature = Signature(
        inputs=(SignatureColumn(name='a "quoted" name', type=ColumnType.NUMBER),),
        outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
        task=Task.REGRESSION,
        target="y",
    )
    decoder = RowDecoder(signature)
    row = {'a "quoted" name': 1.5}
    assert decoder.plain(encode(row))[0] == decoder.check([row]) == [row]


def test_column_that_may_be_missing_can_stand_before_one_that_may_not():
    signature = Signature(
        inputs=(
            SignatureColumn(name="a", type=ColumnType.NUMBER, required=False),
            SignatureColumn(name="b", type=ColumnType.NUMBER),
        ),
        outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
        task=Task.REGRESSION,
        target="y",
    )
    assert RowDecoder(signature).plain(b'{"b": 2}')[0] == [{"a": None, "b": 2.0}]


RULES = (
    {},
    {"nan": "refuse"},
    {"nan": "allow", "unseen": "refuse"},
    {"nan": "default", "unseen": "default", "defaults": {"days": 3.5, "crews": 2, "borough": "Bronx"}},
    {"optional": ("days", "borough"), "nullable": ("crews",), "defaults": {"days": 1.0}},
)
FLOATS = st.floats() | st.sampled_from([float("inf"), float("-inf"), float("nan")])


@pytest.mark.parametrize("rules", RULES)
@given(changes=st.dictionaries(st.sampled_from(["days", "crews", "borough", "note"]), VALUES | FLOATS))
def test_both_ways_take_and_give_the_same_under_every_policy(signature, complete_row, rules, changes):
    ruled_signature = ruled(signature, InputRules(**rules))
    decoder = RowDecoder(ruled_signature)
    row = {**complete_row, **changes}
    if changes.get("days") == 3.5:
        del row["days"]
    try:
        found = decoder.check([row])
    except InvalidInputError:
        assert ruled_signature.check_rows([row])
    else:
        assert not ruled_signature.check_rows([row])
        assert found == ruled_signature.complete([row])


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinity_is_refused_whatever_the_policy(signature, complete_row, rules, value):
    decoder = RowDecoder(ruled(signature, InputRules(**rules)))
    with pytest.raises(InvalidInputError, match=r"'days': expected a finite number, found -?Infinity") as caught:
        decoder.check([complete_row, {**complete_row, "days": value}])
    assert caught.value.details["violations"][0]["row"] == 1


def test_default_stands_in_on_the_quick_way_too(signature, complete_row):
    rules = InputRules(nan="default", unseen="default", defaults={"days": 3.5, "borough": "Bronx"})
    rows, _, _ = RowDecoder(ruled(signature, rules)).plain(encode({**complete_row, "days": None, "borough": "Soho"}))
    assert (rows[0]["days"], rows[0]["borough"]) == (3.5, "Bronx")
