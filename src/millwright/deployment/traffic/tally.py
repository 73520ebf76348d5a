"""What one arm has answered in one step, in a form that adds up over processes and machines."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

from millwright.deployment.traffic.latency import LATENCY_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Different predicted classes that are counted one by one; the others are counted together.
_MOST_CLASSES = 200
_OTHER = "…"


@dataclass(slots=True, kw_only=True)
class Tally:
    """Totals of one arm.

    Attributes:
        answered: Requests that it answered, whatever the status; those that named an arm or version do not count.
        failed: Those that failed by the server's or the model's fault (status ≥ 500).
        refused: Those that were refused (status 400 to 499).
        seconds: Their time in all.
        latencies: Requests per bucket of latency; see `latency`.
        numbers: Sketch (`data.profiles.sketch`) of predicted probabilities or numbers; empty bytes for none.
        sampled: How many numbers went into it.
        classes: Predicted classes where there is no probability, as text, and how often each came.
        shadow: Of a shadow, its comparison with what was answered.
    """

    answered: int = 0
    failed: int = 0
    refused: int = 0
    seconds: float = 0.0
    latencies: list[int] = field(default_factory=lambda: [0] * LATENCY_BUCKETS)
    numbers: bytes = b""
    sampled: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    shadow: Comparison | None = None

    @property
    def errors(self) -> int:
        """Requests that ended in an error, whoever was at fault: arms get requests alike."""
        return self.failed + self.refused

    def add_outputs(self, outputs: Iterable[Mapping[str, Any]]) -> None:
        """Count what was predicted, one row of each request: rows that came together are not independent.

        Of each row the probability counts, or the predicted number, or else the class.
        """
        values: list[float] = []
        for row in outputs:
            value = row.get("probability", row.get("prediction"))
            if isinstance(value, int | float) and not isinstance(value, bool):
                if abs(value) < float("inf"):
                    values.append(float(value))
            elif value is not None and not isinstance(value, list):  # of arrays nothing is told
                self._add_class(str(value))
        if values:
            # Loaded when there is something to sketch: most serving processes never need them.
            import numpy as np

            from millwright.data.profiles.sketch import merge_quantiles, sketch_quantiles

            self.numbers = merge_quantiles(self.numbers, sketch_quantiles(np.array(values)))
            self.sampled += len(values)

    def _add_class(self, name: str, count: int = 1) -> None:
        if name not in self.classes and len(self.classes) >= _MOST_CLASSES:
            name = _OTHER
        self.classes[name] = self.classes.get(name, 0) + count

    def merged(self, other: Tally) -> Tally:
        """Both together."""
        from millwright.data.profiles.sketch import merge_quantiles

        both = Tally(
            answered=self.answered + other.answered,
            failed=self.failed + other.failed,
            refused=self.refused + other.refused,
            seconds=self.seconds + other.seconds,
            latencies=[a + b for a, b in zip(self.latencies, other.latencies, strict=True)],
            numbers=merge_quantiles(self.numbers, other.numbers),
            sampled=self.sampled + other.sampled,
            classes=dict(self.classes),
            shadow=self.shadow.merged(other.shadow) if self.shadow and other.shadow else self.shadow or other.shadow,
        )
        for name, count in other.classes.items():
            both._add_class(name, count)
        return both

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "answered": self.answered,
            "failed": self.failed,
            "refused": self.refused,
            "seconds": self.seconds,
            "latencies": {str(bucket): count for bucket, count in enumerate(self.latencies) if count},
            "numbers": b64encode(self.numbers).decode(),
            "sampled": self.sampled,
            "classes": dict(self.classes),
            "shadow": None if self.shadow is None else self.shadow.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Tally:
        """What `to_json` made."""
        latencies = [0] * LATENCY_BUCKETS
        for bucket, count in value["latencies"].items():
            latencies[int(bucket)] = count
        shadow = value["shadow"]
        return cls(
            answered=value["answered"],
            failed=value["failed"],
            refused=value["refused"],
            seconds=value["seconds"],
            latencies=latencies,
            numbers=b64decode(value["numbers"]),
            sampled=value["sampled"],
            classes=dict(value["classes"]),
            shadow=None if shadow is None else Comparison(**shadow),
        )


@dataclass(slots=True, kw_only=True)
class Comparison:
    """A shadow's predictions beside those that were answered, row by row.

    Attributes:
        compared: Rows that both predicted.
        agreed: Those with the same `prediction`.
        numeric: Those for which both gave a probability or a number.
        difference: Sum of shadow minus answered over them.
        absolute: Sum of its absolute value.
        failed: Rows that the shadow failed to predict.
        shed: Rows that were not shown to it, since it could not keep up.
        seconds: Its time in all.
    """

    compared: int = 0
    agreed: int = 0
    numeric: int = 0
    difference: float = 0.0
    absolute: float = 0.0
    failed: int = 0
    shed: int = 0
    seconds: float = 0.0

    def add(self, answered: Mapping[str, Any], shadow: Mapping[str, Any]) -> None:
        """Count one row's outputs of both."""
        self.compared += 1
        self.agreed += answered.get("prediction") == shadow.get("prediction")
        first, second = _number(answered), _number(shadow)
        if first is not None and second is not None:
            self.numeric += 1
            self.difference += second - first
            self.absolute += abs(second - first)

    def merged(self, other: Comparison) -> Comparison:
        """Both together."""
        first, second = self.to_json(), other.to_json()
        return Comparison(**{name: first[name] + second[name] for name in first})

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


def merge(tallies: Iterable[Tally]) -> Tally:
    """All of them together; an empty one of none."""
    return reduce(Tally.merged, tallies, Tally())


def _number(outputs: Mapping[str, Any]) -> float | None:
    value = outputs.get("probability", outputs.get("prediction"))
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
