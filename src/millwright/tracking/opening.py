"""Opens live runs: new ones and those that go on, in a workspace's stores or in its offline log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.clock import Clock
from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.ids import RunId, new_id
from millwright.storage.catalog import Stores
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.capture.code import command_line, entry_script
from millwright.tracking.capture.companion import Origin, SystemSampler
from millwright.tracking.change import ParamsLogged, PointsLogged, RunResumed, RunStarted, TagsSet
from millwright.tracking.flusher import Flusher
from millwright.tracking.live_run import Companion, FileKeeper, LiveRun, RunParts
from millwright.tracking.offline_log import OfflineLog, OfflineSink, log_path, read_log
from millwright.tracking.run import texts
from millwright.tracking.store_sink import StoreSink
from millwright.tracking.sync import FILES_FOLDER, sync_log
from millwright.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.core.records.run import MetricPoint
    from millwright.tracking.change import Change


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSpec:
    """Which run to open.

    Attributes:
        experiment: Its experiment's name; made when it is not there.
        name: Its name, for people; the last digits of its id when empty.
        params: Its parameters; more can follow.
        tags: Its tags; more can follow.
        run_id: A run to go on with; None for a new one.
        parent_id: The run that it is part of.
    """

    experiment: str
    name: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)
    run_id: RunId | None = None
    parent_id: RunId | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureOptions:
    """What is noted without being asked.

    Attributes:
        system_metrics: How busy the machine and the process are.
        code: The Git revision and what was changed since.
        environment: The interpreter, packages and machine.
        interval_s: Seconds between two readings of the machine.
    """

    system_metrics: bool = True
    code: bool = True
    environment: bool = True
    interval_s: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackingPlace:
    """Where live runs are written.

    Attributes:
        stores: The workspace's; None to write offline.
        tracker: Finds and makes experiments; None to write offline.
        offline: The folder of offline runs, which online runs fall back to.
        user: Who starts runs.
    """

    offline: Path
    clock: Clock
    user: str
    capture: CaptureOptions = field(default_factory=CaptureOptions)
    stores: Stores | None = None
    tracker: Tracker | None = None


def open_run(spec: RunSpec, place: TrackingPlace, *, on_close: Callable[[], None] | None = None) -> LiveRun:
    """Open a run; its beginning is durable when this returns.

    Args:
        spec: Which run.
        place: Where it is written.
        on_close: Called when it has ended.

    Raises:
        InvalidInputError: The experiment's name, or that of a parameter or tag, is empty.
        NotFoundError: There is no such run to go on with.
        ConflictError: A parameter of a run that goes on has another value.
        StorageError: The store cannot be written.
    """
    if not spec.experiment.strip():
        raise InvalidInputError("Expected an experiment's name, found an empty one.")
    run_id = spec.run_id or RunId(new_id())
    if place.stores is not None and place.tracker is not None:
        parts, beginning = _online(run_id, spec, place, place.stores, place.tracker)
    else:
        parts, beginning = _offline(run_id, spec, place)
    _refuse_other_values(parts.params or {}, texts(spec.params, "parameter"))
    beginning(_first_changes(run_id, spec, place))
    params = {**(parts.params or {}), **texts(spec.params, "parameter")}
    companions = _companions(parts.files, place, new=spec.run_id is None)
    return LiveRun(run_id, replace(parts, params=params, companions=companions, on_close=on_close))


def _online(
    run_id: RunId, spec: RunSpec, place: TrackingPlace, stores: Stores, tracker: Tracker
) -> tuple[RunParts, Callable[[list[Change]], None]]:
    blobs = LocalBlobs(place.offline / FILES_FOLDER)
    sink = StoreSink(run_id, stores=stores, tracker=tracker, blobs=blobs)
    params: Mapping[str, str] = {}
    if spec.run_id is not None:
        left = log_path(place.offline, run_id)
        if left.is_file():  # an earlier process could not write it
            sync_log(left, sink)
        params = stores.runs.get_run(run_id).params
    parts = RunParts(
        flusher=Flusher(sink, spill=lambda: OfflineLog(log_path(place.offline, run_id))),
        files=stores.artifacts,
        spare_files=blobs,
        history=lambda key: stores.runs.list_history(run_id, key),
        clock=place.clock,
        params=params,
    )
    return parts, sink.write


def _offline(run_id: RunId, spec: RunSpec, place: TrackingPlace) -> tuple[RunParts, Callable[[list[Change]], None]]:
    path = log_path(place.offline, run_id)
    log = OfflineLog(path)
    sink = OfflineSink(log)
    blobs = LocalBlobs(place.offline / FILES_FOLDER)
    parts = RunParts(
        flusher=Flusher(sink, spill=lambda: OfflineLog(log_path(place.offline, run_id))),
        files=blobs,
        spare_files=blobs,
        history=lambda key: _points(path, key),
        clock=place.clock,
        params=_params(path) if spec.run_id is not None else {},
        release=log.close,
    )
    return parts, sink.write


def _first_changes(run_id: RunId, spec: RunSpec, place: TrackingPlace) -> list[Change]:
    params, tags = texts(spec.params, "parameter"), texts(spec.tags, "tag")
    now = place.clock.now()
    if spec.run_id is not None:
        changes: list[Change] = [RunResumed(at=now)]
        changes += [ParamsLogged(params=params)] if params else []
        changes += [TagsSet(tags=tags)] if tags else []
        return changes
    name = spec.name or run_id[-8:]
    known = {
        "mlflow.runName": name,
        "mlflow.user": place.user,
        "mlflow.source.name": entry_script(),
        "mlflow.source.type": "LOCAL",
        "millwright.command": command_line(),
    }
    if spec.parent_id is not None:
        known["mlflow.parentRunId"] = spec.parent_id
    return [
        RunStarted(
            id=run_id,
            experiment=spec.experiment,
            name=name,
            at=now,
            user=place.user,
            parent_id=spec.parent_id,
            params=params,
            tags={**known, **tags},
        )
    ]


def _companions(files: FileKeeper, place: TrackingPlace, *, new: bool) -> tuple[Companion, ...]:
    capture, clock = place.capture, place.clock
    found: list[Companion] = []
    if new and (capture.code or capture.environment):
        found.append(Origin(keep=files.put, clock=clock, code=capture.code, environment=capture.environment))
    if capture.system_metrics:
        found.append(SystemSampler(clock=clock, interval_s=capture.interval_s))
    return tuple(found)


def _refuse_other_values(known: Mapping[str, str], given: Mapping[str, str]) -> None:
    for key, value in given.items():
        if known.get(key, value) != value:
            raise ConflictError(
                f"The parameter '{key}' of this run is '{known[key]}' and cannot become '{value}'.",
                hint="Parameters are written once; use a tag, or start a new run.",
            )


def _changes(path: Path) -> Iterator[Change]:
    for change, _ in read_log(path):
        yield change


def _points(path: Path, key: str) -> list[MetricPoint]:
    points = [
        point
        for change in _changes(path)
        if isinstance(change, PointsLogged)
        for point in change.points
        if point.key == key
    ]
    return sorted(points, key=lambda point: (point.step, point.at))


def _params(path: Path) -> dict[str, str]:
    params: dict[str, str] = {}
    for change in _changes(path):
        if isinstance(change, RunStarted | ParamsLogged):
            params.update(change.params)
    return params
