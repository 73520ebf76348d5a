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
