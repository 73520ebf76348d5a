"""Reading features online: one exchange with the store for all entities and views."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.clock import SystemClock
from millwright.core.errors import InvalidInputError, closest
from millwright.data.features.coding import encode_key, encode_plain, key_caster, micros
from millwright.data.features.entity import Feature
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.online.place import place_of, read_state
from millwright.data.features.online.result import PRESENT, OnlineResult, ViewAnswer, coded_series, revivers_of
from millwright.data.features.online.stored import Decoder, decoder_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    from millwright.core.clock import Clock
    from millwright.data.features.view import FeatureSelection
    from millwright.storage.base.online import OnlineStore

    EntityRows: TypeAlias = Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]] | pl.DataFrame

_NOBODY = b""  # the key of an entity that has no name; no store has it
_PLAIN = {"Int64": int, "String": str}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """A stored view as it is read.

    Attributes:
        columns: The entities' columns that hold its keys.
        casters: One per key; empty while nobody knows the keys' types, as nothing was ever put.
        only: The type of its only key, when that is coded as it is.
        names: What the wanted features are called.
        numbers: Where they stand among all the view's features; None when they are these, in their order.
    """

    place: str
    columns: tuple[str, ...]
    casters: tuple[Callable[[Any], Any], ...]
    only: type | None
    decoder: Decoder
    names: tuple[str, ...]
    numbers: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Computed:
    """An on-demand view as it is computed: with its inputs by the names that they have among all that was read."""

    view: OnDemandFeatureView
    inputs: tuple[tuple[str, Feature], ...]
    outputs: tuple[tuple[str, str], ...]


class OnlineReader:
    """Reads the same features again and again. Thread-safe.

    Args:
        store: Where values are.
        selections: Views and what is wanted of them, in the order of the answer.
        clock: Tells the present; the machine's when None.

    Raises:
        StorageError: The store cannot be reached.
    """

    def __init__(
        self, store: OnlineStore, selections: Sequence[FeatureSelection], *, clock: Clock | None = None
    ) -> None:
        self._store = store
        # The machine's own clock is asked for microseconds, which is faster than for a moment.
        self._clock = None if isinstance(clock, SystemClock) else clock
        self._selections = tuple(selections)
        self._features = [
            _renamed(selection, name, output)
            for selection in self._selections
            for name, output in zip(selection.names, selection.outputs, strict=True)
        ]
        self._revivers = revivers_of(self._features)
        self._is_complete = False
        self._sources: tuple[_Source, ...] = ()
        self._computed: tuple[_Computed, ...] = ()
        self._alone: _Source | None = None  # the source, where there is but one, and its key is plain
        self._plan()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that entity rows need: keys of all views, then what on-demand views take from the request."""
        asked = [column for source in self._sources for column in source.columns]
        asked += [feature.name for computed in self._computed for feature in computed.view.request]
        return tuple(dict.fromkeys(asked))

    def read(
        self,
        entities: EntityRows,
        request: Mapping[str, Any] | None = None,
        *,
        now: datetime | None = None,
    ) -> OnlineResult:
        """The features of some entities.

        Args:
            entities: n rows, as dictionaries, as a dictionary of columns, or as a frame; with the columns that hold the
                keys, and any others. A key that is null is nobody's.
            request: What on-demand views need besides: a value for all rows, or a list of n. May stand in the rows.
            now: Whether a value is expired is told by this; the present when None.

        Raises:
            InvalidInputError: A column is missing, or a key or a value of the request is of another type.
            StorageError: The store cannot be reached.
        """
        if not self._is_complete:
            self._plan()
        if now is None and self._clock is not None:
            now = self._clock.now()
        now_us = time.time_ns() // 1000 if now is None else micros(now)
        if type(entities) is not list:
            if not isinstance(entities, Mapping | pl.DataFrame):
                return self.read(_listed(entities), request, now=now)
            entities, height = _columns(entities)
        else:
            height = len(entities)
            source = self._alone
            if (
                height == 1
                and source is not None
                and type(row := entities[0]) is dict
                and type(key := row.get(source.columns[0])) is source.only
            ):
                # One entity by one plain key from one view, as most requests are.
                try:
                    stored = self._store.get_one(source.place, encode_plain((key,)))
                except (OverflowError, UnicodeEncodeError):
                    pass  # what is wrong with the key is told below
                else:
                    event_us, status, values = source.decoder.one(stored, now_us)
                    answer = ViewAnswer(source.names, (event_us,), (status,), (values,), source.numbers)
                    return OnlineResult(self._features, entities, [answer], 1, self._revivers)
        try:
            wanted = self._wanted(entities, height)
        except InvalidInputError:
            self._plan()  # what is online may have got keys of another type
            wanted = self._wanted(entities, height)
        views = []
        for source, found in zip(self._sources, self._store.get(wanted), strict=True):
            views.append(ViewAnswer(source.names, *source.decoder.many(found, now_us), source.numbers))
        result = OnlineResult(self._features, entities, views, height, self._revivers)
        if self._computed:
            asked = {**result.entities, **_request(request, height)}
            for computed in self._computed:
                answer = _compute(computed, result, asked)
                result.coded.update(answer.columns())
                views.append(answer)
        return result

    def _wanted(self, entities: Any, height: int) -> list[tuple[str, list[bytes]]]:
        try:
            if type(entities) is list:
                try:
                    return [(source.place, _keys_of_rows(source, entities)) for source in self._sources]
                except (AttributeError, TypeError):
                    _refuse_no_rows(entities)
                    raise
            return [(source.place, _keys(source, entities, height)) for source in self._sources]
        except (OverflowError, UnicodeEncodeError) as error:
            raise InvalidInputError(
                f"A key of the entities cannot be one: {error}.", hint="Numbers of 64 bits and proper text can."
            ) from error

    def _plan(self) -> None:
        sources: dict[tuple[str, tuple[str, ...]], tuple[FeatureSelection, dict[str, int]]] = {}
        computed: list[_Computed] = []
        for selection in self._selections:
            if isinstance(selection.view, OnDemandFeatureView):
                computed.append(_computed(selection, sources))
            else:
                _want(selection, sources)
        planned, complete = [], True
        for (place, columns), (selection, chosen) in sources.items():
            state = read_state(self._store, place)
            complete = complete and state is not None
            types = () if state is None else state.key_types
            numbers = tuple(chosen.values())
            planned.append(
                _Source(
                    place=place,
                    columns=columns,
                    casters=tuple(key_caster(name, column) for name, column in zip(types, columns, strict=bool(types))),
                    only=_PLAIN.get(types[0]) if len(types) == 1 else None,
                    decoder=decoder_of(selection.view),
                    names=tuple(chosen),
                    numbers=None if numbers == tuple(range(len(selection.view.names))) else numbers,
                )
            )
        self._sources, self._computed, self._is_complete = tuple(planned), tuple(computed), complete
        is_alone = complete and not computed and len(planned) == 1 and planned[0].only is not None
        self._alone = planned[0] if is_alone else None


