"""The closed loop of a project: its declared monitors, and what follows from them, in the form that rooms take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError, closest
from millwright.workspace.retraining import build_limits

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.automation.monitors import Declaration
    from millwright.automation.policy import RetrainingPolicy
    from millwright.automation.trigger import Trigger
    from millwright.core.records.model import ModelVersionRecord
    from millwright.monitoring.reference import Reference
    from millwright.monitoring.settings import MonitorSettings
    from millwright.workspace.monitor_settings import ActionSettings, MonitorDeclaration
    from millwright.workspace.settings import Settings
    from millwright.workspace.workspace import Workspace

_MOST_REFERENCES = 4
WARM_START = "warm_start"  # the parameter that a pipeline has for it, where the action says no other


def build_retraining_policy(workspace: Workspace) -> RetrainingPolicy:
    """The triggers of declared monitors; those whose endpoint is not known yet wait for it."""
    from millwright.automation.policy import RetrainingPolicy

    triggers = []
    for name, declared in workspace.settings.monitors.items():
        action = declared.action
        if action is None or not declared.enabled:
            continue
        endpoint = workspace.stores.endpoints.find(declared.endpoint)
        model = action.model or (endpoint.model if endpoint is not None else "")
        if model:
            triggers.append(_trigger(workspace, name, declared, action, model))
    return RetrainingPolicy(triggers=tuple(triggers))


def _trigger(
    workspace: Workspace, name: str, declared: MonitorDeclaration, action: ActionSettings, model: str
) -> Trigger:
    from millwright.automation.trigger import Trigger
    from millwright.core.records.monitor import Severity
    from millwright.monitoring.finding import AlertKind

    return Trigger(
        name=f"monitor-{name}",
        pipeline=_place(workspace.project, action.pipeline),
        model=model,
        alias=action.alias,
        params=action.params,
        endpoint=declared.endpoint,
        monitor=name,
        alerts=frozenset(action.on),
        datasets=frozenset({action.dataset} - {""}),
        new_versions=action.new_versions,
        new_rows=action.new_rows,
        every=action.every,
        limits=build_limits(workspace.settings, action),
        warm_start=action.warm_start if isinstance(action.warm_start, str) else WARM_START * action.warm_start,
        canary=action.canary,
        project_dir=str(workspace.project),
        severity=Severity(declared.severity.get(AlertKind.RETRAINING_FAILED, Severity.WARNING)),
    )


def _place(folder: Path, pipeline: str) -> str:
    """The whole path of a pipeline's file, with the name behind it; a module as it is."""
    head, colon, tail = pipeline.rpartition(":")
    named = bool(colon and head and tail) and not set(tail) & {"/", "\\"}
    path = folder / (head if named else pipeline)
    if path.is_dir():
        path /= "pipeline.py"
    if not path.is_file():
        return pipeline
    return f"{path}:{tail}" if named else str(path)


def check_monitors(workspace: Workspace, endpoint: str = "") -> None:
    """See, before anything runs, that declared monitors can do what they are to do; all that is wrong is told at once.

    Args:
        workspace: Whose monitors.
        endpoint: Only those that watch it; all when empty.

    Raises:
        ConfigurationError: One names a kind of alert that there is not, a pipeline whose file is not there, or columns
            that the model, as far as it is there, does not have.
    """
    from millwright.workspace.monitor_columns import columns_problem

    problems = []
    for declared in declarations(workspace.settings):
        if declared.enabled and endpoint in {"", declared.endpoint}:
            found = (columns_problem(workspace, declared), action_problem(workspace, declared.name))
            problems += [problem for problem in found if problem is not None]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ConfigurationError(" ".join(str(problem) for problem in problems))


