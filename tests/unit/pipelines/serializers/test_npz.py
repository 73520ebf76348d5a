from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from millwright.pipelines.serializers.npz import NpzSerializer, read_npz

NPZ = NpzSerializer()
SCRIPT = """
import hashlib, numpy as np
from millwright.pipelines.serializers.npz import NpzSerializer
names = {"a", "b", "größe", "deep/er", ""}
print(hashlib.sha256(NpzSerializer().dumps({name: np.full((2, 3), len(name)) for name in names})).hexdigest())
"""

names = st.text(st.characters(codec="utf-8", exclude_characters="\0\\"), max_size=8)
arrays = hnp.arrays(
    st.one_of(hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.boolean_dtypes(), hnp.unicode_string_dtypes(max_len=4)),
    hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=3),
)


@given(st.dictionaries(names, arrays, min_size=1, max_size=4))
def test_arrays_come_back_under_their_names(value: dict[str, Any]) -> None:
    assert NPZ.holds(value)
    data = NPZ.dumps(value)
    found = NPZ.loads(data, Any)
    assert list(found) == sorted(value)
    for name, array in value.items():
        np.testing.assert_array_equal(found[name], array)
        assert (found[name].dtype, found[name].shape) == (array.dtype.newbyteorder("<"), array.shape)
    assert NPZ.dumps(dict(reversed(value.items()))) == data == NPZ.dumps(found)


def test_numpy_reads_the_file() -> None:
    value = {"x": np.arange(6.0).reshape(2, 3), "größe": np.array(["a"]), "sub/dir": np.array(3)}
    with np.load(io.BytesIO(NPZ.dumps(value)), allow_pickle=False) as found:
        assert sorted(found.files) == sorted(value)
        for name, array in value.items():
            np.testing.assert_array_equal(found[name], array)


def test_file_of_numpy_is_read() -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=np.arange(3), y=np.array(["a"]))
    found = read_npz(buffer.getvalue())
    assert {name: array.tolist() for name, array in found.items()} == {"x": [0, 1, 2], "y": ["a"]}


def test_name_with_a_suffix_is_not_taken_for_another_one() -> None:
    found = NPZ.loads(NPZ.dumps({"a": np.array(1), "a.npy": np.array(2)}), Any)
    assert {name: int(array) for name, array in found.items()} == {"a": 1, "a.npy": 2}


def test_bytes_are_the_same_in_every_process_and_carry_no_time() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"))
    }
    assert len(found) == 1
    with zipfile.ZipFile(io.BytesIO(NPZ.dumps({"a": np.arange(2)}))) as archive:
        (entry,) = archive.infolist()
    assert (entry.date_time, entry.create_system, entry.compress_type) == ((1980, 1, 1, 0, 0, 0), 3, zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("value", "own"),
    [
        ({"a": np.zeros(1)}, True),
        (OrderedDict(a=np.zeros(1)), True),
        ({}, False),
        ({"a": np.zeros(1), "b": 1}, False),
        ({1: np.zeros(1)}, False),
        ({"a": np.ma.masked_array([1])}, False),
        (dict[str, np.ndarray], None),
    ],
)
def test_dictionaries_of_nothing_but_arrays_are_its_own(value: Any, own: bool | None) -> None:
    if own is not None:
        assert NPZ.holds(value) is own
    assert not NPZ.handles(dict)


@pytest.mark.parametrize(
    ("hint", "own"),
    [
        (dict[str, np.ndarray], True),
        (dict[str, NDArray[np.float64]], True),
        (Mapping[str, np.ndarray], True),
        (dict[int, np.ndarray], False),
        (dict[str, np.ndarray | int], False),
        (dict[str, Any], False),
        (list[np.ndarray], False),
        (dict, False),
    ],
)
def test_types_of_nothing_but_arrays_are_its_own(hint: Any, own: bool) -> None:
    assert NPZ.promises(hint) is own


@pytest.mark.parametrize("name", ["a\0b", "a\\b"])
def test_name_that_an_archive_would_change_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot keep"):
        NPZ.dumps({name: np.zeros(1)})


def test_array_of_objects_is_refused() -> None:
    with pytest.raises(TypeError, match="array of Python objects"):
        NPZ.dumps({"a": np.array([object()])})


def test_shared_arrays_are_copies_in_the_stored_order() -> None:
    value = {"b": np.arange(2), "a": np.arange(2)}
    shared = NPZ.share(value)
    shared["a"][0] = 9
    shared["c"] = 1
    assert list(shared) == ["a", "b", "c"]
    assert value["a"].tolist() == [0, 1]
    assert list(value) == ["b", "a"]
