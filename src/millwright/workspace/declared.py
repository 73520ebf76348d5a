"""Tables of the project file that people name."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

from millwright.core.errors import closest


class Declared(BaseModel):
    """A table of the project file; an unknown key is an error that names the nearest known one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_nearest(cls, values: Any) -> Any:
        if isinstance(values, dict):
            for key in values:
                if key not in cls.model_fields:
                    raise ValueError(f"unknown key '{key}'. {closest(str(key), cls.model_fields)}".strip())
        return values
