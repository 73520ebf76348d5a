"""Features online, as a workspace offers them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.data.engines.engine import EngineOptions
from millwright.data.features.coding import encode_key, key_caster, moment_of
from millwright.data.features.definition import definition_digest, definition_kind
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.online.consistency import ConsistencyReport, check_view
from millwright.data.features.online.lock import view_lock
from millwright.data.features.online.materialization import Materialization, Means
from millwright.data.features.online.place import place_of, read_state
from millwright.data.features.online.push import PushResult, PushTarget, push_rows
from millwright.data.features.online.reader import OnlineReader
from millwright.data.features.online.skew import SkewReport, measure_skew

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from millwright.core.clock import Clock
    from millwright.core.progress import Progress
    from millwright.core.records.feature import MaterializationRecord
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.features.definition_lookup import DefinitionLookup
    from millwright.data.features.online.place import StoredView
    from millwright.data.features.online.reader import EntityRows
    from millwright.data.features.online.result import OnlineResult
    from millwright.data.features.view import FeatureSelection
    from millwright.storage.base.online import OnlineStore
    from millwright.storage.catalog import Stores

_READERS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlineView:
    """What is online of a view.

    Attributes:
        place: Its name in the online store.
        entities: How many have values.
        source: The dataset version that was materialized last; empty: none.
        until: Up to when; None: never.
        is_interrupted: Whether a materialization began after that and did not end.
    """

    view: str
    place: str
    entities: int
    source: str
    until: datetime | None
    is_interrupted: bool


class OnlineFeatures:
    """Brings features online, and reads them there. Thread-safe and process-safe as its stores are.

    Args:
        stores: Where records and leases are kept.
        store: Where values are brought.
        datasets: Where they come from.
        lookup: Finds definitions by their names.
        clock: Tells what is new, and what is expired.
        progress: Who shows progress.
        actor: Who writes, for the audit log.

    Attributes:
        engine: How the engine of a transformation is chosen, and what it may use.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        store: OnlineStore,
        datasets: DatasetCatalog,
        lookup: DefinitionLookup,
        clock: Clock,
        progress: Progress,
        actor: str,
    ) -> None:
        self.store = store
        self.engine = EngineOptions()
        self._stores = stores
        self._lookup = lookup
        self._actor = actor
        self._means = Means(
            store=store,
            datasets=datasets,
            definitions=stores.features,
            clock=clock,
            progress=progress,
        )
        self._readers: dict[int, tuple[Any, OnlineReader]] = {}
        self._making = Lock()

    def reader(self, features: Any) -> OnlineReader:
        """What reads the same features again and again.

        Args:
            features: A feature service or its name; or views, selections and references (`view:feature`).

        Raises:
            NotFoundError: A service or view is not recorded.
            InvalidInputError: A view has no such feature.
        """
        return OnlineReader(self.store, self._lookup.selections(features), clock=self._means.clock)

    def recorded(self, definitions: Sequence[str]) -> tuple[FeatureSelection, ...]:
        """The selections of a service as it was; see `DefinitionLookup.recorded`."""
        return self._lookup.recorded(definitions)

    def read(
        self,
        features: Any,
        entities: EntityRows,
        request: Mapping[str, Any] | None = None,
        *,
        now: datetime | None = None,
    ) -> OnlineResult:
        """The newest values of features for some entities, in one exchange with the store.

        A service, view or list that is given as an object again is not looked up again; by its name it is, so that the
        latest version answers.

        Args:
            features: As for `reader`.
            entities: n rows: dictionaries, a dictionary of columns, or a frame, with the keys' columns.
            request: What on-demand views need besides: a value for all rows, or a list of n.
            now: Whether a value is expired is told by this; the present when None.

        Returns:
            Values, with the moment since which each holds, and whether it is there. Expired and missing ones are null.

        Raises:
            NotFoundError: A service or view is not recorded.
            InvalidInputError: A column is missing, or a key or a value of the request is of another type.
            StorageError: The store cannot be reached.
        """
        known = self._readers.get(id(features))
        if known is not None and known[0] is features:
            return known[1].read(entities, request, now=now)
        reader = self.reader(features)
        if not isinstance(features, str | list):
            with self._making:
                if len(self._readers) >= _READERS:
                    self._readers.clear()
                self._readers[id(features)] = (features, reader)
        return reader.read(entities, request, now=now)

    def materialize(
        self,
        views: Sequence[StoredView | str] | StoredView | str | None = None,
        *,
        until: datetime | None = None,
        rebuild: bool = False,
        wait_s: float = 60.0,
    ) -> list[MaterializationRecord]:
        """Bring what is new of some views online: exactly the newest value of each key as of a moment.

        Args:
            views: Views or their names; all recorded ones that are to be online when None.
            until: The moment; rows that became known later are left for the next time. The present when None.
            rebuild: Compute everything anew, and forget what the datasets do not say.
            wait_s: For how long to wait for another process that is at it.

        Returns:
            What was done, one record per pass.

        Raises:
            NotFoundError: A view or dataset is not there.
            ConflictError: Another process was still at it, or what is online is another workspace's.
            InvalidInputError: A view is computed on demand, the moment is still to come, or more is online than was
                known at it.
        """
        done: list[MaterializationRecord] = []
        for view in self._views(views):
            with view_lock(self._stores.leases, place_of(view), clock=self._means.clock, wait_s=wait_s) as renew:
                bring = Materialization(replace(self._means, engine=self.engine), view, self._version(view), renew)
                done += bring.run(until, rebuild=rebuild)
        return done

    def push(self, view: StoredView | str, rows: pl.DataFrame, *, to: PushTarget = "both") -> PushResult:
        """Take in rows of a view's source the moment they arrive; newer values are not replaced by older ones.

        Args:
            view: A feature view without transformation, or a stream view; or its name.
            rows: Rows as the source has them.
            to: `both`: append them to the dataset, then take them in online, so that both agree. `online`: the dataset
                gets them by other means. `offline`: append them only.

        Raises:
            NotFoundError: The view is not recorded.
            InvalidInputError: A column is missing, a key or moment is null, or the rows do not fit the dataset.
            ConflictError: The dataset, or a key, was changed by others all the time.
        """
        return push_rows(self._means, self._stores.leases, self.view(view), rows, to=to)

    def check(
        self, view: StoredView | str, *, sample: int | None = 1000, now: datetime | None = None
    ) -> ConsistencyReport:
        """Compare values online with what point-in-time gives offline, key by key.

        Args:
            view: A view or its name.
            sample: How many entities, chosen by their keys' hash; all when None.
            now: The moment for both sides; the present when None.
        """
        return check_view(self._means, self.view(view), sample=sample, now=now or self._means.clock.now())

    def skew(self, endpoint: str, features: Any, *, since: datetime | None = None, limit: int = 10_000) -> SkewReport:
        """Compare the features that a model saw when it predicted with the offline values as of that moment.

        A prediction's entity is told by the key columns among what the model saw; one that is not there, by the
        caller's own key of the prediction. Numbers may differ by a millionth, as a signature may have 32-bit floats.

        Args:
            endpoint: Whose predictions.
            features: What the model uses, as for `reader`.
            since: Only predictions from this moment on.
            limit: At most so many, the newest.

        Raises:
            NotFoundError: The log has no such endpoint, or a service, view or dataset is not there.
        """
        selections = self._lookup.selections(features)
        return measure_skew(
            self._stores.predictions, self._means.datasets, selections, endpoint, since=since, limit=limit
        )

    def delete(self, view: StoredView | str, entities: Sequence[Mapping[str, Any]]) -> int:
        """Forget entities online, in every version of a view.

        Args:
            view: A view or its name.
            entities: The keys' values.

        Returns:
            How many had values.

        Raises:
            InvalidInputError: A key is missing, or of another type.
        """
        found = self.view(view)
        count = 0
        for place in self._places(found.name):
            state = read_state(self.store, place)
            types = () if state is None else state.key_types
            if len(types) != len(found.keys):
                continue
            casters = [key_caster(name, column) for name, column in zip(types, found.keys, strict=True)]
            keys = []
            for entity in entities:
                missing = [column for column in found.keys if entity.get(column) is None]
                if missing:
                    raise InvalidInputError(f"An entity has no '{missing[0]}'.", hint="Nothing was deleted.")
                keys.append(
                    encode_key([cast(entity[column]) for cast, column in zip(casters, found.keys, strict=True)])
                )
            count += self.store.delete(place, keys)
        now = self._means.clock.now()
        # The keys themselves are not written down: whoever is erased is to be forgotten.
        details = {"entities": len(entities), "deleted": count}
        self._stores.audit.append(
            at=now, actor=self._actor, action="features.delete", subject=found.name, details=details
        )
        return count

    def drop(self, view: StoredView | str) -> list[str]:
        """Forget everything that is online of a view, all its versions; the dataset stays. Gives the places."""
        name = self.view(view).name
        places = self._places(name)
        for place in places:
            self.store.drop(place)
        now = self._means.clock.now()
        self._stores.audit.append(
            at=now, actor=self._actor, action="features.drop", subject=name, details={"places": places}
        )
        return places

    def describe(self, view: StoredView | str) -> OnlineView:
        """What is online of a view's present version."""
        found = self.view(view)
        place = place_of(found)
        state = read_state(self.store, place)
        return OnlineView(
            view=found.name,
            place=place,
            entities=self.store.count(place),
            source="" if state is None else state.source,
            until=None if state is None or state.until_us is None else moment_of(state.until_us),
            is_interrupted=state is not None and state.pending is not None,
        )

    def close(self) -> None:
        """Close the online store; one that is used again opens anew."""
        self.store.close()

    def view(self, view: StoredView | str) -> StoredView:
        """A view that can be online, by its name or itself.

        Raises:
            NotFoundError: It is not recorded.
            InvalidInputError: It is computed on demand.
        """
        found: Any = view
        if isinstance(view, str):
            record = self._lookup.find_view(view)
            found = self._lookup.definition(record.kind, record.name)
        if isinstance(found, OnDemandFeatureView):
            raise InvalidInputError(
                f"'{found.name}' is computed when it is read; nothing of it is kept online.",
                hint=f"Its sources are: {', '.join(source.view.name for source in found.sources) or 'the request'}.",
            )
        return found  # type: ignore[no-any-return]

    def _views(self, views: Sequence[StoredView | str] | StoredView | str | None) -> list[StoredView]:
        if views is None:
            records = [record for record in self._stores.features.list_latest() if record.definition.get("online")]
            found = [self.view(record.name) for record in records]
            if not found:
                raise NotFoundError("No view is to be online.", hint="Record some with: mw features apply features.py")
            return found
        named = list(views) if isinstance(views, list | tuple) else [views]
        return [self.view(view) for view in named]  # type: ignore[arg-type]

    def _places(self, name: str) -> list[str]:
        return [place for place in self.store.list_views() if place.rpartition("@")[0] == name]

    def _version(self, view: StoredView) -> int:
        digest = definition_digest(view)
        versions = self._stores.features.list_versions(definition_kind(view), view.name)
        return next((record.version for record in versions if record.digest == digest), 0)
