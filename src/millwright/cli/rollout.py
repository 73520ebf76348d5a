"""`mw rollout`: versions that share an endpoint for a time."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.cli.console import Output
    from millwright.core.records.rollout import RolloutRecord
    from millwright.deployment.traffic.control import RolloutControl
    from millwright.deployment.traffic.report import ArmReport
    from millwright.deployment.traffic.tally import Tally
    from millwright.workspace.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True, help="Rollouts: versions of a model that share an endpoint: canary, split, shadow, A/B."
)

_Which = Annotated[str, typer.Argument(metavar="ENDPOINT", help="The endpoint, or the id of a rollout.")]
_Reason = Annotated[str, typer.Option(help="Why; it is written into the audit log.")]
_P95 = 0.95


@app.command("list")
def list_rollouts(
    endpoint: Annotated[str, typer.Argument(help="Only those of one endpoint.")] = "",
    *,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List rollouts, the newest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.stores.rollouts.list_rollouts(endpoint=endpoint or None, limit=limit)
        if found:
            out.table(
                ["endpoint", "kind", "state", "arms", "begun", "by", "last decision"],
                [
                    [r.endpoint, r.kind.value, r.state.value, _arms(r), r.created_at, r.created_by, r.decision.reason]
                    for r in found
                ],
            )
            out.next(f"mw rollout status {found[0].endpoint}")
        else:
            out.line("There are no rollouts.")
            out.next("mw deploy MODEL@VERSION --canary 10m")
        out.json(found)


@app.command("status")
def status(which: _Which, *, as_json: AsJson = False) -> None:
    """Show how a rollout stands: its arms, what they have answered, and the last decision."""
    from millwright.deployment.traffic.decider import tallies

    workspace, out = start(as_json=as_json)
    with workspace:
        record = rollouts_of(workspace).find(which)
        counted = tallies(workspace.stores.rollouts, record, step=record.step)
        _show(out, record)
        out.table(
            ["arm", "version", "share %", "answered", "failed", "refused", "p95 ms"],
            [[arm.name, arm.version, arm.weight, *_figures(counted[arm.name])] for arm in record.arms],
        )
        out.line(f"{record.decision.action} by {record.decision.by}: {record.decision.reason}")
        if record.is_open:
            out.next(f"mw rollout report {record.endpoint}", f"mw rollout abort {record.endpoint}")
        out.json({"rollout": record, "step": {name: tally.to_json() for name, tally in counted.items()}})


@app.command("advance")
def advance(which: _Which, *, reason: _Reason = "advanced by hand", as_json: AsJson = False) -> None:
    """Take a canary to its next step at once; the last step is the promotion."""
    _change(which, lambda control, found: control.advance(found, reason=reason), as_json=as_json)


@app.command("weigh")
def weigh(
    which: _Which,
    weights: Annotated[str, typer.Argument(help="Per cent, the primary's first, such as 50,50.")],
    *,
    reason: _Reason = "weighed by hand",
    as_json: AsJson = False,
) -> None:
    """Change the weights of a split or A/B comparison; as few routing keys as possible get another version."""
    _change(
        which, lambda control, found: control.weigh(found, numbers(weights, "weights"), reason=reason), as_json=as_json
    )


@app.command("pause")
def pause(which: _Which, *, reason: _Reason = "paused by hand", as_json: AsJson = False) -> None:
    """Keep the shares as they are; a canary that turns out bad is still rolled back."""
    _change(which, lambda control, found: control.pause(found, reason=reason), as_json=as_json)


@app.command("resume")
def resume(which: _Which, *, reason: _Reason = "resumed by hand", as_json: AsJson = False) -> None:
    """Let a paused rollout go on; its present step begins again."""
    _change(which, lambda control, found: control.resume(found, reason=reason), as_json=as_json)


@app.command("abort")
def abort(
    which: _Which,
    *,
    reason: _Reason = "aborted by hand",
    reject: Annotated[bool, typer.Option("--reject", help="Reject the versions that were tried, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let the primary answer everything again."""
    _change(which, lambda control, found: control.roll_back(found, reason=reason, reject=reject), as_json=as_json)


