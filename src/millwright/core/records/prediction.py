"""The prediction log: where deployment and monitoring meet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, overload

from millwright.core.ids import PredictionId


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


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionColumns(Sequence[PredictionRecord]):
    """Predictions of one endpoint by column: what a busy server hands to the log.

    It is a sequence of records, each made when it is asked for, so that every store takes it; one that keeps columns
    anyway can take these as they are. The fields are those of `PredictionRecord`, n values each.

    Attributes:
        features: One JSON object as text per row.
        outputs: Likewise.
    """

    endpoint: str
    id: Sequence[PredictionId]
    model: Sequence[str]
    version: Sequence[int]
    at: Sequence[datetime]
    features: Sequence[str]
    outputs: Sequence[str]
    latency_ms: Sequence[float]
    request_id: Sequence[str]
    key: Sequence[str | None]

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
            model=self.model[index],
            version=self.version[index],
            at=self.at[index],
            features=json.loads(self.features[index]),
            outputs=json.loads(self.outputs[index]),
            latency_ms=self.latency_ms[index],
            request_id=self.request_id[index],
            key=self.key[index],
        )


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
