"""Trains a version again from its record, through whoever can, and says what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np
import polars as pl

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, MillwrightError
from millwright.core.records.code import EnvironmentRecord
from millwright.governance.evidence import shown
from millwright.models.package import PackageLoader, read_manifest
from millwright.monitoring.monitored_column import output_frame
from millwright.monitoring.reference import DOCUMENT, load_reference
from millwright.tracking.environment import capture_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.model import Model
    from millwright.monitoring.reference import ReferencePart
    from millwright.storage.catalog import Stores

ENVIRONMENT_DOCUMENT = "environment.json"
# What a version's parameters say of its features is of its training set, and not of the training that is repeated.
_BESIDE_TRAINING = {"feature_service", "feature_lookup"}
_EQUAL = 1e-9  # predictions that differ by less are the same model summed in another order


class Retrain(Protocol):
    """Trains a version again from its record alone; the workspace provides one."""

    def __call__(self, version: ModelVersionRecord) -> bytes:
        """The new package's bytes."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that is not as it was.

    Attributes:
        what: A hyperparameter's or package's name, `python`, ….
        recorded: What it was; `-` when it was not there.
        now: What it is; `-` when it is not there.
    """

    what: str
    recorded: str
    now: str

    def __str__(self) -> str:
        return f"{self.what}: {self.recorded} → {self.now}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reproduction:
    """What training again gave.

    Attributes:
        ref: The version.
        same: Whether it is the same model: equal bytes, or equal hyperparameters and predictions.
        identical: Whether the packages are equal to the byte.
        recorded_package: Digest of the recorded package.
        package: Digest of the new one.
        params: Hyperparameters that differ.
        rows: Recorded reference rows that were predicted again.
        max_difference: Largest absolute difference of a probability or predicted number; None without rows.
        changed_classes: Rows whose predicted class differs (or whose predicted number is no number on one side).
        environment: What of the interpreter, machine and packages differs now.
        notes: What could not be compared, in sentences.
    """

    ref: str
    same: bool
    identical: bool
    recorded_package: str
    package: str
    params: tuple[Difference, ...] = ()
    rows: int = 0
    max_difference: float | None = None
    changed_classes: int = 0
    environment: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()

    def to_text(self) -> Iterator[str]:
        """Lines for the terminal."""
        verdict = "identical to the byte" if self.identical else "the same model" if self.same else "DIFFERENT"
        yield f"{self.ref} trained again from its record: {verdict}"
        yield f"  package {self.recorded_package[:16]} recorded, {self.package[:16]} now"
        if self.max_difference is not None:
            yield (
                f"  {self.rows:,} reference rows predicted again: largest difference {self.max_difference:.3g}, "
                f"{self.changed_classes:,} changed classes"
            )
        yield from (f"  hyperparameter {difference}" for difference in self.params)
        if self.environment:
            yield f"  {len(self.environment)} differences of the environment"
            yield from (f"    {difference}" for difference in self.environment)
        yield from (f"  {note}" for note in self.notes)


def reproduce(
    version: ModelVersionRecord,
    *,
    stores: Stores,
    retrain: Retrain,
    environment: EnvironmentRecord | None = None,
    loader: PackageLoader | None = None,
) -> Reproduction:
    """Train a version again and compare package, hyperparameters and predictions.

    Args:
        version: Which one.
        stores: Where its record is.
        retrain: Trains from the record.
        environment: Where it is trained now; this process's when None.
        loader: Says whether a model that is Python code may be loaded; it may not when None.

    Raises:
        MillwrightError: Training again is not possible; see who provides it.
    """
    recorded = version.stored_package()
    data = retrain(version)
    digest = digest_bytes(data)
    identical = digest == recorded
    notes: list[str] = []
    trained = {name: value for name, value in version.params.items() if name not in _BESIDE_TRAINING}
    params = compare_params(trained, read_manifest(data).get("training") or {})
    rows, largest, changed = _compare_predictions(version, (loader or PackageLoader()).model(data), stores, notes)
    same = identical or (not params and largest is not None and largest <= _EQUAL and not changed)
    return Reproduction(
        ref=version.ref,
        same=same,
        identical=identical,
        recorded_package=recorded,
        package=digest,
        params=params,
        rows=rows,
        max_difference=largest,
        changed_classes=changed,
        environment=_compare_environments(version, environment or capture_environment(), stores, notes),
        notes=tuple(notes),
    )


def compare_params(recorded: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> tuple[Difference, ...]:
    """What differs between two nested JSON objects, as far as the recorded one goes; by name."""
    found: list[Difference] = []
    for name, value in recorded.items():
        other = now.get(name)
        if isinstance(value, dict) and isinstance(other, dict):
            found.extend(compare_params({**dict.fromkeys(other), **value}, other, f"{prefix}{name}."))
        elif value != other:
            found.append(Difference(what=f"{prefix}{name}", recorded=shown(value), now=shown(other)))
    return tuple(found)


def compare_environments(recorded: EnvironmentRecord, now: EnvironmentRecord) -> tuple[Difference, ...]:
    """What differs between two environments: interpreter, machine, then packages by name."""
    found = [
        Difference(what=name, recorded=getattr(recorded, name), now=getattr(now, name))
        for name in ("python", "platform", "millwright")
        if getattr(recorded, name) != getattr(now, name)
    ]
    before, after = (dict(_pair(package) for package in each.packages) for each in (recorded, now))
    found += [
        Difference(what=name, recorded=before.get(name, "-"), now=after.get(name, "-"))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    return tuple(found)


def _pair(package: str) -> tuple[str, str]:
    name, _, version = package.partition("==")
    return name, version


def _compare_predictions(
    version: ModelVersionRecord, model: Model, stores: Stores, notes: list[str]
) -> tuple[int, float | None, int]:
    """Rows, largest absolute difference and changed classes, against the answers that the reference holds."""
    digest = version.documents.get(DOCUMENT)
    if digest is None:
        notes.append(f"{version.ref} has no document '{DOCUMENT}', so its predictions could not be compared.")
        return 0, None, 0
    try:
        reference = load_reference(stores.artifacts.get(digest))
        parts = [part for part in (reference.training, reference.held_out) if part is not None]
        compared = [_compare_part(part, model) for part in parts]
    except MillwrightError as error:
        notes.append(f"Predictions could not be compared: {error}")
        return 0, None, 0
    return sum(part.inputs.height for part in parts), max(d for d, _ in compared), sum(c for _, c in compared)


def _compare_part(part: ReferencePart, model: Model) -> tuple[float, int]:
    again = output_frame(model.predict(part.inputs).to_dicts(), model.signature)
    if again.schema != part.outputs.schema:
        raise InvalidInputError(
            f"Expected the answers {', '.join(part.outputs.columns)}, found {', '.join(again.columns)}."
        )
    largest, changed = 0.0, 0
    for series in part.outputs:
        other = again.get_column(series.name)
        if series.dtype == pl.String:
            changed += int(series.ne_missing(other).sum())
            continue
        differences = np.abs(series.to_numpy() - other.to_numpy())
        known = np.isfinite(differences)
        largest = max(largest, float(differences[known].max(initial=0.0)))
        changed += int((~known).sum())
    return largest, changed


def _compare_environments(
    version: ModelVersionRecord, now: EnvironmentRecord, stores: Stores, notes: list[str]
) -> tuple[Difference, ...]:
    digest = version.documents.get(ENVIRONMENT_DOCUMENT)
    if digest is None:
        notes.append(f"{version.ref} has no document '{ENVIRONMENT_DOCUMENT}', so environments could not be compared.")
        return ()
    try:
        recorded = msgspec.json.decode(stores.artifacts.get(digest), type=EnvironmentRecord)
    except (MillwrightError, msgspec.MsgspecError) as error:
        notes.append(f"The recorded environment cannot be read: {error}")
        return ()
    return compare_environments(recorded, now)
