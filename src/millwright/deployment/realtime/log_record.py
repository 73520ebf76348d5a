"""One prediction as the bytes in which it waits for the log.

A record is a list of MessagePack: id, seconds since 1970 when it was predicted, seconds that it took, its request's id,
its key, its features as a list in the signature's order, its outputs by name. Packing one takes a third of a
microsecond, and leaves nothing behind that the garbage collector would have to look through; `LogFields` reads many of
them at once. Features that are not those of the signature are a mapping, and what MessagePack has no place for (an
integer beyond 64 bits) is JSON as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.ids import PredictionId
    from millwright.deployment.realtime.log_entry import LoggedColumns, LogSource

# The fields of a record, before it is packed.
LogRow = tuple[
    "PredictionId", float, float, str, "str | None", "Sequence[Any] | Mapping[str, Any] | str",
    "Mapping[str, Any] | str",
]  # fmt: skip
FIELDS = 7
# What packing raises for values that MessagePack has no place for.
UNPACKABLE = (TypeError, ValueError, OverflowError)

_LIST_32 = b"\xdd"


def _list(value: Any) -> Any:
    if hasattr(value, "tolist"):  # an array
        return value.tolist()
    raise TypeError(f"Expected a JSON value, found {type(value).__name__}.")


pack = msgspec.msgpack.Encoder(enc_hook=_list).encode
"""The record of a `LogRow`; raises one of `UNPACKABLE`."""

_rows = msgspec.msgpack.Decoder(list[tuple[str, float, float, str, str | None, Any, Any]]).decode
_json = msgspec.json.Encoder(enc_hook=_list).encode


def pack_as_text(source: LogSource, row: LogRow) -> bytes:
    """The record of a row that `pack` does not take."""
    identifier, at_s, seconds, request_id, key, features, outputs = row
    texts = json_text(source.features, features), json_text(source.outputs, outputs)
    return pack((identifier, at_s, seconds, request_id, key, *texts))


def unpacked(records: bytes | bytearray, count: int) -> list[LogRow]:
    """The rows of records that stand one behind the other.

    Args:
        records: The bytes.
        count: How many records they are.
    """
    rows: list[Any] = _rows(b"".join((_LIST_32, count.to_bytes(4, "big"), records)))
    return rows


def json_text(columns: LoggedColumns, values: Sequence[Any] | Mapping[str, Any] | str) -> str:
    """Values of a row as a JSON object."""
    if isinstance(values, str):
        return values
    told = values if isinstance(values, Mapping) else dict(zip(columns.names, values, strict=True))
    try:
        return _json(told).decode()
    except UNPACKABLE:  # half of a surrogate pair, or an object: a prediction that was answered is logged all the same
        return json.dumps(told, default=repr)