def action_problem(workspace: Workspace, name: str) -> ConfigurationError | None:
    """Why a declared monitor could train nothing: its action names a file that is not in the project's folder.

    Args:
        workspace: Whose monitor.
        name: Which one.

    Returns:
        The error that says so; None when the file is there, there is no action, or its pipeline is a module, of which
        that cannot be told.
    """
    action = workspace.settings.monitors[name].action
    file = _missing_file(workspace.project, action.pipeline) if action is not None else None
    if file is None:
        return None
    near = closest(file, [each.name for each in workspace.project.glob("*.py")])
    said = f"The monitor '{name}' could train nothing: there is no file '{file}' in {workspace.project}."
    return ConfigurationError(said, hint=f"{near} Correct 'pipeline' in [monitors.{name}.action].".strip())


def _missing_file(folder: Path, pipeline: str) -> str | None:
    """The file that a pipeline's place names, if it is not there; None as well for modules."""
    place = _place(folder, pipeline)
    head, colon, tail = place.rpartition(":")
    path = head if colon and tail.isidentifier() else place
    return path if path.endswith(".py") and not (folder / path).is_file() else None


def declarations(settings: Settings) -> tuple[Declaration, ...]:
    """The declared monitors, by name.

    Raises:
        ConfigurationError: One names a kind of alert or a metric that there is not (the nearest is named), or sets a
            limit that a metric cannot reach.
    """
    from millwright.automation.monitors import Declaration

    for name, declared in settings.monitors.items():
        _check_kinds(declared, name)
    return tuple(
        Declaration(
            name=name,
            endpoint=declared.endpoint,
            every=declared.every,
            enabled=declared.enabled,
            window=declared.window,
            rows=declared.rows,
            version=declared.version,
            reference=declared.reference,
            settings=_judging(settings, name, declared),
            content=declared.model_dump(mode="json", exclude_defaults=True),
        )
        for name, declared in sorted(settings.monitors.items())
    )


def judging_monitor(settings: Settings, endpoint: str, name: str = "") -> Declaration | None:
    """The declared monitor by which past windows of an endpoint are judged.

    Args:
        settings: The project's.
        endpoint: Whose windows.
        name: Which monitor; the only one that watches the endpoint when empty.

    Returns:
        None where none watches it.

    Raises:
        NotFoundError: There is no monitor of that name.
        InvalidInputError: It watches another endpoint, or several watch this one and none was named.
    """
    if name:
        return named_monitor(settings, name, endpoint)
    watching = [each for each in declarations(settings) if each.endpoint == endpoint and each.enabled]
    if len(watching) > 1:
        raise InvalidInputError(
            f"Several monitors watch '{endpoint}': {', '.join(each.name for each in watching)}.",
            hint=f"Say by which one to judge: --monitor {watching[0].name}",
        )
    return watching[0] if watching else None


def named_monitor(settings: Settings, name: str, endpoint: str = "") -> Declaration:
    """A declared monitor, switched off or not.

    Args:
        settings: The project's.
        name: Which one.
        endpoint: What it has to watch; any when empty.

    Raises:
        NotFoundError: There is no monitor of that name; names the closest.
        InvalidInputError: It watches another endpoint.
    """
    known = {each.name: each for each in declarations(settings)}
    if name not in known:
        raise NotFoundError(f"The project file declares no monitor '{name}'.", hint=closest(name, known))
    found = known[name]
    if endpoint not in {"", found.endpoint}:
        raise InvalidInputError(f"The monitor '{name}' watches the endpoint '{found.endpoint}', not '{endpoint}'.")
    return found


def _judging(settings: Settings, name: str, declared: MonitorDeclaration) -> MonitorSettings:
    """How its windows are judged: as `[monitor]` says, but for what it says itself."""
    from dataclasses import replace

    from millwright.core.records.monitor import Severity
    from millwright.workspace.insight_settings import chunk_settings
    from millwright.workspace.limit_settings import column_limits, metric_limits, season_settings
    from millwright.workspace.wiring import monitor_settings

    section = type(settings.monitor).model_validate({**settings.monitor.model_dump(), **declared.thresholds})
    found = monitor_settings(section, settings.prices)
    return replace(
        found,
        drift=column_limits(found.drift, declared.columns, chunk_settings(section)),
        season=season_settings(section, declared.columns),
        performance=metric_limits(found.performance, declared.metrics, where=f"monitors.{name}.metrics"),
        bias=replace(found.bias, groups=declared.groups or found.bias.groups),
        severities={kind: Severity(severity) for kind, severity in declared.severity.items()},
    )


