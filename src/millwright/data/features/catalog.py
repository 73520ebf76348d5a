"""The catalogue of features: records definitions, and makes training sets of them.

Paths of the main use cases:

- apply: `FeatureCatalog.apply` → `closure` (parts first) → `problems` (against sources and users) → one transaction
  (definitions, lineage, audit).
- training set: `FeatureCatalog.training_set` → `plan_features` → `features_at` → one `as_of` per view.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, MillwrightError
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind
from millwright.data.engines.engine import EngineOptions
from millwright.data.features.applying import ChangeKind, DefinitionChange, change_of, closure, draft, keep_origin
from millwright.data.features.checking import problems
from millwright.data.features.definition import Definition, definition_kind
from millwright.data.features.definition_lookup import DefinitionLookup
from millwright.data.features.training_sets import TIMESTAMP, TrainingSets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import polars as pl

    from millwright.core.clock import Clock
    from millwright.core.ids import StepRunId
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.data.features.definition_lookup import CodeLoader
    from millwright.data.features.training_set import TrainingSet
    from millwright.data.features.training_sets import Features
    from millwright.storage.catalog import Stores


class FeatureCatalog:
    """Definitions of features in one workspace.

    Thread-safe and process-safe as its stores are.

    Args:
        stores: Where records are kept.
        datasets: Where the sources are.
        clock: Tells the time of records.
        actor: Who writes, for the audit log.
        loader: Gives definitions with Python functions back; without one, only those applied here are known.
        engine: How the engine of views is chosen, and what it may use; the defaults when None.

    Attributes:
        lookup: Finds definitions by their names.
        engine: How the engine of views is chosen.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        datasets: DatasetCatalog,
        clock: Clock,
        actor: str,
        loader: CodeLoader | None = None,
        engine: EngineOptions | None = None,
    ) -> None:
        self.stores = stores
        self.datasets = datasets
        self.clock = clock
        self.actor = actor
        self.lookup = DefinitionLookup(stores.features, loader)
        self.engine = engine or EngineOptions()
        self._training_sets = TrainingSets(
            stores=stores, datasets=datasets, lookup=self.lookup, clock=clock, engine=self.engine
        )

    def apply(
        self,
        definitions: Sequence[Definition],
        *,
        prune: bool = False,
        dry_run: bool = False,
        check_leaks: bool = True,
        origin: Mapping[str, str] | None = None,
    ) -> list[DefinitionChange]:
        """Record definitions, and what they are made of; those that are recorded already make no new version.

        A definition gets a new version only when something that decides its values changes. Everything is recorded, or
        nothing.

        Args:
            definitions: Entities, views and services, in any order.
            prune: Whether to retire recorded ones that are not among them.
            dry_run: Only say what would change.
            check_leaks: Whether to try, on the past, if transformations look ahead; see `find_leak`.
            origin: Where the code of Python functions is kept: `snapshot` and `entrypoint`.

        Returns:
            What happens to each definition, parts first, then those that are recorded and not among them.

        Raises:
            InvalidInputError: They contradict their sources, one another or what is recorded; all of it is told.
        """
        every = closure(definitions)
        recorded = {(one.kind, one.name): one for one in self.stores.features.list_latest(retired=True)}
        given = {(definition_kind(one), one.name) for one in every}
        absent = [one for key, one in recorded.items() if key not in given and not one.retired]
        beside = [] if prune else absent
        self._refuse(problems(every, recorded=beside, dataset=self.datasets.get, leaks=check_leaks))
        now = self.clock.now()
        changes = []
        for definition in every:
            old = recorded.get((definition_kind(definition), definition.name))
            new = keep_origin(draft(definition, at=now, actor=self.actor, origin=origin), old)
            kind = change_of(new, old)
            version = 1 if old is None else old.version + (kind is ChangeKind.CHANGED)
            changes.append(DefinitionChange(kind=kind, record=replace(new, version=version)))
        changes += [
            DefinitionChange(
                kind=ChangeKind.RETIRED if prune else ChangeKind.ABSENT, record=replace(one, retired=prune)
            )
            for one in absent
        ]
        if not dry_run:
            changes = self._record(changes)
            self.lookup.remember(every)
        return changes

    def training_set(
        self,
        entities: pl.DataFrame | pl.LazyFrame | Dataset | str,
        features: Features,
        *,
        timestamp: str = TIMESTAMP,
        engine: str | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> TrainingSet:
        """Entity rows with the features that were known at their moments, and nothing that came later.

        Of each view, a row at time t gets the values of the view row of its keys with the greatest (timestamp, created,
        position in the dataset) such that timestamp ≤ t, created ≤ t where rows say when they were recorded, and
        t - timestamp ≤ ttl. Every entity row is kept, in its order; null stands where nothing was known, and where a
        key or the moment is null. On-demand views compute by the same function as online.

        Args:
            entities: Rows with the keys, the moment, and what on-demand views want of the request; or a dataset.
            features: A feature service or its name; or views, selections and references (`view:feature`).
            timestamp: The column of the moment; naive moments count as UTC, dates as their midnight.
            engine: What computes transformations and finds the rows: `auto` (by the size of each view's source),
                `polars`, `streaming`, `duckdb` or `spark`; the setting when None. The values are the same. On DuckDB
                and Spark, a view's rows stay there; windows of stream views are Polars' on any engine.
            versions: Dataset → the version to read (`3` or `phases@3`) instead of the latest.

        Raises:
            NotFoundError: A service, view or dataset is not there.
            InvalidInputError: A column is absent, or there already; a key has another type than the view's.
        """
        return self._training_sets.make(entities, features, timestamp=timestamp, engine=engine, versions=versions)

    def entity_rows(
        self, features: Features, at: Sequence[datetime], *, versions: Mapping[str, str] | None = None
    ) -> pl.DataFrame:
        """Entity rows for `training_set`: every entity that was known at each of some moments.

        Args:
            features: Views of one and the same entity, as in `training_set`.
            at: The moments; see `intervals`.
            versions: As in `training_set`.

        Returns:
            The keys and `event_timestamp`, by moment, then by key.

        Raises:
            InvalidInputError: The views have different keys, or there is no moment.
        """
        return self._training_sets.entities(features, at, versions=versions)

    def save(self, training_set: TrainingSet, dataset: str, *, step_run_id: StepRunId | None = None) -> Dataset:
        """Record a training set as a version of a dataset, with all that it was made of as its lineage.

        Raises:
            InvalidInputError: The name is none, or the rows cannot be stored.
        """
        return self._training_sets.save(training_set, dataset, step_run_id=step_run_id)

    def search(
        self, text: str = "", *, kind: FeatureKind | None = None, retired: bool = False
    ) -> list[FeatureDefinitionRecord]:
        """The latest versions of definitions in which all words stand; see `FeatureDefinitionStore.list_latest`."""
        return self.stores.features.list_latest(kind, text=text, retired=retired)

    def retire(self, kind: FeatureKind, name: str) -> FeatureDefinitionRecord:
        """Offer a definition no more; its versions, and what was made of them, stay.

        Raises:
            NotFoundError: There is none.
            InvalidInputError: Others that are offered are made of it; they are named.
        """
        ref = f"{kind.value}/{name}"
        users = [f"{one.kind.value}/{one.name}" for one in self.search() if ref in one.sources]
        if users:
            raise InvalidInputError(
                f"'{name}' is used by {', '.join(users)}.",
                hint="Retire or change them first.",
                details={"users": users},
            )
        with self.stores.transactions.transaction():
            record = self.stores.features.retire(kind, name)
            self._audit("feature.retire", record)
        return record

    def _refuse(self, found: list[str]) -> None:
        if found:
            is_text = any(told.endswith("String.") for told in found)
            typed = " Columns of CSV files are text: the view's transform, or a contract, gives them their types."
            raise InvalidInputError(
                f"{found[0]}" if len(found) == 1 else f"{len(found)} things contradict one another: {' '.join(found)}",
                hint=f"Nothing was recorded.{typed if is_text else ''}",
                details={"problems": found},
            )

    def _record(self, changes: list[DefinitionChange]) -> list[DefinitionChange]:
        """Record all changes in one transaction."""
        done = []
        with self.stores.transactions.transaction():
            for change in changes:
                record = change.record
                if change.kind is ChangeKind.RETIRED:
                    self.stores.features.retire(record.kind, record.name)
                    self._audit("feature.retire", record)
                elif change.kind not in {ChangeKind.UNCHANGED, ChangeKind.ABSENT}:
                    record = self.stores.features.put(record)
                    self._audit("feature.apply", record, change=change.kind.value)
                    self.stores.lineage.add(self._edges(record))
                done.append(replace(change, record=record))
        return done

    def _audit(self, action: str, record: FeatureDefinitionRecord, **details: str) -> None:
        self.stores.audit.append(
            at=self.clock.now(),
            actor=self.actor,
            action=action,
            subject=node_id(record),
            details={"digest": record.digest, **details},
        )

    def _edges(self, record: FeatureDefinitionRecord) -> list[LineageEdge]:
        """From the sources, as they are now, to a definition."""
        found: list[tuple[NodeKind, str]] = []
        for source in record.sources:
            kind, _, name = source.partition("/")
            try:
                if kind == "dataset":
                    found.append((NodeKind.DATASET, self.datasets.get(name).record.ref))
                else:
                    found.append((NodeKind.FEATURE, node_id(self.stores.features.get(FeatureKind(kind), name))))
            except MillwrightError:  # removed since it was checked
                continue
        return [
            LineageEdge(
                source_kind=kind,
                source_id=identifier,
                relation="defined_on" if kind is NodeKind.DATASET else "part_of",
                target_kind=NodeKind.FEATURE,
                target_id=node_id(record),
                at=record.created_at,
            )
            for kind, identifier in found
        ]


def node_id(record: FeatureDefinitionRecord) -> str:
    """What lineage and audit call a version of a definition: `view/history@3`."""
    return f"{record.kind.value}/{record.ref}"
