"""Single columns as tables of one: series of Polars and pandas, their name included."""

from __future__ import annotations

import io
from typing import Any

from millwright.pipelines.serializers.arrow_file import read_table
from millwright.pipelines.serializers.frame import PandasSerializer, PolarsSerializer

_UNNAMED = b"millwright.unnamed"  # in the file's own facts: a pandas series without a name is not one named "values"


class PolarsSeriesSerializer:
    """`polars.Series` as a Parquet file of one column."""

    name = "polars-series"
    library = "polars"
    _frames = PolarsSerializer()

    def handles(self, value_type: type) -> bool:
        """Whether it is `polars.Series`."""
        return _is_series(value_type, "polars")

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        return self._frames.dumps(value.to_frame())

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        del annotation
        import polars as pl

        return pl.read_parquet(io.BytesIO(data)).to_series()

    def share(self, value: Any) -> Any:
        """A series of its own over the same values."""
        return value.clone()


class PandasSeriesSerializer:
    """`pandas.Series` as a frame of one column, its index included."""

    name = "pandas-series"
    library = "pandas"

    def handles(self, value_type: type) -> bool:
        """Whether it is `pandas.Series`."""
        return _is_series(value_type, "pandas")

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        frame = value.to_frame("values") if value.name is None else value.to_frame()
        return PandasSerializer.write(frame, {_UNNAMED: b"1"} if value.name is None else {})

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        del annotation
        table = read_table(data)
        series = table.to_pandas().iloc[:, 0]
        return series.rename(None) if _UNNAMED in (table.schema.metadata or {}) else series

    def share(self, value: Any) -> Any:
        """A copy."""
        return value.copy()


def _is_series(value_type: type, library: str) -> bool:
    return value_type.__module__.partition(".")[0] == library and value_type.__name__ == "Series"
