from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.pipelines.serializers.pandas_table import pandas_table

NUMBERS = np.arange(12.0).reshape(4, 3)
PLAIN = pd.DataFrame(NUMBERS, columns=["a", "b", "c"])


def changed(frame: pd.DataFrame, **attributes: Any) -> pd.DataFrame:
    for name, value in attributes.items():
        setattr(frame, name, value)
    return frame


class Mine(pd.DataFrame): ...


# Each differs from the first in one thing.
FRAMES = {
    "plain": PLAIN,
    "column by column": pd.DataFrame({"a": [0.0], "b": [1.0], "c": [2.0]}),
    "other names": pd.DataFrame(NUMBERS, columns=["a", "b", "ü"]),
    "names of objects": pd.DataFrame(NUMBERS, columns=pd.Index(["a", "b", "c"], dtype=object)),
    "numbers as names": pd.DataFrame(NUMBERS),
    "named columns": pd.DataFrame(NUMBERS, columns=pd.Index(["a", "b", "c"], name="of")),
    "two levels": pd.DataFrame(NUMBERS, columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")])),
    "fewer rows": PLAIN[:2],
    "later rows": PLAIN[1:],
    "every other row": PLAIN[::2],
    "rows backwards": PLAIN[::-1],
    "rows in disorder": PLAIN.iloc[[2, 0, 1]],
    "named rows": changed(PLAIN.copy(), index=pd.RangeIndex(4, name="row")),
    "rows named by a number": changed(PLAIN.copy(), index=pd.RangeIndex(4, name=1)),
    "rows named by true": changed(PLAIN.copy(), index=pd.RangeIndex(4, name=True)),  # which is 1
    "rows of texts": changed(PLAIN.copy(), index=list("wxyz")),
    "no rows": PLAIN[:0],
    "no columns": pd.DataFrame(index=range(3)),
    "nothing": pd.DataFrame(),
    "missing numbers": PLAIN.where(PLAIN != 4.0),
    "infinite": PLAIN.replace(4.0, np.inf),
    "short floats": PLAIN.astype("float32"),
    "shorter floats": PLAIN.astype("float16"),
    "integers": PLAIN.astype("int64"),
    "small integers": PLAIN.astype("int8"),
    "unsigned": PLAIN.astype("uint16"),
    "other byte order": pd.DataFrame(NUMBERS.astype(">f8").byteswap().view("<f8"), columns=["a", "b", "c"]),
    "two dtypes": PLAIN.astype({"b": "int64"}),
    "nullable": PLAIN.astype("Float64"),
    "Arrow's": PLAIN.astype("float64[pyarrow]"),
    "names of pandas' own texts": pd.DataFrame(NUMBERS, columns=pd.Index(["a", "b", "c"], dtype="string")),
    "quoted name": PLAIN.rename(columns={"a": 'a"\\\n'}),
    "truths": PLAIN > 3,
    "texts": PLAIN.astype(str),
    "moments": PLAIN.astype("int64").astype("datetime64[ns]"),
    "attributes": changed(PLAIN.copy(), attrs={"unit": "m"}),
    "kind of its own": Mine(PLAIN),
    "Fortran's order": pd.DataFrame(np.asfortranarray(NUMBERS), columns=["a", "b", "c"]),
    "several blocks": pd.concat([PLAIN[["a"]], PLAIN[["b"]] + 1, PLAIN[["c"]]], axis=1),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_table_is_the_one_that_arrow_makes_of_a_frame(frame: pd.DataFrame) -> None:
    found, expected = pandas_table(frame), pa.Table.from_pandas(frame)
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.schema.metadata == expected.schema.metadata
    assert found.equals(expected)
    assert [column.null_count for column in found.columns] == [column.null_count for column in expected.columns]
    pd.testing.assert_frame_equal(found.to_pandas(), expected.to_pandas())


@given(
    st.lists(st.text(max_size=3), min_size=1, max_size=4, unique=True),
    st.lists(st.floats(width=64), max_size=5),
    st.integers(-3, 3),
)
def test_table_of_any_plain_frame_is_the_one_of_arrow(names: list[str], values: list[float], start: int) -> None:
    frame = pd.DataFrame(dict.fromkeys(names, values), index=pd.RangeIndex(start, start + len(values)), dtype="float64")
    expected = pa.Table.from_pandas(frame)
    found = pandas_table(frame)
    assert found.equals(expected, check_metadata=True)
    pd.testing.assert_frame_equal(found.to_pandas(), frame)


@pytest.mark.parametrize("frame", [PLAIN, PLAIN.astype("int8"), PLAIN[1:], FRAMES["several blocks"]])
def test_arrow_is_not_asked_for_plain_frames(frame: pd.DataFrame) -> None:
    script = (
        "import sys, pickle\nfrom millwright.pipelines.serializers.pandas_table import pandas_table\n"
        "table = pandas_table(pickle.loads(sys.stdin.buffer.read()))\n"
        "assert table.num_columns == 3\nassert 'pyarrow.pandas_compat' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], input=pickle.dumps(frame), check=True)


def test_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="Duplicate column names"):
        pandas_table(pd.DataFrame(NUMBERS, columns=["a", "b", "a"]))


def test_columns_that_were_renamed_or_turned_are_told_apart() -> None:
    frame = pd.DataFrame(np.arange(6.0).reshape(2, 3), columns=["a", "b", "c"])
    other = frame.copy()
    other.columns = pd.Index(["c", "b", "a"])
    named = frame.copy()
    named.columns.name = "kinds"
    mixed = frame.copy()
    mixed["b"] = mixed["b"].astype("int64")
    for each in (frame, other, frame, named, frame[["b", "a", "c"]], mixed, frame.astype("float32"), frame):
        assert pandas_table(each).equals(pa.Table.from_pandas(each))
        assert pandas_table(each).schema.equals(pa.Table.from_pandas(each).schema, check_metadata=False)
        assert pandas_table(each).column_names == [str(name) for name in each.columns]
