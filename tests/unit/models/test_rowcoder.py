from __future__ import annotations

import numpy as np

from millwright.models.feature import EncodedColumn, Part
from millwright.models.rowcoder import RowCoder


def test_row_coder_reads_absent_and_null_as_missing() -> None:
    coder = RowCoder(
        [
            EncodedColumn(name="n", source="n", part=Part.VALUE, low=0.0, high=9.0),
            EncodedColumn(name="n__missing", source="n", part=Part.MISSING),
            EncodedColumn(name="c", source="c", part=Part.CODE, categories=("a",)),
            EncodedColumn(name="d__days", source="d", part=Part.DAYS, low=0.0, high=1e6),
        ]
    )

    matrix = coder.encode([{}, {"n": None, "c": None, "d": None}, {"n": 99, "c": "zz", "d": "1969-01-01"}])

    np.testing.assert_array_equal(matrix, [[np.nan, 1, 0, np.nan], [np.nan, 1, 0, np.nan], [9, 0, 1, 0]])
    assert matrix.dtype == np.float32


def test_row_coder_gives_an_empty_matrix_when_there_are_no_rows() -> None:
    assert RowCoder([EncodedColumn(name="n", source="n", part=Part.VALUE)]).encode([]).shape == (0, 1)


def test_row_of_open_numbers_is_the_encoded_row() -> None:
    a, b = EncodedColumn(name="a", source="a", part=Part.VALUE), EncodedColumn(name="b", source="b", part=Part.VALUE)
    coder = RowCoder([a, b])
    assert coder.takes_as_is(["a", "b"])
    assert not coder.takes_as_is(["b", "a"])
    assert not coder.takes_as_is(["a", "b", "c"])
    assert not RowCoder([]).takes_as_is([])
    for other in (
        EncodedColumn(name="b", source="b", part=Part.VALUE, high=9.0),
        EncodedColumn(name="b", source="b", part=Part.VALUE, low=0.0),
        EncodedColumn(name="b", source="b", part=Part.MISSING),
    ):
        assert not RowCoder([a, other]).takes_as_is(["a", "b"])
