from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from millwright.models.archive import read_archive
from millwright.models.flavors.canonical import SCHEMA_NAME, canonical_skops

if TYPE_CHECKING:
    from millwright.models.model import Model


def test_canonical_bytes_are_equal_where_skops_own_are_not(tree_model: Model) -> None:
    from skops.io import dumps, loads

    first, second = (
        dumps(tree_model.estimator),
        dumps(loads(dumps(tree_model.estimator), trusted=["numpy.dtype", "sklearn.tree._tree.Tree"])),
    )

    assert first != second
    assert canonical_skops(first) == canonical_skops(second)


def test_canonical_file_still_loads_and_answers_alike(tree_model: Model) -> None:
    from skops.io import dumps, loads

    found = loads(canonical_skops(dumps(tree_model.estimator)), trusted=["numpy.dtype", "sklearn.tree._tree.Tree"])
    rows = np.zeros((3, found.n_features_in_), dtype=np.float32)

    np.testing.assert_array_equal(found.predict_proba(rows), tree_model.estimator.predict_proba(rows))


def test_canonical_file_zeroes_the_padding_of_records() -> None:
    record = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [0, 8], "itemsize": 16})
    dirty = np.frombuffer(bytes(range(1, 17)), dtype=record)
    array = io.BytesIO()
    np.save(array, dirty)
    content = array.getvalue()[:-16] + bytes(range(1, 17))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(SCHEMA_NAME, json.dumps({"__loader__": "NdArrayNode", "file": "123.npy"}))
        archive.writestr("123.npy", content)

    members = read_archive(canonical_skops(buffer.getvalue()), what="a test file")

    assert members["1.npy"].endswith(bytes([1, 0, 0, 0, 0, 0, 0, 0, *range(9, 17)]))
