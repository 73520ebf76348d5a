from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from millwright.models.column import ColumnType, SignatureColumn

_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        SignatureColumn,
        name=st.text(),
        type=st.sampled_from(ColumnType),
        required=st.booleans(),
        categories=st.lists(st.text()).map(tuple),
        minimum=_NUMBERS,
        maximum=_NUMBERS,
    )
)
def test_column_survives_json_whatever_its_name(column: SignatureColumn) -> None:
    assert SignatureColumn.from_json(json.loads(json.dumps(column.to_json()))) == column


def test_column_written_before_nullable_was_known_is_nullable_when_it_may_be_absent() -> None:
    old = {"name": "a", "type": "number", "required": False, "categories": [], "minimum": None, "maximum": None}

    assert SignatureColumn.from_json(old).nullable
    assert not SignatureColumn.from_json({**old, "required": True}).nullable
    assert SignatureColumn.from_json(old).to_json() == old
    assert SignatureColumn(name="a", type=ColumnType.NUMBER, may_be_null=True).nullable
