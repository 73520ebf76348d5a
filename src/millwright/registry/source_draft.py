"""What an MLflow client wants to become a model version: files that are somewhere, without a package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from millwright.core.ids import RunId


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceDraft:
    """A version by its source; the fields are those of `ModelVersionRecord`."""

    name: str
    source: str
    location: str = ""
    run_id: RunId | None = None
    model_id: str | None = None
    run_link: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
