"""Tables as Parquet and Arrow IPC: Polars, PyArrow and pandas frames, each readable as the others."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from millwright.pipelines.compatibility import runtime_class
from millwright.pipelines.hint import alternatives
from millwright.pipelines.serializers.arrow_file import is_ipc, read_table, write_table
from millwright.pipelines.serializers.pandas_table import pandas_table

if TYPE_CHECKING:
    from collections.abc import Mapping

# Fixed, as `arrow_file` has them.
_ROW_GROUP_ROWS = 1 << 18
_COMPRESSION = "zstd"

_POLARS, _ARROW, _PANDAS = ("polars", "DataFrame"), ("pyarrow", "Table"), ("pandas", "DataFrame")


def frame_kind(value_type: type) -> tuple[str, str] | None:
    """Which library's table a type is, without importing any of them; None when it is none."""
    for base in value_type.__mro__:
        kind = (base.__module__.partition(".")[0], base.__name__)
        if kind in {_POLARS, _ARROW, _PANDAS}:
            return kind
    return None


def read_frame(data: bytes, kind: tuple[str, str]) -> Any:
    """A file's bytes as a table of one of the libraries."""
    if kind == _POLARS:
        import polars as pl

        return (pl.read_ipc if is_ipc(data) else pl.read_parquet)(io.BytesIO(data))
    table = read_table(data)
    return table.to_pandas() if kind == _PANDAS else table


class _FrameSerializer:
    """What the three libraries have in common."""

    name = ""
    library = ""
    kind = ("", "")

    def handles(self, value_type: type) -> bool:
        """Whether it is the library's table."""
        return frame_kind(value_type) == self.kind

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`; any of the three libraries' tables may be asked for."""
        classes = (runtime_class(member) for member in alternatives(annotation))
        kinds = [kind for wanted in classes if wanted is not None and (kind := frame_kind(wanted))]
        return read_frame(data, self.kind if self.kind in kinds or not kinds else kinds[0])


class PolarsSerializer(_FrameSerializer):
    """`polars.DataFrame` as Parquet written by Polars: its own types (Enum, Categorical, Duration …) come back."""

    name = "polars"
    library = "polars"
    kind = _POLARS

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`; chunks and sortedness flags of the frame leave no trace."""
        import polars as pl

        objects = [name for name, dtype in value.schema.items() if dtype == pl.Object]
        if objects:
            raise TypeError(f"columns of Python objects have no stored form: {', '.join(objects)}")
        buffer = io.BytesIO()
        try:
            value.rechunk().write_parquet(
                buffer, compression=_COMPRESSION, row_group_size=_ROW_GROUP_ROWS, statistics=False, use_pyarrow=False
            )
        except pl.exceptions.PolarsError as error:
            raise TypeError(str(error)) from error
        return buffer.getvalue()

    def share(self, value: Any) -> Any:
        """A frame of its own over the same columns: what one step adds or drops, another does not see."""
        return value.clone()


class ArrowSerializer(_FrameSerializer):
    """`pyarrow.Table` as `arrow_file` writes it."""

    name = "arrow"
    library = "pyarrow"
    kind = _ARROW

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        return write_table(value)

    def share(self, value: Any) -> Any:
        """The value itself: it cannot be changed."""
        return value


class PandasSerializer(_FrameSerializer):
    """`pandas.DataFrame` as the Arrow table of it, its index included."""

    name = "pandas"
    library = "pandas"
    kind = _PANDAS

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        return self.write(value, {})

    def share(self, value: Any) -> Any:
        """A copy."""
        return value.copy()

    @staticmethod
    def write(frame: Any, facts: Mapping[bytes, bytes]) -> bytes:
        """A frame as a file, with more facts in its metadata."""
        table = pandas_table(frame)
        return write_table(table.replace_schema_metadata({**table.schema.metadata, **facts}) if facts else table)