@app.command("promote")
def promote(
    which: _Which,
    *,
    arm: Annotated[str, typer.Option(help="Which arm, where several are tried.")] = "",
    reason: _Reason = "promoted by hand",
    force: Annotated[bool, typer.Option("--force", help="Against the objections of gates and approvals.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let one arm's version answer everything: the alias moves to it."""
    _change(which, lambda control, found: control.promote(found, arm=arm, reason=reason, force=force), as_json=as_json)


@app.command("report")
def report(which: _Which, *, as_json: AsJson = False) -> None:
    """Compare the arms: requests, errors, latency, and outcome metrics where labels are known."""
    from millwright.deployment.traffic.report import report_rollout

    workspace, out = start(as_json=as_json)
    with workspace:
        record = rollouts_of(workspace).find(which)
        stores = workspace.stores
        found = report_rollout(record, rollouts=stores.rollouts, models=stores.models, predictions=stores.predictions)
        _show(out, record)
        _show_arms(out, found)
        if not any(each.labelled for each in found):
            out.next(f"mw labels add {record.endpoint} FILE")
        out.json({"rollout": record, "arms": [asdict(each) for each in found]})


def rollouts_of(workspace: Workspace) -> RolloutControl:
    """Changes a workspace's rollouts in its user's name."""
    from millwright.deployment.traffic.control import RolloutControl

    return RolloutControl(
        stores=workspace.stores, registry=workspace.registry, clock=workspace.clock, actor=workspace.actor
    )


def numbers(text: str, what: str) -> list[float]:
    """Numbers that an option gives, separated by commas.

    Raises:
        InvalidInputError: One of them is none.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InvalidInputError(
            f"Expected {what} as numbers separated by commas, found '{text}'.", hint="Write for example 90,10."
        ) from error


def show_begun(out: Output, record: RolloutRecord, objections: Sequence[str] = ()) -> None:
    """What has begun, and what to do next.

    Args:
        out: Where to.
        record: The rollout.
        objections: What would keep its end, the promotion, from happening by itself.
    """
    out.done(f"The {record.kind.value} of '{record.endpoint}' has begun: {_arms(record)}.")
    if record.steps:
        steps = ", ".join(f"{share:g} %" for share in record.steps)
        out.line(
            f"  Steps: {steps}; each lasts at least {record.hold_s:g} s and {record.limits.min_requests} requests."
        )
    approve = []
    if objections:
        version = f"{record.model}@{record.arms[-1].version}"
        out.warn(
            f"As it stands, {version} may not become {record.alias}: {' '.join(objections)} The canary will wait "
            "at its last share until somebody settles that."
        )
        approve = [f"mw models approve {version}"]
    out.next(*approve, f"mw rollout status {record.endpoint}", f"mw rollout report {record.endpoint}")


def _change(which: str, change: Callable[[RolloutControl, RolloutRecord], RolloutRecord], *, as_json: bool) -> None:
    """Change a rollout as one command does, and tell what it is now."""
    workspace, out = start(as_json=as_json)
    with workspace:
        control = rollouts_of(workspace)
        record = change(control, control.find(which))
        out.done(f"The {record.kind.value} of '{record.endpoint}' is {record.state.value}: {_arms(record)}.")
        out.next(f"mw rollout status {record.endpoint}")
        out.json(record)


def _show(out: Output, record: RolloutRecord) -> None:
    step = f", step {record.step + 1} of {len(record.steps)}" if record.steps else ""
    out.line(f"{record.kind.value} of '{record.endpoint}' ({record.model}@{record.alias}): {record.state.value}{step}")


def _show_arms(out: Output, arms: list[ArmReport]) -> None:
    out.table(
        ["arm", "version", "share %", "answered", "failed", "p95 ms", "rows", "labelled"],
        [[a.name, a.version, a.weight, a.answered, a.failed, _ms(a.p95_s), a.rows, a.labelled] for a in arms],
    )
    names = sorted({name for arm in arms for name in arm.metrics})
    if names:
        out.table(
            ["metric", *(arm.name for arm in arms)],
            [[name, *(_metric(arm, name) for arm in arms)] for name in names],
        )
    for arm in arms:
        if arm.difference is not None:
            found = arm.difference
            interval = (
                "" if found.interval is None else f" (95 %: {found.interval[0]:+.4f} to {found.interval[1]:+.4f})"
            )
            out.line(f"{arm.name} is {found.verdict}: {found.gain:+.4f} in {found.metric}{interval}")
        if arm.comparison is not None:
            shown = ", ".join(
                f"{name.replace('_', ' ')} {value:.4g}" for name, value in arm.comparison.items() if value is not None
            )
            out.line(f"{arm.name}: {shown}")


def _arms(record: RolloutRecord) -> str:
    return ", ".join(f"{arm.name} version {arm.version} {arm.weight:g} %" for arm in record.arms)


def _figures(tally: Tally) -> list[object]:
    from millwright.deployment.traffic.latency import quantile

    if tally.shadow is not None:
        return [tally.shadow.compared, tally.shadow.failed, tally.shadow.shed, None]
    return [tally.answered, tally.failed, tally.refused, _ms(quantile(tally.latencies, _P95))]


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1e3, 2)


def _metric(arm: ArmReport, name: str) -> str | None:
    value = arm.metrics.get(name)
    if value is None:
        return None
    low_high = arm.intervals.get(name)
    return f"{value:.4f}" if low_high is None else f"{value:.4f} ({low_high[0]:.4f} to {low_high[1]:.4f})"
