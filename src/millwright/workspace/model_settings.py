"""Settings of models."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field


class ModelSettings(BaseModel):
    """What may be loaded as a model."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    allow_code: bool = Field(
        default=False, description="Load models that are Python code of their own, which runs any code."
    )
