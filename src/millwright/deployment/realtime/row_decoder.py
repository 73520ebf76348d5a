"""From JSON to rows that fit a signature, in one pass where that is possible.

The quick way hands the signature to msgspec as a type, so that parsing and checking are one pass in C (30 columns:
about 2 µs). It accepts only what the signature's own check accepts; whatever it does not accept goes the long way,
through that check, which either accepts it or tells what is wrong.
"""

from __future__ import annotations

import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.json_body import decode_json
from millwright.deployment.violation import violation_error
from millwright.models.check import describe
from millwright.models.column import ColumnType
from millwright.models.moment import parse_moment
from millwright.models.policy import UnseenPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.models.column import SignatureColumn
    from millwright.models.signature import Signature

REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# What each column type surely takes. A date's text is looked into afterwards.
_SURE: Mapping[ColumnType, Any] = {
    # NaN is beyond any bound, and so are infinities: rows that were read from other formats than JSON can hold them.
    ColumnType.NUMBER: Annotated[float, msgspec.Meta(ge=-sys.float_info.max, le=sys.float_info.max)],
    ColumnType.INTEGER: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    ColumnType.BOOLEAN: bool,
    ColumnType.CATEGORY: str,
    ColumnType.DATE: str,
    ColumnType.TEXT: str,
}

Row = dict[str, Any]


class PlainShape(Enum):
    """How plain rows came, and so how they are answered."""

    ROW = "row"  # one bare object
    LIST = "list"  # a list of objects
    TABLE = "table"  # an object with `rows`


class RowDecoder:
    """Reads and checks rows for one signature; thread-safe.

    Rows come out complete, in the signature's order of columns: with the column's default or None for what may be and
    is missing, and with what the signature's policies put in place of nulls and unseen categories.

    Args:
        signature: What rows must fit.
    """

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        self.names = tuple(column.name for column in signature.inputs)
        self._dates = tuple(column.name for column in signature.inputs if column.type is ColumnType.DATE)
        self._date_fields = tuple(
            f"f{number}" for number, column in enumerate(signature.inputs) if column.type is ColumnType.DATE
        )
        row = row_type(signature)
        self._one_or_many = None if row is None else msgspec.json.Decoder(row | list[row])  # type: ignore[valid-type]
        # What a completion would change cannot be read off a struct.
        is_final = row is not None and not signature.completes
        self._one = msgspec.json.Decoder(row) if is_final else None
        self._many: Any = None if row is None else list[row]  # type: ignore[valid-type]

    def plain(self, body: bytes) -> tuple[list[Row], PlainShape, Any]:
        """Rows from `{column: value}`, a list of such, or `{"rows": […], "keys": […]}`.

        Returns:
            The checked rows; the shape they came in; the keys as sent, or None.

        Raises:
            MalformedRequestError: The body is not JSON, or none of these shapes.
            InvalidInputError: A row does not fit the signature; the violations are told.
        """
        if self._one_or_many is not None:
            try:
                found = self._one_or_many.decode(body)
            except REFUSALS:
                pass
            else:
                single = not isinstance(found, list)
                rows = self._rows([found] if single else found)
                if rows is not None:
                    return rows, PlainShape.ROW if single else PlainShape.LIST, None
        return self._plain_slowly(decode_json(body))

    def single(self, body: bytes) -> msgspec.Struct | None:
        """The row of a body that is one bare object and surely fits; its fields are in the signature's order.

        Returns:
            None for whatever else: `plain` reads it, or tells what is wrong.
        """
        if self._one is None:
            return None
        try:
            row: msgspec.Struct = self._one.decode(body)
        except REFUSALS:
            return None
        for field in self._date_fields:
            text = getattr(row, field)
            if text is not None and parse_moment(text) is None:
                return None
        return row

    @staticmethod
    def unchecked(body: bytes) -> tuple[list[Any], PlainShape, Any]:
        """As `plain`, for rows that lack what the server adds: they are what the caller wrote.

        Raises:
            MalformedRequestError: The body is not JSON, or none of these shapes.
        """
        return _shaped(decode_json(body))

    def check(self, rows: Sequence[Any]) -> list[Row]:
        """Rows that fit the signature, from decoded JSON.

        Args:
            rows: n objects, as decoded.

        Raises:
            InvalidInputError: One of them is no object or does not fit the signature; the violations are told.
        """
        if self._many is not None:
            try:
                found = msgspec.convert(rows, self._many)
            except (msgspec.ValidationError, RecursionError):
                pass
            else:
                quick = self._rows(found)
                if quick is not None:
                    return quick
        if self._signature.tensors:
            rows = self._signature.with_arrays(rows)
        violations = self._signature.check_rows(rows)
        if violations:
            raise violation_error(violations, rows=len(rows), columns=self.names)
        return self._signature.complete(rows)

    def _rows(self, found: list[msgspec.Struct]) -> list[Row] | None:
        """The rows as dictionaries; None when a date's text is no date."""
        names, values = self.names, msgspec.structs.astuple
        rows = [dict(zip(names, values(row), strict=True)) for row in found]
        for name in self._dates:
            for row in rows:
                text = row[name]
                if text is not None and parse_moment(text) is None:
                    return None
        return self._signature.complete(rows) if self._signature.completes else rows

    def _plain_slowly(self, value: Any) -> tuple[list[Row], PlainShape, Any]:
        rows, shape, keys = _shaped(value)
        return self.check(rows), shape, keys


def _shaped(value: Any) -> tuple[list[Any], PlainShape, Any]:
    if isinstance(value, dict):
        if isinstance(value.get("rows"), list) and value.keys() <= {"rows", "keys"}:
            return value["rows"], PlainShape.TABLE, value.get("keys")
        return [value], PlainShape.ROW, None
    if isinstance(value, list):
        return value, PlainShape.LIST, None
    raise MalformedRequestError(
        f"Expected a row {{column: value}} or a list of rows, found {describe(value)}.",
        hint="GET / shows an example.",
    )


def row_type(signature: Signature) -> type[msgspec.Struct] | None:
    """The signature as a msgspec type, or None where msgspec cannot express it, or no better than as lists."""
    if signature.tensors:
        return None
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for number, column in enumerate(signature.inputs):
        field = f"f{number}"
        names[field] = column.name
        if column.type is ColumnType.CATEGORY and signature.unseen is UnseenPolicy.REFUSE and not column.categories:
            return None
        kind = sure_type(column, signature)
        fields.append((field, kind) if column.required else (field, kind, column.default))
    try:
        # Keyword-only, since a column that may be absent can stand before one that may not.
        return msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False)
    except ValueError:  # a column name that msgspec does not take: quotes, backslashes, control characters
        return None


def sure_type(column: SignatureColumn, signature: Signature, *, is_complete: bool = False) -> Any:
    """What a column surely takes, as a msgspec type.

    Args:
        column: One without arrays.
        signature: Its signature.
        is_complete: Only values that no policy puts anything in place of: no nulls, no unseen categories.
    """
    sure = _SURE[column.type]
    refused = (UnseenPolicy.REFUSE, UnseenPolicy.DEFAULT) if is_complete else (UnseenPolicy.REFUSE,)
    if column.type is ColumnType.CATEGORY and signature.unseen in refused:
        sure = Literal[column.categories]
    return sure | None if column.nullable and not is_complete else sure
