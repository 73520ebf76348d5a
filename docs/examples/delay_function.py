"""A model that is a Python class: days by crew, from a table that an expert keeps."""

# --8<-- [start:class]
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from millwright.models.function import ModelContext, PythonModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl


class DaysByCrew(PythonModel):
    def load(self, context: ModelContext) -> None:
        self.days = json.loads((context.artifacts / "days.json").read_text())

    def predict(self, frame: pl.DataFrame, params: Mapping[str, Any]) -> Any:
        known = frame["crew"].replace_strict(self.days, default=params["otherwise"], return_dtype=float)
        return known * frame["floors"]


# --8<-- [end:class]
