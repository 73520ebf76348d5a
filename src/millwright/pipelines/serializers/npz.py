"""Several arrays under names as `.npz` files."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any, get_args, get_origin

from millwright.pipelines.compatibility import runtime_class
from millwright.pipelines.hint import alternatives
from millwright.pipelines.serializers.ndarray import check_dtype, is_ndarray, ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUFFIX = ".npy"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive knows
_UNIX = 3  # who made an entry, and with which mode; else the archive would tell on which system it was written
_MODE = 0o600 << 16


class NpzSerializer:
    """`dict[str, numpy.ndarray]` as an uncompressed `.npz` archive, which `numpy.load` reads.

    The archive is the same for equal arrays under equal names: entries stand in the order of their names and carry no
    time. A dictionary comes back in that order.
    """

    name = "npz"
    library = "numpy"

    def handles(self, value_type: type) -> bool:
        """Never: what a dictionary holds, its type does not tell."""
        del value_type
        return False

    def holds(self, value: Any) -> bool:
        """Whether it is a dictionary with at least one array, all of whose values are arrays, under text keys."""
        return bool(value) and all(is_ndarray(type(each)) for each in value.values()) and _has_names(value)

    def promises(self, hint: Any) -> bool:
        """Whether it is `dict[str, ndarray]`, `Mapping[str, NDArray[…]]` or the like."""
        return named_values(hint, is_ndarray)

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        return write_npz(value)

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        del annotation  # dict[str, NDArray[float64]] promises a dtype, and the stored one is what the step returned
        return read_npz(data)

    def share(self, value: Any) -> Any:
        """A dictionary with a copy of each array, in the order in which it would come from the store."""
        return {name: value[name].copy() for name in sorted(value)}


def named_values(hint: Any, is_own: Any) -> bool:
    """Whether a type is a dictionary or mapping from text to values of a class.

    Args:
        hint: The type.
        is_own: Tells of a class whether it is that of the values.
    """
    arguments = get_args(hint)
    kind = get_origin(hint)
    if len(arguments) != 2 or not (isinstance(kind, type) and issubclass(dict, kind)) or arguments[0] is not str:
        return False
    classes = [runtime_class(member) for member in alternatives(arguments[1])]
    return all(found is not None and is_own(found) for found in classes)


def write_npz(arrays: Mapping[str, Any]) -> bytes:
    """Arrays under names as the bytes of an archive.

    Raises:
        TypeError: An array holds Python objects.
        ValueError: A name that the archive would change.
    """
    import numpy as np

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            if "\0" in name or "\\" in name:  # cut off there, and on Windows turned into a slash
                raise ValueError(f"the name {name!r} holds a character that an archive cannot keep")
            check_dtype(arrays[name].dtype)
            entry = zipfile.ZipInfo(name + _SUFFIX, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _MODE
            # Forced, as NumPy does: else an array beyond 4 GiB would have another form than the space left for it.
            with archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, ordered(arrays[name]), allow_pickle=False)
    return buffer.getvalue()


def read_npz(data: bytes) -> dict[str, Any]:
    """The arrays of an archive, in its order.

    Not left to `numpy.load`, which finds `a` where both `a` and `a.npy` are there.
    """
    import numpy as np

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {}
        for name in archive.namelist():
            with archive.open(name) as file:
                found[name.removesuffix(_SUFFIX)] = np.lib.format.read_array(file, allow_pickle=False)
    return found


def _has_names(value: Mapping[Any, Any]) -> bool:
    return all(type(name) is str for name in value)
