from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from millwright.pipelines.serializers.sparse import SparseSerializer

SPARSE = SparseSerializer()
DENSE = np.array([[0.0, 1.5, 0.0], [2.0, 0.0, 0.0]])


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "bsr", "dia"])
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_matrix_comes_back_in_its_format(form: str, kind: str) -> None:
    value = getattr(sparse, f"{form}_{kind}")(DENSE)
    assert SPARSE.handles(type(value))
    data = SPARSE.dumps(value)
    for found in (SPARSE.loads(data, Any), sparse.load_npz(io.BytesIO(data))):
        assert type(found) is type(value)
        assert found.dtype == value.dtype
        np.testing.assert_array_equal(found.toarray(), DENSE)
    assert SPARSE.dumps(SPARSE.loads(data, Any)) == data


def test_equal_matrices_have_equal_bytes() -> None:
    one = sparse.csr_array((np.array([1.0, 2.0]), np.array([1, 0]), np.array([0, 2])), shape=(1, 2))
    other = sparse.csr_array((np.array([2.0, 0.5, 0.5]), np.array([0, 1, 1]), np.array([0, 3])), shape=(1, 2))
    assert SPARSE.dumps(one) == SPARSE.dumps(other)
    assert one.indices.tolist() == [1, 0]  # the step's own matrix stays
    first = sparse.coo_array((np.array([1, 2]), (np.array([0, 1]), np.array([0, 1]))), shape=(2, 2))
    second = sparse.coo_array((np.array([2, 1]), (np.array([1, 0]), np.array([1, 0]))), shape=(2, 2))
    assert SPARSE.dumps(first) == SPARSE.dumps(second)


def test_other_types_are_not_its_own() -> None:
    assert not any(SPARSE.handles(kind) for kind in (np.ndarray, sparse.lil_array, sparse.dok_matrix, dict))


def test_shared_matrix_is_a_copy() -> None:
    value = sparse.csr_array(DENSE)
    SPARSE.share(value).data[0] = 9
    np.testing.assert_array_equal(value.toarray(), DENSE)
