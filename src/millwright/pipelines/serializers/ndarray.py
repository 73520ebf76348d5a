"""NumPy arrays as `.npy` files."""

from __future__ import annotations

import io
from typing import Any


class NdarraySerializer:
    """`numpy.ndarray` of any shape and of any dtype but `object`, in the `.npy` format, version 1.0 or 2.0.

    Memory order and byte order leave no trace: arrays are written in C order, little-endian.
    """

    name = "npy"
    library = "numpy"

    def handles(self, value_type: type) -> bool:
        """Whether it is `numpy.ndarray` itself; masked arrays and matrices would lose what they add."""
        return value_type.__module__ == "numpy" and value_type.__name__ == "ndarray"

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        import numpy as np

        if value.dtype.hasobject:
            raise TypeError("an array of Python objects cannot be stored; give it a dtype of numbers or text")
        buffer = io.BytesIO()
        ordered = np.asarray(value, dtype=value.dtype.newbyteorder("<"), order="C")
        np.lib.format.write_array(buffer, ordered, allow_pickle=False)
        return buffer.getvalue()

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        import numpy as np

        del annotation  # NDArray[float64] promises a dtype, and the stored one is what the step returned
        return np.load(io.BytesIO(data), allow_pickle=False)

    def share(self, value: Any) -> Any:
        """A copy."""
        return value.copy()
