"""What a rollout's arms have answered, and what the tests say of it, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.records.rollout import RolloutKind
from millwright.deployment.traffic.canary import Outcome, judge
from millwright.deployment.traffic.decider import tallies
from millwright.deployment.traffic.latency import quantile
from millwright.server.pages.element import Badge, Bar, Section, Table, Tone
from millwright.server.pages.wording import version_link, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.rollout import CanaryLimits, RolloutArm, RolloutRecord
    from millwright.deployment.traffic.canary import Verdict
    from millwright.deployment.traffic.tally import Tally
    from millwright.server.pages.element import Cell
    from millwright.storage.base.rollouts import RolloutStore

_P95 = 0.95
_PER_CENT = 100.0
_SAID = {Outcome.GOOD: "within its limits", Outcome.BAD: "worse than its limits", Outcome.OPEN: "not shown yet"}


def arm_table(record: RolloutRecord, counted: Mapping[str, Tally]) -> Table:
    """The arms with what they have answered in all steps; of shadows, what they have compared.

    Args:
        record: The rollout.
        counted: Of all processes and steps, by arm.
    """
    if record.kind is RolloutKind.SHADOW:
        headers = ["Arm", "Version", "Share", "Rows compared", "Agreement", "Mean difference", "Failed", "Not shown"]
        return Table(headers=headers, rows=[_shadow(record, arm, counted[arm.name]) for arm in record.arms])
    headers = ["Arm", "Version", "Share", "Requests", "Failed", "Refused", "Errors", "p95", "Mean"]
    return Table(headers=headers, rows=[_answering(record, arm, counted[arm.name]) for arm in record.arms])


def evidence_section(record: RolloutRecord, store: RolloutStore) -> Section:
    """What the tests say of each arm beside the first, by what both have answered in one step.

    Args:
        record: A rollout whose arms answer.
        store: Holds the evidence.
    """
    # Of a rollout that has ended: the step that its last decision stands on.
    step = int(record.decision.evidence.get("step", record.step))
    counted = tallies(store, record, step=step)
    primary = counted[record.primary.name]
    text, tables = [], []
    for arm in record.tried:
        verdict = judge(primary, counted[arm.name], record.limits, look=max(record.looks, 1))
        text.append(f"{arm.name}: {_SAID[verdict.outcome]}. {verdict.reason}")
        if "errors" in verdict.evidence:
            tables.append(_tests(record, arm, verdict))
    if record.kind is not RolloutKind.CANARY:
        text.append("Nothing is decided by these figures: a person ends it.")
    where = f"step {step + 1} of {len(record.steps)}" if record.steps else "since the shares were set"
    return Section(title=f"Evidence, {where}", text=text, tables=tables)


def _answering(record: RolloutRecord, arm: RolloutArm, tally: Tally) -> list[Cell]:
    return [
        arm.name,
        version_link(f"{record.model}@{arm.version}"),
        Bar(arm.weight / _PER_CENT, f"{arm.weight:g} %"),
        tally.answered,
        tally.failed,
        tally.refused,
        _share(tally.errors, tally.answered),
        _ms(quantile(tally.latencies, _P95)),
        _ms(tally.seconds / tally.answered if tally.answered else None),
    ]


def _shadow(record: RolloutRecord, arm: RolloutArm, tally: Tally) -> list[Cell]:
    cells: list[Cell] = [
        arm.name,
        version_link(f"{record.model}@{arm.version}"),
        Bar(arm.weight / _PER_CENT, f"{arm.weight:g} %"),
    ]
    found = tally.shadow
    if found is None:  # the primary, which is compared with, or a shadow that was shown nothing yet
        return [*cells, None, None, None, None, None]
    return [
        *cells,
        found.compared,
        _share(found.agreed, found.compared),
        words(found.difference / found.numeric) if found.numeric else None,
        found.failed,
        found.shed,
    ]


def _tests(record: RolloutRecord, arm: RolloutArm, verdict: Verdict) -> Table:
    evidence, limits = verdict.evidence, record.limits
    rows = [_errors(evidence, limits), _latency(evidence, limits)]
    if "shift" in evidence:
        rows.append(_shift(evidence, limits))
    level = evidence["level"]
    return Table(
        headers=["", record.primary.name, arm.name, "Beside it", "Tolerated", "Test", "p-value", ""],
        rows=rows,
        caption=f"Worse is what is beyond its limit with a p-value up to {level:.2g}",
    )


def _errors(evidence: Mapping[str, Any], limits: CanaryLimits) -> list[Cell]:
    found = evidence["errors"]
    first, second = (
        (side["failed"] + side["refused"]) / side["answered"] for side in (evidence["primary"], evidence["canary"])
    )
    return [
        "Errors",
        f"{first:.2%}",
        f"{second:.2%}",
        f"{second - first:+.2%}, at most {found['increase_upper_95']:+.2%} (95 %)",
        f"{limits.max_error_increase:+.2%}",
        "Fisher's exact",
        f"{found['p_value']:.3g}",
        _judged(found["p_value"], evidence["level"], is_beyond=second - first > limits.max_error_increase),
    ]


def _latency(evidence: Mapping[str, Any], limits: CanaryLimits) -> list[Cell]:
    found, slowest = evidence["latency"], limits.max_slowdown
    first, second = found["p95_s"]["primary"], found["p95_s"]["canary"]
    is_beyond = second > max(first * slowest, limits.latency_floor_s) or found["mean_ratio"] > slowest
    return [
        "Latency (p95)",
        _ms(first),
        _ms(second),
        f"{found['mean_ratio']:.2f} times as long on average",
        f"{slowest:g} times",
        "Binomial; z of the logarithms' means",
        f"{found['p_value']:.3g}",
        _judged(found["p_value"], evidence["level"], is_beyond=is_beyond),
    ]


def _shift(evidence: Mapping[str, Any], limits: CanaryLimits) -> list[Cell]:
    found, most = evidence["shift"], limits.max_shift
    test = "Kolmogorov-Smirnov" if found["test"] == "kolmogorov_smirnov" else "Fisher's exact of each class"
    return [
        "Predictions",
        None,
        None,
        f"PSI {found['psi']:.3f}",
        None if most is None else f"PSI {most:g}",
        f"{test}, {found['rows']:,} rows",
        f"{found['p_value']:.3g}",
        _judged(found["p_value"], evidence["level"], is_beyond=most is not None and found["psi"] > most),
    ]


def _judged(p_value: float, level: float, *, is_beyond: bool) -> Badge:
    if not is_beyond:
        return Badge("within", Tone.GOOD)
    return Badge("worse", Tone.BAD) if p_value <= level else Badge("beyond, maybe by chance", Tone.WARN)


def _share(part: int, whole: int) -> str | None:
    return f"{part / whole:.2%}" if whole else None


def _ms(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds * 1e3:.3g} ms"
