"""The version that an alias points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.storage.catalog import Stores

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.pipelines.context import StepContext

CHAMPION = "champion"


def find_version(ctx: StepContext, name: str, alias: str) -> ModelVersionRecord | None:
    """The version of a model that carries an alias; None when nobody does."""
    models = ctx.service(Stores).models
    record = models.find_alias(name, alias)
    return None if record is None else models.get_version(name, record.version)
