"""Tables, series and sparse matrices among a project's constants: known by what they hold."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from millwright.pipelines.serializers.frame import ArrowSerializer, PandasSerializer, PolarsSerializer
from millwright.pipelines.serializers.series import PandasSeriesSerializer, PolarsSeriesSerializer
from millwright.pipelines.serializers.sparse import SparseSerializer

if TYPE_CHECKING:
    from millwright.pipelines.serializers.base import Serializer

_SERIALIZERS: tuple[Serializer, ...] = (
    PolarsSerializer(),
    ArrowSerializer(),
    PandasSerializer(),
    PolarsSeriesSerializer(),
    PandasSeriesSerializer(),
    SparseSerializer(),
)


def table_digest(value: Any) -> str:
    """A digest of what a table, series or sparse matrix holds; empty for other values, and where it has objects in it.

    Its statement alone does not tell: `TABLE = pl.read_csv("prices.csv")` stays while the file changes.
    """
    serializer = next((each for each in _SERIALIZERS if each.handles(type(value))), None)
    if serializer is None:
        return ""
    try:
        return hashlib.sha256(serializer.dumps(value)).hexdigest()
    except (TypeError, ValueError, NotImplementedError):
        return ""