def _want(
    selection: FeatureSelection, sources: dict[tuple[str, tuple[str, ...]], tuple[FeatureSelection, dict[str, int]]]
) -> None:
    """Two selections of one view with the same keys are read once."""
    _, chosen = sources.setdefault((place_of(selection.view), selection.entity_columns), (selection, {}))
    known = selection.view.names
    chosen.update({out: known.index(name) for name, out in zip(selection.names, selection.outputs, strict=True)})


def _computed(
    selection: FeatureSelection, sources: dict[tuple[str, tuple[str, ...]], tuple[FeatureSelection, dict[str, int]]]
) -> _Computed:
    view: OnDemandFeatureView = selection.view
    inputs = []
    for source in view.sources:
        # Inputs are kept apart by the view that wants them; no feature's name holds a colon.
        inner = f"{view.name}:{source.prefix}:"
        _want(replace(source, prefix=inner), sources)
        for name, output in zip(source.names, source.outputs, strict=True):
            inputs.append((f"{inner}{name}", _renamed(source, name, output)))
    return _Computed(
        view=view, inputs=tuple(inputs), outputs=tuple(zip(selection.names, selection.outputs, strict=True))
    )


def _renamed(selection: FeatureSelection, name: str, output: str) -> Feature:
    feature: Feature = selection.view.features[selection.view.names.index(name)]
    return type(feature)(output, feature.dtype, feature.description)


def _columns(entities: EntityRows) -> tuple[Mapping[str, Sequence[Any]], int]:
    if isinstance(entities, pl.DataFrame):
        return entities.to_dict(as_series=False), entities.height
    if isinstance(entities, Mapping):
        for name, values in entities.items():
            # A text would be as many entities as it has letters.
            if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
                raise InvalidInputError(
                    f"Expected a list of values in the column '{name}' of entities, found {values!r:.60}.",
                    hint="For one entity: a list of one dictionary.",
                )
        lengths = {len(values) for values in entities.values()}
        if len(lengths) > 1:
            raise InvalidInputError(
                f"Expected as many values in every column of entities, found {', '.join(map(str, sorted(lengths)))}."
            )
        return entities, lengths.pop() if lengths else 0
    return {name: [row.get(name) for row in entities] for name in entities[0]} if entities else {}, len(entities)


def _listed(entities: Any) -> list[Mapping[str, Any]]:
    """Rows that came in something else than a list."""
    try:
        rows = list(entities)
    except TypeError:
        rows = [entities]
    _refuse_no_rows(rows)
    return rows


