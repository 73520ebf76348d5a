"""Makes training sets from recorded definitions and dataset versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.core.records.feature import FeatureKind
from millwright.data.datasets.catalog import WriteOptions
from millwright.data.datasets.dataset import Dataset
from millwright.data.engines.engine import EngineOptions
from millwright.data.engines.scratch import scratch_folder
from millwright.data.features.definition import FeatureService, definition_digest, definition_kind
from millwright.data.features.entity_rows import entity_rows
from millwright.data.features.features_at import features_at
from millwright.data.features.large_view import LargeViews
from millwright.data.features.plan import FeaturePlan, StoredView, plan_features
from millwright.data.features.training_set import TrainingSet, TrainingSetRecord
from millwright.data.features.view_rows import view_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.ids import StepRunId
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.features.definition_lookup import DefinitionLookup
    from millwright.storage.catalog import Stores

    Features = FeatureService | str | Sequence[Any]

TIMESTAMP = "event_timestamp"
_DEFAULTS = EngineOptions()


class TrainingSets:
    """Training sets of one workspace.

    Args:
        stores: Where records are kept.
        datasets: Where the sources are, and where training sets are kept.
        lookup: Finds definitions.
        clock: Tells the time of records.
        engine: How the engine of a view is chosen, and what it may use.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        datasets: DatasetCatalog,
        lookup: DefinitionLookup,
        clock: Clock,
        engine: EngineOptions = _DEFAULTS,
    ) -> None:
        self._stores, self._datasets, self._lookup, self._clock = stores, datasets, lookup, clock
        self._engine = engine

    def make(
        self,
        entities: pl.DataFrame | pl.LazyFrame | Dataset | str,
        features: Features,
        *,
        timestamp: str = TIMESTAMP,
        engine: str | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> TrainingSet:
        """Entity rows with the features that were known at their moments; see `FeatureCatalog.training_set`."""
        plan = plan_features(self._lookup.selections(features))
        sources = _Sources(self._datasets, versions or {})
        sources.refuse_unknown({lookup.view.source for lookup in plan.lookups})
        rows, own = self._entities(entities)
        options = self._engine if engine is None else replace(self._engine, name=engine)
        with scratch_folder(options.scratch) as folder:
            large = LargeViews(sources.dataset, options, folder)
            found = features_at(rows, plan, timestamp=timestamp, read=sources.rows, large=large)
        service = self._service(features)
        record = TrainingSetRecord(
            service=service.partition("/")[2],
            features=plan.outputs,
            definitions=(*([service] if service else []), *self._definitions(plan)),
            datasets=tuple(dict.fromkeys([*own, *sources.refs])),
            timestamp=timestamp,
            rows=rows.height,
            matched=found.matched,
            keys={column: str(rows.schema[column]) for column in plan.entity_columns},
            request=plan.request_types,
            columns={
                output: f"{one.view.name}:{name}"
                for one in plan.selections
                for name, output in zip(one.names, one.outputs, strict=True)
            },
        )
        return TrainingSet(frame=pl.concat([rows, found.frame], how="horizontal"), record=record)

    def entities(
        self, features: Features, moments: Sequence[datetime], *, versions: Mapping[str, str] | None = None
    ) -> pl.DataFrame:
        """All entities known at some moments; see `FeatureCatalog.entity_rows`."""
        plan = plan_features(self._lookup.selections(features))
        sources = _Sources(self._datasets, versions or {})
        return entity_rows(plan, moments, read=sources.rows, timestamp=TIMESTAMP)

    def save(self, training_set: TrainingSet, dataset: str, *, step_run_id: StepRunId | None = None) -> Dataset:
        """Record a training set as a version of a dataset; see `FeatureCatalog.save`."""
        record = training_set.record
        options = WriteOptions(
            derived_from=record.datasets,
            step_run_id=step_run_id,
            details={"training_set": msgspec.to_builtins(record)},
        )
        written = self._datasets.write(training_set.frame, dataset, kind=DatasetKind.TABLE, options=options)
        # Not in one transaction with the write, which waits for other writers. Who dies here saves it again.
        self._stores.lineage.add(
            [
                LineageEdge(
                    source_kind=NodeKind.FEATURE,
                    source_id=definition,
                    relation="computed",
                    target_kind=NodeKind.DATASET,
                    target_id=written.record.ref,
                    at=self._clock.now(),
                )
                for definition in record.definitions
            ]
        )
        return written

    def _entities(self, entities: pl.DataFrame | pl.LazyFrame | Dataset | str) -> tuple[pl.DataFrame, list[str]]:
        if isinstance(entities, str):
            entities = self._datasets.get(entities)
        if isinstance(entities, Dataset):
            return entities.read(), [entities.record.ref]
        if isinstance(entities, pl.LazyFrame):
            return entities.collect(), []
        if not isinstance(entities, pl.DataFrame):
            raise InvalidInputError(
                f"Expected entity rows as a Polars frame or a dataset, found {type(entities).__name__}.",
                hint="For example: training_set('visits@2', features='delay').",
            )
        return entities, []

    def _service(self, features: Features) -> str:
        if isinstance(features, FeatureService):
            return self._ref(features)
        if isinstance(features, str) and ":" not in features:
            return f"service/{self._stores.features.get(FeatureKind.SERVICE, features).ref}"
        return ""

    def _definitions(self, plan: FeaturePlan) -> list[str]:
        return sorted({self._ref(view) for view in plan.views})

    def _ref(self, definition: Any) -> str:
        """A definition with its version; without one when it is not recorded as it is."""
        kind = definition_kind(definition)
        digest = definition_digest(definition)
        for record in self._stores.features.list_versions(kind, definition.name):
            if record.digest == digest:
                return f"{kind.value}/{record.ref}"
        return f"{kind.value}/{definition.name}"


class _Sources:
    """Gives the rows of views, each dataset at one version."""

    def __init__(self, datasets: DatasetCatalog, versions: Mapping[str, str]) -> None:
        self._datasets, self._versions = datasets, versions
        self._found: dict[str, Dataset] = {}

    def refuse_unknown(self, sources: set[str]) -> None:
        for name in self._versions:
            if name not in sources:
                raise InvalidInputError(f"No view reads a dataset '{name}'.", hint=closest(name, sources))

    @property
    def refs(self) -> list[str]:
        return sorted(dataset.record.ref for dataset in self._found.values())

    def dataset(self, view: StoredView) -> Dataset:
        """The version that a view reads."""
        if view.source not in self._found:
            version = self._versions.get(view.source, "")
            ref = f"{view.source}@{version.rpartition('@')[2]}" if version else view.source
            try:
                self._found[view.source] = self._datasets.get(ref)
            except NotFoundError as error:
                raise NotFoundError(f"'{view.name}' reads '{ref}': {error.message}", hint=error.hint) from error
        return self._found[view.source]

    def rows(self, view: StoredView) -> pl.LazyFrame:
        """A view's rows, computed by Polars in memory."""
        return view_rows(view, self.dataset(view), engine="polars")
