"""How a version is brought to an endpoint: what a user writes as `mw.Canary`, `mw.Split`, `mw.Shadow` or `mw.AB`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.rollout import CanaryLimits, RolloutArm, RolloutKind

ALL = 100.0
_MOST_ARMS = 8
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Canary:
    """Give a version a share of the requests that grows step by step, or take it back, by itself.

    Args:
        hold: How long each step lasts at least: seconds, or text such as `90s`, `10m`, `1.5h`.
        at: Shares in per cent, rising, the last one 100: reaching it is the promotion. Left out, 100 is added.
        limits: What the version may do worse than the primary.

    Raises:
        InvalidInputError: No duration, or no such shares.

    Example:
        >>> Canary("10m", at=[10, 50, 100]).steps
        (10.0, 50.0, 100.0)
    """

    hold: str | float = "10m"
    at: Sequence[float] = (10.0, 50.0, 100.0)
    limits: CanaryLimits = field(default_factory=CanaryLimits)
    kind = RolloutKind.CANARY

    def __post_init__(self) -> None:
        _check_limits(self.limits)
        _ = self.hold_s
        steps = self.steps
        rising = all(a < b for a, b in zip((0.0, *steps), steps, strict=False))
        if len(steps) < 2 or not rising or steps[-1] > ALL:
            raise InvalidInputError(
                f"Expected a canary's shares to rise from above 0 to 100 per cent, found {_listed(self.at)}.",
                hint="Write for example 10,50,100.",
            )

    @property
    def steps(self) -> tuple[float, ...]:
        """The shares, the last one 100."""
        given = tuple(float(share) for share in self.at)
        return given if given and given[-1] == ALL else (*given, ALL)

    @property
    def hold_s(self) -> float:
        """Seconds that each step lasts at least."""
        return seconds_of(self.hold)

    def arms(self, primary: int, versions: Sequence[int]) -> tuple[RolloutArm, ...]:
        """The arms at the beginning.

        Args:
            primary: The version that the alias points to.
            versions: The one that is tried.
        """
        [version] = _as_many(versions, 1, "a canary")
        return (
            RolloutArm(name="primary", version=primary, weight=ALL - self.steps[0]),
            RolloutArm(name="canary", version=version, weight=self.steps[0]),
        )


@dataclass(frozen=True, slots=True)
class Split:
    """Divide requests by weight until a person ends it.

    Args:
        weights: Per cent, the primary's first; their sum is 100.

    Raises:
        InvalidInputError: No such weights.
    """

    weights: Sequence[float] = (90.0, 10.0)
    kind = RolloutKind.SPLIT

    def __post_init__(self) -> None:
        check_weights(self.weights)

    def arms(self, primary: int, versions: Sequence[int]) -> tuple[RolloutArm, ...]:
        """The arms: `primary`, then `candidate`, or `v3`, `v4` and so on when there are several."""
        tried = _as_many(versions, len(self.weights) - 1, f"the weights {_listed(self.weights)}")
        return _weighted(primary, tried, [float(weight) for weight in self.weights], "candidate")


@dataclass(frozen=True, slots=True)
class AB:
    """Divide requests evenly, or by weight, to compare outcomes arm by arm.

    Args:
        weights: Per cent, the primary's first; all alike when empty.

    Raises:
        InvalidInputError: No such weights.
    """

    weights: Sequence[float] = ()
    kind = RolloutKind.AB

    def __post_init__(self) -> None:
        if self.weights:
            check_weights(self.weights)

    def arms(self, primary: int, versions: Sequence[int]) -> tuple[RolloutArm, ...]:
        """The arms: `champion` and `challenger`, or the champion and `v3`, `v4` and so on."""
        weights = [float(weight) for weight in self.weights] or [ALL / (len(versions) + 1)] * (len(versions) + 1)
        tried = _as_many(versions, len(weights) - 1, f"the weights {_listed(weights)}")
        return _weighted(primary, tried, weights, "challenger", first="champion")


@dataclass(frozen=True, slots=True)
class Shadow:
    """Show requests to versions that answer nobody.

    Args:
        share: Of the requests, in per cent, above 0.

    Raises:
        InvalidInputError: No such share.
    """

    share: float = ALL
    kind = RolloutKind.SHADOW

    def __post_init__(self) -> None:
        if not 0 < self.share <= ALL:
            raise InvalidInputError(f"Expected a shadow's share to be above 0 and at most 100, found {self.share:g}.")

    def arms(self, primary: int, versions: Sequence[int]) -> tuple[RolloutArm, ...]:
        """The arms: the primary, which answers all, and `shadow`, or `v3`, `v4` and so on."""
        named = _named(versions, "shadow")
        shown = [RolloutArm(name=name, version=version, weight=float(self.share)) for name, version in named]
        return (RolloutArm(name="primary", version=primary, weight=ALL), *shown)


Strategy = Canary | Split | AB | Shadow

_KINDS: dict[str, type[Strategy]] = {each.kind.value: each for each in (Canary, Split, AB, Shadow)}


def strategy_to_json(strategy: Strategy) -> dict[str, Any]:
    """A strategy as JSON values, for `strategy_from_json`.

    >>> strategy_from_json(strategy_to_json(Canary("10m", at=[10]))).steps
    (10.0, 100.0)
    """
    return {"kind": strategy.kind.value, **asdict(strategy)}


def strategy_from_json(values: Mapping[str, Any]) -> Strategy:
    """The strategy that `strategy_to_json` told.

    Raises:
        InvalidInputError: It is none.
    """
    given = {name: value for name, value in values.items() if name != "kind"}
    made = _KINDS.get(str(values.get("kind")))
    try:
        if made is Canary:
            return Canary(**{**given, "limits": CanaryLimits(**given.get("limits", {}))})
        if made is not None:
            return made(**given)
    except TypeError as error:
        raise InvalidInputError(f"Expected a strategy, found {dict(values)!r}: {error}.") from error
    raise InvalidInputError(f"Expected a strategy of the kinds {', '.join(_KINDS)}, found {values.get('kind')!r}.")


def seconds_of(hold: str | float) -> float:
    """Seconds from a number of them, or from text such as `90s`, `10m`, `1.5h`.

    Raises:
        InvalidInputError: It is no duration, or not above zero.
    """
    from millwright.data.contracts.duration import parse_duration

    if isinstance(hold, str):
        return parse_duration(hold).total_seconds()
    if not (isfinite(hold) and hold > 0):
        raise InvalidInputError(f"Expected a duration above zero, found {hold}.", hint="Write for example 90s or 10m.")
    return float(hold)


def check_weights(weights: Sequence[float]) -> None:
    """Refuse what is no division of the requests.

    Raises:
        InvalidInputError: Fewer than two weights, a negative one, or another sum than 100.
    """
    if not 2 <= len(weights) <= _MOST_ARMS or min(weights) < 0 or abs(sum(weights) - ALL) > _ROUNDING:
        raise InvalidInputError(
            f"Expected 2 to {_MOST_ARMS} weights in per cent whose sum is 100, found {_listed(weights)}.",
            hint="Write for example 90,10: the primary's share first.",
        )


def _check_limits(limits: CanaryLimits) -> None:
    fits = (
        limits.min_requests >= 1
        and 0 <= limits.max_error_increase < 1
        and limits.max_slowdown > 1
        and limits.latency_floor_s >= 0
        and (limits.max_shift is None or limits.max_shift > 0)
        and 0 < limits.alpha < 0.5
    )
    if not fits:
        raise InvalidInputError(
            f"Expected limits of a canary within their ranges, found {limits}.",
            hint="min_requests is 1 or more, max_error_increase 0 to 1, max_slowdown above 1, max_shift above 0.",
        )


def _as_many(versions: Sequence[int], count: int, what: str) -> Sequence[int]:
    if len(versions) != count:
        raise InvalidInputError(
            f"Expected {count} version{'' if count == 1 else 's'} beside the primary for {what}, found {len(versions)}."
        )
    return versions


def _weighted(
    primary: int, versions: Sequence[int], weights: Sequence[float], only: str, *, first: str = "primary"
) -> tuple[RolloutArm, ...]:
    named = [(first, primary), *_named(versions, only)]
    return tuple(
        RolloutArm(name=name, version=version, weight=weight)
        for (name, version), weight in zip(named, weights, strict=True)
    )


def _named(versions: Sequence[int], only: str) -> list[tuple[str, int]]:
    return [(only if len(versions) == 1 else f"v{version}", version) for version in versions]


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values) or "none"
