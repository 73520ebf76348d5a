"""The prediction log: where deployment and monitoring meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
