"""The prediction log: where deployment and monitoring meet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, overload

from millwright.core.ids import PredictionId

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionRecord:
    """One row that was predicted.

    Attributes:
        id: Made by the server; its leading digits are the time, so the log's partition follows from it.
        features: The row as the model saw it: one JSON value per signature column, None for missing.
        outputs: Output columns: `prediction`, and `probability` (of the positive class) or one
            `probability_<class>` per class.
        latency_ms: From the request's last byte to the answer, for the whole request.
        key: The caller's own id of the row, when given.
    """

    id: PredictionId
    endpoint: str
    model: str
    version: int
    at: datetime
    features: Mapping[str, Any]
    outputs: Mapping[str, Any]
    latency_ms: float
    request_id: str = ""
    key: str | None = None


class Values(Protocol[T_co]):
    """n values that can be asked for by number: a sequence, or a column of a table."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> T_co: ...


# Of n rows, one column per name, each with values of one type (a JSON type, None for missing); or, where the rows have
# no columns in common, one JSON object as text per row.
Cells = Mapping[str, Values[Any]] | Values[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionColumns(Sequence[PredictionRecord]):
    """Predictions of one model version at one endpoint by column: what a busy server hands to the log.

    It is a sequence of records, each made when it is asked for, so that every store takes it; one that keeps columns
    anyway can take these as they are. The fields are those of `PredictionRecord`, n values each unless said otherwise.

    Attributes:
        endpoint: One for all.
        model: Likewise.
        version: Likewise.
        features: By column, or as texts.
        outputs: Likewise.
    """

    endpoint: str
    model: str
    version: int
    id: Values[PredictionId]
    at: Values[datetime]
    features: Cells
    outputs: Cells
    latency_ms: Values[float]
    request_id: Values[str]
    key: Values[str | None]

    def __len__(self) -> int:
        return len(self.id)

    @overload
    def __getitem__(self, index: int) -> PredictionRecord: ...

    @overload
    def __getitem__(self, index: slice) -> list[PredictionRecord]: ...

    def __getitem__(self, index: int | slice) -> PredictionRecord | list[PredictionRecord]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return PredictionRecord(
            id=self.id[index],
            endpoint=self.endpoint,
            model=self.model,
            version=self.version,
            at=self.at[index],
            features=_row(self.features, index),
            outputs=_row(self.outputs, index),
            latency_ms=self.latency_ms[index],
            request_id=self.request_id[index],
            key=self.key[index],
        )


def _row(cells: Cells, index: int) -> Mapping[str, Any]:
    if isinstance(cells, Mapping):
        return {name: values[index] for name, values in cells.items()}
    row: Mapping[str, Any] = json.loads(cells[index])
    return row


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelRecord:
    """What really happened, told later.

    Attributes:
        value: The true class or number, as a JSON value.
        observed_at: When it became true in the world.
        recorded_at: When we were told.
    """

    prediction_id: PredictionId
    value: Any
    observed_at: datetime
    recorded_at: datetime
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointRecord:
    """A place where predictions are asked for.

    Attributes:
        model: The registered model's name.
        selector: An alias or a version number, as text: what the endpoint follows.
        url: Where the running server listens; empty when none runs.
        serving_version: The version answering at present; None when none runs.
        owner: `host:pid:start` of the server process; empty when none runs.
    """

    name: str
    model: str
    selector: str
    updated_at: datetime
    url: str = ""
    serving_version: int | None = None
    owner: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
