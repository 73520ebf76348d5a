"""Recorded definitions as objects, found by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind
from millwright.data.features.applying import closure
from millwright.data.features.definition import (
    Definition,
    FeatureSelection,
    FeatureService,
    OnDemandFeatureView,
    definition_digest,
    definition_kind,
)
from millwright.data.features.restoring import has_function, restored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.ids import Digest
    from millwright.storage.base.features import FeatureDefinitionStore

VIEW_KINDS = (FeatureKind.VIEW, FeatureKind.STREAM_VIEW, FeatureKind.ON_DEMAND_VIEW)


class CodeLoader(Protocol):
    """Gives back definitions that hold Python functions, from the code that was kept with their records."""

    def load(self, record: FeatureDefinitionRecord) -> Sequence[Definition]:
        """All definitions of the file that a record came from.

        Raises:
            NotFoundError: The code was not kept.
        """
        ...


class DefinitionLookup:
    """Finds definitions by their names, and makes objects of their records.

    Args:
        store: Where the records are.
        loader: Gives definitions with Python functions back; without one, only those that were remembered are known.
    """

    def __init__(self, store: FeatureDefinitionStore, loader: CodeLoader | None = None) -> None:
        self._store = store
        self._loader = loader
        self._live: dict[Digest, Definition] = {}

    def remember(self, definitions: Iterable[Definition]) -> None:
        """Keep definitions that are at hand, so that they need not be loaded."""
        self._live |= {definition_digest(one): one for one in definitions}

    def definition(self, kind: FeatureKind, name: str, version: int | None = None) -> Definition:
        """A definition as an object; the latest version when none is named.

        Raises:
            NotFoundError: There is none, or the code of its Python function is not there.
            InvalidInputError: Its record cannot be read.
        """
        record = self._store.get(kind, name, version)
        live = self._live.get(record.digest)
        if live is None:
            live = self._loaded(record) if has_function(record) else self._restored(record)
            self._live[record.digest] = live
        return live

    def find_view(self, name: str) -> FeatureDefinitionRecord:
        """The record of a view of any kind.

        Raises:
            NotFoundError: There is none; the message names the closest.
        """
        for kind in VIEW_KINDS:
            if self._store.list_versions(kind, name):
                return self._store.get(kind, name)
        known = [one.name for one in self._store.list_latest() if one.kind in VIEW_KINDS]
        hint = closest(name, known) or "Record some with: mw features apply features.py"
        raise NotFoundError(f"There is no feature view '{name}'.", hint=hint)

    def find(self, name: str) -> FeatureDefinitionRecord:
        """The latest record that has a name, given as `name` or `kind/name`; views before services before entities.

        Raises:
            NotFoundError: There is none; the message names the closest.
        """
        kind, slash, bare = name.partition("/")
        kinds = [*VIEW_KINDS, FeatureKind.SERVICE, FeatureKind.ENTITY]
        if slash:
            kinds = [one for one in kinds if one.value == kind]
        for one in kinds:
            versions = self._store.list_versions(one, bare if slash else name)
            if versions:
                return versions[0]
        known = [part for one in self._store.list_latest() for part in (one.name, f"{one.kind.value}/{one.name}")]
        hint = closest(name, known if slash else [one for one in known if "/" not in one])
        raise NotFoundError(
            f"There is no definition '{name}'.", hint=hint or "Record some with: mw features apply features.py"
        )

    def selections(self, features: FeatureService | str | Sequence[Any]) -> tuple[FeatureSelection, ...]:
        """What some features are, as selections of views.

        Args:
            features: A service or its name; or views, selections and references (`view`, `view:feature`), in order.

        Raises:
            NotFoundError: A service or view is not recorded.
            InvalidInputError: A view has no such feature.
        """
        if isinstance(features, FeatureService):
            return features.features
        if isinstance(features, str) and ":" not in features:
            service = self.definition(FeatureKind.SERVICE, features)
            return service.features if isinstance(service, FeatureService) else ()
        found: list[FeatureSelection] = []
        for one in [features] if isinstance(features, str) or not isinstance(features, list | tuple) else features:
            chosen = self._chosen(one)
            if found and found[-1].view is chosen.view and not (found[-1].keys or chosen.keys or chosen.prefix):
                chosen = replace(chosen, names=(*found.pop().names, *chosen.names))
            found.append(chosen)
        return tuple(found)

    def recorded(self, definitions: Iterable[str]) -> tuple[FeatureSelection, ...]:
        """What a service was when a training set was made, each definition in the version that took part.

        Args:
            definitions: As `TrainingSetRecord.definitions` has them: the service and all views, as `view/history@3`.

        Raises:
            NotFoundError: A version is not recorded, or the code of its Python function is not there.
            InvalidInputError: There is no service among them.
        """
        versions: dict[tuple[FeatureKind, str], int] = {}
        for ref in definitions:
            kind, _, rest = ref.partition("/")
            name, _, version = rest.rpartition("@")
            versions[FeatureKind(kind), name] = int(version)
        service = next((name for kind, name in versions if kind is FeatureKind.SERVICE), None)
        if service is None:
            raise InvalidInputError(f"Expected a feature service among the definitions, found {list(versions)}.")

        def pinned(kind: FeatureKind, name: str) -> Definition:
            found = self.definition(kind, name, versions.get((kind, name)))
            if isinstance(found, OnDemandFeatureView):  # its digest knows its sources by their names only
                sources = [replace(one, view=pinned(definition_kind(one.view), one.view.name)) for one in found.sources]
                return replace(found, sources=tuple(sources))
            return found

        record = self._store.get(FeatureKind.SERVICE, service, versions[FeatureKind.SERVICE, service])
        made = restored(record, pinned)
        return made.features if isinstance(made, FeatureService) else ()

    def _chosen(self, one: Any) -> FeatureSelection:
        if isinstance(one, FeatureSelection):
            return one
        if isinstance(one, str):
            name, colon, feature = one.partition(":")
            record = self.find_view(name)
            view: Any = self.definition(record.kind, name)
            return view[[feature]] if colon else FeatureSelection(view=view, names=view.names)
        if hasattr(one, "names") and hasattr(one, "features"):
            return FeatureSelection(view=one, names=one.names)
        raise InvalidInputError(
            f"Expected a feature as view:feature, a view or a service, found {one!r}.",
            hint="For example: building_history:mean_late.",
        )

    def _restored(self, record: FeatureDefinitionRecord) -> Definition:
        return restored(record, self.definition)

    def _loaded(self, record: FeatureDefinitionRecord) -> Definition:
        if self._loader is None or "origin" not in record.definition:
            raise NotFoundError(
                f"The code of '{record.ref}' is not here: it is a Python function that was recorded without its file.",
                hint="Apply its file: mw features apply features.py",
            )
        self.remember(closure(self._loader.load(record)))
        found = self._live.get(record.digest)
        if found is None:
            raise NotFoundError(
                f"The code that was kept for '{record.ref}' does not define it any more.",
                hint="Apply its file again: mw features apply features.py",
            )
        return found
