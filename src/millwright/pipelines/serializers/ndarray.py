"""NumPy arrays as `.npy` files."""

from __future__ import annotations

import io
from typing import Any


class NdarraySerializer:
    """`numpy.ndarray` of any shape and of any dtype but `object`, in the `.npy` format, version 1.0 or 2.0.

    Memory order, byte order and what lies between the fields of aligned structures leave no trace: arrays are written
    in C order, little-endian, with zeros between.
    """

    name = "npy"
    library = "numpy"

    def handles(self, value_type: type) -> bool:
        """Whether it is `numpy.ndarray` itself; masked arrays and matrices would lose what they add."""
        return is_ndarray(value_type)

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        import numpy as np

        check_dtype(value.dtype)
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, ordered(value), allow_pickle=False)
        return buffer.getvalue()

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        import numpy as np

        del annotation  # NDArray[float64] promises a dtype, and the stored one is what the step returned
        return np.load(io.BytesIO(data), allow_pickle=False)

    def share(self, value: Any) -> Any:
        """A copy."""
        return value.copy()


def is_ndarray(value_type: type) -> bool:
    """Whether a type is `numpy.ndarray` itself, without importing it."""
    return value_type.__module__ == "numpy" and value_type.__name__ == "ndarray"


def check_dtype(dtype: Any) -> None:
    """Refuse what the format keeps by pickling, or not at all.

    Raises:
        TypeError: An array of this dtype cannot be stored.
    """
    import numpy as np

    if dtype.hasobject:
        raise TypeError("an array of Python objects cannot be stored; give it a dtype of numbers or text")
    if dtype.kind == "V" and dtype.names is None and dtype.subdtype is None and dtype.type is not np.void:
        # Types that other packages add, such as bfloat16, would come back as bytes without a meaning.
        raise TypeError(f"an array of {dtype} has no form in .npy files; convert it to float32 first")


def ordered(array: Any) -> Any:
    """An array as it is written: in C order, little-endian, zeros between the fields of structures."""
    import numpy as np

    dtype = array.dtype.newbyteorder("<")
    if dtype.names is None:
        return np.asarray(array, dtype=dtype, order="C")
    clean = np.zeros(array.shape, dtype=dtype)
    _copy_fields(array, clean)
    return clean


def _copy_fields(source: Any, target: Any) -> None:
    if target.dtype.names is None:
        target[...] = source
        return
    for name in target.dtype.names:
        _copy_fields(source[name], target[name])