def _check_kinds(declared: MonitorDeclaration, name: str) -> None:
    from millwright.monitoring.finding import AlertKind

    known = {kind.value for kind in AlertKind}
    for kind in (*declared.severity, *(declared.action.on if declared.action else ())):
        if kind not in known:
            raise ConfigurationError(
                f"The monitor '{name}' names the kind of alert '{kind}', which there is not.",
                hint=closest(kind, known),
            )


def read_reference(workspace: Workspace, version: ModelVersionRecord, text: str, *, time: str = "") -> Reference | None:
    """What a declared monitor compares a version's window with.

    Args:
        workspace: Holds datasets and packages.
        version: The version that answered.
        text: `training`, `held_out`, or a dataset's version such as `visits@3`.
        time: Column of the dataset that says when its rows are from, to be kept; empty for none.

    Returns:
        None for the version's own reference as it is.

    Raises:
        NotFoundError: There is no such dataset version, or the version keeps no held-out rows.
        InvalidInputError: The dataset's rows do not fit the version's signature, or have no such column of moments.
    """
    from dataclasses import replace

    from millwright.monitoring.reference import DOCUMENT, ReferenceOptions, build_reference, load_reference

    if text == "training":
        return None
    artifacts = workspace.stores.artifacts
    if text == "held_out":
        digest = version.documents.get(DOCUMENT)
        own = load_reference(artifacts.get(digest)) if digest is not None else None
        if own is None or own.held_out is None:
            raise NotFoundError(
                f"{version.ref} keeps no held-out rows to compare with.", hint="Set reference = 'training'."
            )
        return replace(own, training=own.held_out)
    from millwright.models.package import PackageLoader

    if version.package is None:
        raise NotFoundError(f"{version.ref} has no package to predict {text} with.", hint="Set reference = 'training'.")
    frame = workspace.datasets.get(text).read()
    model = PackageLoader(allow_code=workspace.settings.models.allow_code).model(artifacts.get(version.package))
    options = ReferenceOptions(metrics=version.metrics, time=time)
    return load_reference(build_reference(frame, model, options=options))


class References:
    """What declared monitors compare with; the last few are kept, since making one takes a while.

    Args:
        workspace: See `read_reference`.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[tuple[str, str, str], Reference | None] = {}

    def of(self, declared: Declaration) -> Reference | None:
        """The reference of a declaration, for the version that answers at present.

        Raises:
            NotFoundError, InvalidInputError: See `read_reference`; or there is no such endpoint.
            ConfigurationError: The declaration names columns that the model does not have: each check sees to that
                first, since the model may have come after the declaration was looked at.
        """
        from millwright.workspace.monitor_columns import columns_problem

        problem = columns_problem(self._workspace, declared)
        if problem is not None:
            raise problem
        if declared.reference == "training":
            return None
        endpoint = self._workspace.stores.endpoints.find(declared.endpoint)
        if endpoint is None:
            raise NotFoundError(f"There is no endpoint '{declared.endpoint}'.")
        selector = declared.version or endpoint.serving_version or endpoint.selector
        return self.of_version(declared, self._workspace.registry.resolve(f"{endpoint.model}@{selector}"))

    def of_version(self, declared: Declaration, version: ModelVersionRecord) -> Reference | None:
        """The reference of a declaration, for a version that answered.

        Raises:
            NotFoundError, InvalidInputError: See `read_reference`.
        """
        if declared.reference == "training":
            return None
        time = declared.settings.season.column
        key = (version.id, declared.reference, time)
        if key not in self._known:
            while len(self._known) >= _MOST_REFERENCES:
                del self._known[next(iter(self._known))]
            self._known[key] = read_reference(self._workspace, version, declared.reference, time=time)
        return self._known[key]
