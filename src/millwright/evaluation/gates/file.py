"""`gates.yaml`: which gates a model must pass.

gates:
  - gate: threshold
    metric: roc_auc
    min: 0.75
  - gate: size
    max_mb: 50
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.evaluation.gates.catalog import gate_names, gate_type
from millwright.evaluation.gates.spec import GateSpec, build_gate
from millwright.evaluation.metrics import regression
from millwright.evaluation.metrics.catalog import MAIN_METRIC
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REGRESSION_METRICS = frozenset(metric.name for metric in regression.METRICS)
_HEADER = """\
# Gates: a model version goes on only when every gate here passes; the reasons are kept with the version.
# Change a limit, remove a gate, or take one of those at the end.
"""


def load_gates(path: str | Path) -> tuple[GateSpec, ...]:
    """The gates of a file.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: It is not a gates file: which entry, what was expected and found.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no gates file '{path}'.", hint="Write one, or leave the gates out.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"The gates file '{path}' cannot be read: {error}.") from error
    return parse_gates(text, origin=file.name)


def parse_gates(text: str, origin: str = "gates.yaml") -> tuple[GateSpec, ...]:
    """The gates of a YAML text.

    Args:
        text: The content of a gates file.
        origin: Its name, for messages.

    Raises:
        InvalidInputError: It is not a gates file: which entry, what was expected and found.
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise InvalidInputError(f"{origin} is not valid YAML: {problem}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("gates"), list):
        unknown = [str(key) for key in content if key != "gates"] if isinstance(content, dict) else []
        hint = closest(unknown[0], ["gates"]) if unknown else "Start from the file that `mw init` writes."
        raise InvalidInputError(f"{origin}: expected a list under the key 'gates', found none.", hint=hint)
    for key in content:
        if key != "gates":
            raise InvalidInputError(f"{origin}: unknown key '{key}'.", hint=closest(str(key), ["gates"]))
    return tuple(_parse_entry(entry, number, origin) for number, entry in enumerate(content["gates"], start=1))


def default_gates(task: Task) -> tuple[GateSpec, ...]:
    """The gates of a project that nobody has set limits for yet: sound, better than nothing, no step back, servable.

    Answers that are tensors have no metric, since nothing says which would be right: nothing is compared then.
    """
    metric = MAIN_METRIC.get(task)
    servable = (GateSpec(gate="latency", params={"p95_ms": 100.0}), GateSpec(gate="size", params={"max_mb": 200.0}))
    if metric is None:
        return (GateSpec(gate="signature"), GateSpec(gate="determinism"), *servable)
    # A margin in the target's unit would need to know the target; R² is the share of its variance that is explained.
    unitless = "r2" if task is Task.REGRESSION else metric
    return (
        GateSpec(gate="signature"),
        GateSpec(gate="determinism"),
        GateSpec(gate="better_than_baseline", params={"metric": unitless, "margin": 0.02}),
        GateSpec(gate="not_worse_than_champion", params={"metric": metric, "confidence": 0.95}),
        *servable,
    )


def dump_gates(specs: Sequence[GateSpec]) -> str:
    """The gates as YAML text with comments for people; `parse_gates` reads it back."""
    lines = [_HEADER + ("gates:" if specs else "gates: []")]
    for spec in specs:
        lines += ["", f"  # {gate_type(spec.gate).about}", *_entry_lines(spec)]
    used = {spec.gate for spec in specs}
    others = [name for name in gate_names() if name not in used]
    if others:
        lines += ["", "# More gates; remove the '# ' to use one:"]
    is_regression = any(spec.params.get("metric") in _REGRESSION_METRICS for spec in specs)
    for name in others:
        kind = gate_type(name)
        example = GateSpec(gate=name, params=_for_regression(kind.example) if is_regression else kind.example)
        lines += ["#", f"#   # {kind.about}", *(f"# {line}" for line in _entry_lines(example))]
    return "\n".join(lines) + "\n"


def _for_regression(example: Mapping[str, Any]) -> Mapping[str, Any]:
    if "metric" not in example:
        return example
    renamed = {"max" if name == "min" else name: value for name, value in example.items()}
    return {**renamed, "metric": "rmse"} | ({"max": 10.0} if "max" in renamed else {})


def _entry_lines(spec: GateSpec) -> list[str]:
    params = {name: list(value) if isinstance(value, tuple) else value for name, value in spec.params.items()}
    text = yaml.safe_dump(
        {"gate": spec.gate, **params}, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10_000
    )
    first, *rest = text.splitlines()
    return [f"  - {first}", *(f"    {line}" for line in rest)]


def _parse_entry(entry: Any, number: int, origin: str) -> GateSpec:
    if not isinstance(entry, dict) or not isinstance(entry.get("gate"), str):
        raise InvalidInputError(
            f"{origin}, gate {number}: expected settings with the key 'gate', found {_shown(entry)}.",
            hint=f"Write, for example: - gate: threshold. {closest('', gate_names())}",
        )
    spec = GateSpec(gate=entry["gate"], params={str(key): value for key, value in entry.items() if key != "gate"})
    try:
        build_gate(spec)
    except InvalidInputError as error:
        raise InvalidInputError(f"{origin}, gate {number}: {error.message}", hint=error.hint) from error
    return spec


def _shown(entry: Any) -> str:
    text = repr(entry)
    return text if len(text) <= 60 else f"{text[:57]}..."
