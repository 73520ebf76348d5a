"""What differs between two versions: parameters, metrics, data, features, code and predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError
from millwright.governance.evidence import shown
from millwright.governance.reproduce import Difference, compare_params
from millwright.models.package import unpack
from millwright.monitoring.reference import DOCUMENT, load_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.catalog import Stores

_ROWS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two versions side by side; in each difference `recorded` is the first one's value and `now` the second one's.

    Attributes:
        first: `name@version`.
        second: `name@version`.
        rows: Recorded rows that both predicted; 0 when that was not possible.
        changed_predictions: Rows whose predicted class or number differs.
        notes: What could not be compared, in sentences.
    """

    first: str
    second: str
    same_package: bool
    params: tuple[Difference, ...] = ()
    metrics: tuple[Difference, ...] = ()
    datasets: tuple[Difference, ...] = ()
    features: tuple[Difference, ...] = ()
    code: tuple[Difference, ...] = ()
    rows: int = 0
    changed_predictions: int = 0
    notes: tuple[str, ...] = ()

    def to_text(self) -> Iterator[str]:
        """Lines for the terminal."""
        yield f"{self.first} → {self.second}: {'the same package' if self.same_package else 'different packages'}"
        for what in ("params", "metrics", "datasets", "features", "code"):
            differences: tuple[Difference, ...] = getattr(self, what)
            yield f"  {what}: {f'{len(differences)} differ' if differences else 'the same'}"
            yield from (f"    {difference}" for difference in differences)
        if self.rows:
            yield f"  predictions: {self.changed_predictions:,} of {self.rows:,} recorded rows differ"
        yield from (f"  {note}" for note in self.notes)


def compare_versions(first: ModelVersionRecord, second: ModelVersionRecord, *, stores: Stores) -> Comparison:
    """Compare two versions, of one model or of two.

    Args:
        first: The one to start from.
        second: The one to compare it with.
        stores: Where packages and references are.
    """
    notes: list[str] = []
    rows, changed = _predictions(first, second, stores, notes)
    return Comparison(
        first=first.ref,
        second=second.ref,
        same_package=first.package is not None and first.package == second.package,
        params=_differences(_params(first, stores), _params(second, stores)),
        metrics=_differences(first.metrics, second.metrics),
        datasets=_differences(_datasets(first), _datasets(second)),
        features=_differences(_features(first), _features(second)),
        code=_differences(_code(first), _code(second)),
        rows=rows,
        changed_predictions=changed,
        notes=tuple(notes),
    )


def _differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Difference, ...]:
    known = compare_params(first, second)
    added = [Difference(what=name, recorded="-", now=shown(second[name])) for name in sorted(set(second) - set(first))]
    return (*known, *added)


def _params(version: ModelVersionRecord, stores: Stores) -> Mapping[str, Any]:
    if version.params or version.run_id is None:
        return version.params
    try:  # a version by source has none of its own: its run does
        return stores.runs.get_run(version.run_id).params
    except MillwrightError:
        return {}


def _datasets(version: ModelVersionRecord) -> dict[str, str]:
    return {name: number for name, _, number in (ref.rpartition("@") for ref in version.datasets)}


def _features(version: ModelVersionRecord) -> dict[str, Any]:
    columns = version.signature.get("inputs") or ()
    return {str(column.get("name")): column for column in columns if isinstance(column, dict)}


def _code(version: ModelVersionRecord) -> dict[str, Any]:
    code = version.code
    if code is None:
        return {}
    return {"commit": code.git_commit, "entrypoint": code.entrypoint, "source": code.source_digest}


def _predictions(
    first: ModelVersionRecord, second: ModelVersionRecord, stores: Stores, notes: list[str]
) -> tuple[int, int]:
    digest = first.documents.get(DOCUMENT) or second.documents.get(DOCUMENT)
    if digest is None or first.package is None or second.package is None:
        notes.append("Predictions were not compared: that needs two packages and a recorded sample.")
        return 0, 0
    try:
        reference = load_reference(stores.artifacts.get(digest))
        part = reference.held_out or reference.training
        if part is None:
            return 0, 0
        rows = part.inputs.head(_ROWS)
        answers = [
            unpack(stores.artifacts.get(version.stored_package())).predict(rows).to_dicts()
            for version in (first, second)
        ]
    except MillwrightError as error:
        notes.append(f"Predictions could not be compared: {error}")
        return 0, 0
    return rows.height, sum(one != other for one, other in zip(*answers, strict=True))
