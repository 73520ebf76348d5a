"""Settings of models that learn online."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from millwright.workspace.declared import Declared
from millwright.workspace.monitor_settings import Duration  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from millwright.automation.online import OnlineLearning


class OnlineSettings(Declared):
    """A model of River that learns from an endpoint's labels: `[learning.NAME]`."""

    endpoint: str = Field(description="Whose predictions and labels it learns from.")
    model: str = Field(description="The registered model; the version behind the alias goes on learning.")
    alias: str = Field(default="online", description="Follows the snapshots; serve MODEL@ALIAS.")
    snapshot_labels: int = Field(default=1_000, ge=1, description="A snapshot after so many labels.")
    snapshot_after: Duration = Field(
        default=timedelta(hours=1), description="A snapshot when labels that none holds are so old, such as 10m, 1h."
    )
    window: int = Field(default=500, ge=10, description="Labels over which the guard's metric is taken.")
    metric: str = Field(default="", description="The guard's metric; accuracy, and mae for numbers, when empty.")
    limit: float | None = Field(
        default=None, description="The worst value that is fine; beyond it learning is undone and held."
    )

    def declaration(self, name: str) -> OnlineLearning:
        """In the form that automation takes."""
        from millwright.automation.online import OnlineLearning

        return OnlineLearning(name=name, **self.model_dump())
