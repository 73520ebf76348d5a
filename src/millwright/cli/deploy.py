"""`mw deploy` and `mw endpoints`: which endpoints exist, and what they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start
from millwright.cli.rollout import numbers, rollouts_of, show_begun
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.prediction import EndpointRecord
    from millwright.core.records.rollout import RolloutRecord
    from millwright.deployment.traffic.strategy import Strategy
    from millwright.workspace.workspace import Workspace

DEFAULT_ALIAS = "champion"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("deploy")(deploy)
    app.command("endpoints")(endpoints)


def deploy(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...", help="name@version or name; several versions only with --split, --ab, --shadow."
        ),
    ],
    *,
    alias: Annotated[
        str, typer.Option(help="The alias that endpoints follow; champion, or what the endpoint follows.")
    ] = "",
    endpoint: Annotated[str, typer.Option(help="Of a rollout: the endpoint; by default the model's name.")] = "",
    canary: Annotated[
        str, typer.Option(help="Bring it in step by step, each of which lasts at least so long, such as 10m.")
    ] = "",
    at: Annotated[str, typer.Option(help="Of a canary: its shares in per cent.")] = "10,50,100",
    split: Annotated[str, typer.Option(help="Divide requests by weight, the present version's first: 90,10.")] = "",
    shadow: Annotated[bool, typer.Option("--shadow", help="Show requests to it, without answering with it.")] = False,
    ab: Annotated[bool, typer.Option("--ab", help="Divide requests evenly, to compare outcomes.")] = False,
    min_requests: Annotated[
        int, typer.Option(min=1, help="Of a canary: requests to each arm before anything is decided.")
    ] = 200,
    max_shift: Annotated[
        float, typer.Option(min=0, help="Of a canary: tolerated PSI between predictions; 0 does not look at them.")
    ] = 0.25,
    reason: Annotated[str, typer.Option(help="Why; it is written into the audit log.")] = "deployed by hand",
    as_json: AsJson = False,
) -> None:
    """Put a version behind an alias; running servers that follow it swap within a second.

    With --canary, --split, --shadow or --ab the alias stays for now, and the version shares the endpoint with what
    answers there: see mw rollout.
    """
    strategy = _strategy(canary=(canary, at, min_requests, max_shift), split=split, shadow=shadow, ab=ab)
    workspace, out = start(as_json=as_json)
    with workspace:
        versions = [workspace.registry.resolve(model) for model in models]
        if strategy is not None:
            record = _roll_out(workspace, versions, strategy, (endpoint, alias, reason))
            objections = _objections(workspace, versions[-1], record)
            show_begun(out, record, objections)
            out.json({"rollout": record, "objections": objections})
            return
        if len(versions) > 1 or endpoint:
            raise InvalidInputError(
                "Expected one version to put behind an alias"
                + (f", found {len(versions)}." if len(versions) > 1 else ", found --endpoint."),
                hint="To let versions share an endpoint, add --canary, --split, --shadow or --ab.",
            )
        [version] = versions
        moved = workspace.registry.promote(version.name, version.version, alias or DEFAULT_ALIAS, reason=reason)
        out.done(f"{moved.name}@{moved.alias} is version {moved.version}.")
        running = [e for e in workspace.stores.endpoints.list() if e.model == moved.name and _is_running(e)]
        for found in running:
            out.line(f"  {found.name} at {found.url} follows {found.selector}.")
        served = [f"mw monitor check {found.name}" for found in running]
        out.next(*(served or [f"mw serve {moved.name}@{moved.alias}"]))
        out.json({"alias": moved, "endpoints": running})


def _strategy(*, canary: tuple[str, str, int, float], split: str, shadow: bool, ab: bool) -> Strategy | None:
    """What the options ask for; None for a plain deployment.

    Raises:
        InvalidInputError: They ask for two things at once, or for none that there is.
    """
    from millwright.core.records.rollout import CanaryLimits
    from millwright.deployment.traffic.strategy import AB, Canary, Shadow, Split

    hold, at, min_requests, max_shift = canary
    asked = [name for name, given in (("--canary", hold), ("--shadow", shadow), ("--ab", ab)) if given]
    if len(asked) > 1 or (split and asked and asked != ["--ab"]):
        raise InvalidInputError(
            f"Expected one way to bring a version in, found {', '.join([*asked, *(['--split'] if split else [])])}.",
            hint="--split may be given with --ab, as its weights.",
        )
    if hold:
        limits = CanaryLimits(min_requests=min_requests, max_shift=max_shift or None)
        return Canary(hold, at=numbers(at, "--at"), limits=limits)
    if ab:
        return AB(numbers(split, "--split") if split else ())
    if split:
        return Split(numbers(split, "--split"))
    return Shadow() if shadow else None


def _roll_out(
    workspace: Workspace, versions: Sequence[ModelVersionRecord], strategy: Strategy, where: tuple[str, str, str]
) -> RolloutRecord:
    from millwright.deployment.traffic.control import RolloutPlan

    names = {version.name for version in versions}
    if len(names) > 1:
        raise InvalidInputError(
            f"Expected versions of one model to share an endpoint, found {', '.join(sorted(names))}.",
            hint="Serve other models at endpoints of their own.",
        )
    endpoint, alias, reason = where
    plan = RolloutPlan(
        model=versions[0].name,
        versions=[version.version for version in versions],
        strategy=strategy,
        endpoint=endpoint,
        alias=alias,
        reason=reason,
    )
    return rollouts_of(workspace).start(plan)


def _objections(workspace: Workspace, version: ModelVersionRecord, record: RolloutRecord) -> list[str]:
    """What speaks against the promotion that a canary ends with; other rollouts end by hand."""
    return workspace.registry.objections(version, record.alias) if record.steps else []


def endpoints(*, as_json: AsJson = False) -> None:
    """List endpoints and what answers there."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.stores.endpoints.list()
        rows = [
            [e.name, f"{e.model}@{e.selector}", e.serving_version if _is_running(e) else None, _place(e), e.updated_at]
            for e in records
        ]
        if records:
            out.table(["endpoint", "follows", "serving", "url", "updated"], rows)
            out.next(f"mw monitor check {records[0].name}")
        else:
            out.line("Nothing has been served from this workspace.")
            out.next("mw models list", "mw serve NAME@champion")
        out.json(records)


def _is_running(endpoint: EndpointRecord) -> bool:
    """Whether a server answers there, as far as this machine can tell."""
    from millwright.core.process import is_dead

    return bool(endpoint.url) and not is_dead(endpoint.owner)


def _place(endpoint: EndpointRecord) -> str:
    if _is_running(endpoint):
        return endpoint.url
    return "not running (its process was killed)" if endpoint.url else "not running"
