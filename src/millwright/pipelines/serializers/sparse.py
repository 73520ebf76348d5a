"""SciPy's sparse arrays and matrices as `.npz` files."""

from __future__ import annotations

import io
from typing import Any

from millwright.pipelines.serializers.npz import read_npz, write_npz

_FORMATS = {f"{form}_{kind}" for form in ("csr", "csc", "coo", "bsr", "dia") for kind in ("array", "matrix")}


class SparseSerializer:
    """Sparse arrays and matrices in the formats CSR, CSC, COO, BSR and DIA, as `scipy.sparse.load_npz` reads them.

    Entries that stand twice are added up, and entries are sorted: equal matrices of one format have equal bytes. Zeros
    that are stored stay stored.
    """

    name = "sparse"
    library = "scipy"

    def handles(self, value_type: type) -> bool:
        """Whether it is one of SciPy's own classes of these formats."""
        return value_type.__module__.startswith("scipy.sparse.") and value_type.__name__ in _FORMATS

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        import numpy as np
        from scipy import sparse

        buffer = io.BytesIO()
        sparse.save_npz(buffer, _canonical(value), compressed=False)
        with np.load(io.BytesIO(buffer.getvalue()), allow_pickle=False) as arrays:
            return write_npz(dict(arrays))

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`; another format may be asked for."""
        from scipy import sparse

        del annotation
        read_npz(data)
        return sparse.load_npz(io.BytesIO(data))

    def share(self, value: Any) -> Any:
        """A copy."""
        return value.copy()


def _canonical(value: Any) -> Any:
    """The same numbers in one form; the step's own matrix stays as it is."""
    if value.format == "dia":
        return value
    own = value.copy()
    own.sum_duplicates()
    if value.format == "bsr":
        own.sort_indices()
    return own