def _refuse_no_rows(entities: Sequence[Any]) -> None:
    for row in entities:
        if not isinstance(row, Mapping):
            raise InvalidInputError(
                "Expected entities as dictionaries, as a dictionary of columns, or as a Polars frame; "
                f"found {row!r:.60}.",
                hint='For example: [{"site": "north"}].',
            )


def _keys(source: _Source, given: Mapping[str, Sequence[Any]], height: int) -> list[bytes]:
    if not height:
        return []
    try:
        columns = [given[column] for column in source.columns]
    except KeyError as error:
        raise InvalidInputError(
            f"The entities have no column {error.args[0]!r}, by which '{source.place.partition('@')[0]}' knows them.",
            hint=closest(str(error.args[0]), given),
        ) from None
    if source.only is not None:
        plain, cast, encode = source.only, source.casters[0], encode_plain
        return [encode((value,)) if type(value) is plain else _key(source, (cast(value),)) for value in columns[0]]
    if not columns:
        return [encode_key(())] * height
    return [
        _key(source, [cast(value) for cast, value in zip(source.casters, row, strict=True)] if source.casters else row)
        for row in zip(*columns, strict=True)
    ]


def _keys_of_rows(source: _Source, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The same for rows; an entity with one plain key, which is how most are named, costs no detour."""
    plain = source.only
    if plain is None:
        if any(column not in row for row in rows for column in source.columns):
            raise _lacks_key(source, rows)
        return _keys(source, _columns(rows)[0], len(rows))
    column, cast, encode = source.columns[0], source.casters[0], encode_plain
    try:
        return [
            encode((value,)) if type(value := row[column]) is plain else _key(source, (cast(value),)) for row in rows
        ]
    except KeyError:
        raise _lacks_key(source, rows) from None


def _lacks_key(source: _Source, rows: Sequence[Mapping[str, Any]]) -> InvalidInputError:
    """What is said of the first row that names no entity; one whose key is null is told apart from it."""
    number, column = next(
        (number, column) for number, row in enumerate(rows) for column in source.columns if column not in row
    )
    which = "The entities have" if number == 0 else f"The entity number {number + 1:,} has"
    return InvalidInputError(
        f"{which} no column '{column}', by which '{source.place.partition('@')[0]}' knows them.",
        hint=closest(column, rows[number]),
    )


def _key(source: _Source, values: Sequence[Any]) -> bytes:
    # Before anything was put, nobody knows the types, and nobody has a value either.
    return _NOBODY if None in values or not source.casters else encode_key(values)


def _request(request: Mapping[str, Any] | None, height: int) -> dict[str, Sequence[Any]]:
    found: dict[str, Sequence[Any]] = {}
    for name, value in (request or {}).items():
        values = value.to_list() if isinstance(value, pl.Series) else value
        values = values if isinstance(values, list | tuple) else [values] * height
        if len(values) != height:
            raise InvalidInputError(
                f"Expected {height:,} values of '{name}' in the request, as many as entities, found {len(values):,}.",
                hint="Or one value for all of them.",
            )
        found[name] = values
    return found


def _compute(computed: _Computed, result: OnlineResult, asked: Mapping[str, Sequence[Any]]) -> ViewAnswer:
    """What an on-demand view gives, and answers: the worst and oldest of its sources."""
    outputs = tuple(output for _, output in computed.outputs)
    if not result.height:
        return ViewAnswer(outputs, (), (), ())
    series = [coded_series(feature, result.coded[inner]) for inner, feature in computed.inputs]
    for feature in computed.view.request:
        if feature.name not in asked:
            raise InvalidInputError(
                f"'{computed.view.name}' needs '{feature.name}' from the request, which is not there.",
                hint="Send it as `request`, or with the entities.",
            )
        series.append(_asked(feature, asked[feature.name]))
    made = computed.view.compute(pl.DataFrame(series))
    values = made.select(pl.col(name).to_physical() for name, _ in computed.outputs).rows()
    known = result.answers
    behind = [known[inner] for inner, _ in computed.inputs]
    events = zip(*(answer.event_us for answer in behind), strict=True) if behind else [()] * result.height
    statuses = zip(*(answer.status for answer in behind), strict=True) if behind else [(PRESENT,)] * result.height
    oldest = [min((us for us in each if us is not None), default=None) for each in events]
    return ViewAnswer(outputs, oldest, [*map(max, statuses)], values)


def _asked(feature: Feature, values: Sequence[Any]) -> pl.Series:
    try:
        return pl.Series(feature.name, values, strict=True).cast(feature.polars_type)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise InvalidInputError(
            f"Expected values of the type {feature.dtype} for '{feature.name}' in the request, found others: "
            f"{' '.join(str(error).split())[:200]}",
            hint="See what the on-demand view declares.",
        ) from error
