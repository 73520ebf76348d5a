"""A model version ready to answer, and the place where it can be exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.deployment.realtime.row_decoder import RowDecoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.predictor import Predictor


class ServedModel:
    """One model version with all that a request needs, made once and never changed.

    Args:
        record: The version.
        predictor: Predicts rows; thread-safe.
        example: Raw rows recorded with the package, possibly none.
    """

    __slots__ = (
        "example",
        "input_names",
        "name",
        "output_names",
        "predictor",
        "record",
        "ref",
        "ref_header",
        "rows",
        "signature",
        "version",
    )

    def __init__(
        self, record: ModelVersionRecord, predictor: Predictor, *, example: tuple[Mapping[str, Any], ...] = ()
    ) -> None:
        self.record = record
        self.predictor = predictor
        self.signature = predictor.signature
        self.example = example
        self.name = record.name
        self.version = record.version
        self.ref = record.ref
        self.ref_header = record.ref.encode("ascii", "backslashreplace")
        self.rows = RowDecoder(self.signature)
        self.input_names = self.rows.names
        self.output_names = tuple(column.name for column in self.signature.outputs)


class ModelSlot:
    """Where the version that answers stands; reading and replacing it are atomic.

    Args:
        endpoint: The endpoint's name.
        served: The version to begin with.
    """

    __slots__ = ("current", "endpoint")

    def __init__(self, endpoint: str, served: ServedModel) -> None:
        self.endpoint = endpoint
        self.current = served
