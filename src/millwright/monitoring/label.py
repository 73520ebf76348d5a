"""Labels that arrive later, joined to the predictions they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.core.ids import PredictionId, id_time
from millwright.core.records.prediction import LabelRecord
from millwright.models.signature import Signature
from millwright.monitoring.label_time import nearest_after
from millwright.monitoring.label_value import ExpectedLabel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores

_FEW = 64  # ids that are looked up one by one; more are found in one pass over their hours of the log
_AROUND = timedelta(hours=1)  # an id's time and its record's may differ a little
_EXAMPLES = 10
_FOUND: Mapping[str, Any] = {
    "id": pl.String,
    "key": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "model": pl.String,
    "version": pl.Int64,
}
_Target: TypeAlias = tuple[PredictionId, str, int]  # of which model and version


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelResult:
    """What became of a delivery of labels.

    Attributes:
        added: Predictions that have a label now and had none.
        changed: Predictions whose label was replaced by another one.
        unchanged: Predictions that had this label already.
        duplicates: Rows that said again what another row of the delivery said.
        without_label: Rows whose label is empty.
        unknown: Rows whose prediction is not in the endpoint's log.
        unknown_examples: The first ten of them, as given.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    without_label: int = 0
    unknown: int = 0
    unknown_examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """One given row. `number` counts from 1."""

    number: int
    prediction_id: str
    key: str
    value: Any
    observed_at: datetime | None


@dataclass(slots=True)
class _Delivery:
    labels: dict[PredictionId, tuple[_Row, Any]] = field(default_factory=dict)
    duplicates: int = 0
    unknown: list[str] = field(default_factory=list)


class LabelService:
    """Takes labels in.

    Args:
        stores: Prediction log, models and audit log.
        clock: Tells when we were told.
        actor: Who tells us, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._actor = actor

    def add_file(self, endpoint: str, path: str | Path, *, within: timedelta | None = None) -> LabelResult:
        """Add the labels of a CSV file with a header; see `add` for its columns, and for `within`.

        Raises:
            InvalidInputError: No such file, no CSV, or rows as `add` refuses them.
        """
        try:
            table = pl.read_csv(path, infer_schema=False)  # ids and keys stay the text they are
        except FileNotFoundError as error:
            raise InvalidInputError(f"There is no file '{path}'.", hint="Check the path.") from error
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InvalidInputError(
                f"Expected a CSV file with a header, found something else in '{path}' ({error}).",
                hint="Give columns prediction_id (or key), label and, if you like, observed_at.",
            ) from error
        table = table.rename(lambda name: name.strip())
        _check_columns(table.columns)
        return self.add(endpoint, table.to_dicts(), source=str(path), within=within)

    def add(
        self,
        endpoint: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        source: str = "",
        within: timedelta | None = None,
    ) -> LabelResult:
        """Add labels; all rows are checked before any is stored, and giving them again changes nothing.

        Args:
            endpoint: Where the predictions were made.
            rows: Each with `prediction_id` or `key` (the caller's own id of the row; it labels every prediction made
                under it), `label` (class or number; text is read as one), and optionally `observed_at` (ISO 8601, UTC
                without a zone; now when absent). Other names are ignored.
            source: Where they come from, for the record.
            within: How long after a prediction its outcome may be observed. With it, a key and `observed_at` name an
                entity and a time: each prediction under the key gets the nearest label at or after it (`label_time`);
                without it, every one under the key gets it.

        Raises:
            InvalidInputError: A row names no prediction, a label is no class of the model or no number, or two rows
                contradict each other; the message names row, expected and found. Or a key comes without `observed_at`
                where `within` is given.
        """
        given = [_read_row(number, row) for number, row in enumerate(rows, start=1)]
        labelled = [row for row in given if row.value is not None]
        delivery = self._join(endpoint, labelled, within)
        now = self._clock.now()
        present = {label.prediction_id: label.value for label in self._stores.predictions.iter_labels(endpoint)}
        changes = {pid: entry for pid, entry in delivery.labels.items() if present.get(pid) != entry[1]}
        result = LabelResult(
            added=sum(pid not in present for pid in changes),
            changed=sum(pid in present for pid in changes),
            unchanged=len(delivery.labels) - len(changes),
            duplicates=delivery.duplicates,
            without_label=len(given) - len(labelled),
            unknown=len(delivery.unknown),
            unknown_examples=tuple(delivery.unknown[:_EXAMPLES]),
        )
        if changes:
            self._store(endpoint, changes, now, source)
            details = {"added": result.added, "changed": result.changed, "unknown": result.unknown, "source": source}
            self._stores.audit.append(
                at=now, actor=self._actor, action="labels.add", subject=f"endpoint:{endpoint}", details=details
            )
        return result

    def _store(
        self, endpoint: str, changes: Mapping[PredictionId, tuple[_Row, Any]], now: datetime, source: str
    ) -> None:
        self._stores.predictions.append_labels(
            endpoint,
            [
                LabelRecord(
                    prediction_id=pid, value=value, observed_at=row.observed_at or now, recorded_at=now, source=source
                )
                for pid, (row, value) in changes.items()
            ],
        )

    def _join(self, endpoint: str, rows: Sequence[_Row], within: timedelta | None) -> _Delivery:
        named = self._find(endpoint, rows)
        if within is None:
            targets = _by_name(named, rows)
        else:
            timed = [row for row in rows if not row.prediction_id]
            targets = {**_by_name(named, [row for row in rows if row.prediction_id]), **_by_time(named, timed, within)}
        expected: dict[tuple[str, int], ExpectedLabel] = {}
        delivery = _Delivery()
        for row in rows:
            found = targets.get(row.number, ())
            if not found:
                delivery.unknown.append(row.prediction_id or row.key)
            for pid, model, version in found:
                if (model, version) not in expected:
                    record = self._stores.models.get_version(model, version)
                    expected[model, version] = ExpectedLabel(Signature.from_json(record.signature))
                _enter(delivery, pid, row, expected[model, version].read(row.value, row=row.number))
        return delivery

    def _find(self, endpoint: str, rows: Sequence[_Row]) -> pl.DataFrame:
        """The predictions that rows name, by id or by key: `id`, `key`, `at`, `model` and `version` each."""
        ids = {row.prediction_id for row in rows if row.prediction_id}
        keys = {row.key for row in rows if row.key and not row.prediction_id}
        predictions = self._stores.predictions
        times = [] if keys else list(_times(ids))
        if not keys and len(ids) <= _FEW:
            records = [predictions.find(PredictionId(pid)) for pid in ids if times]
            return pl.DataFrame(
                [
                    (record.id, record.key, record.at, record.model, record.version)
                    for record in records
                    if record is not None and record.endpoint == endpoint
                ],
                schema=_FOUND,
                orient="row",
            )
        start, end = (min(times) - _AROUND, max(times) + _AROUND) if times else (None, None)
        if not keys and not times:
            return pl.DataFrame(schema=_FOUND)
        wanted = pl.Series(list(ids), dtype=pl.String).implode(), pl.Series(list(keys), dtype=pl.String).implode()
        found = [
            table.rows.filter(pl.col("id").is_in(wanted[0]) | pl.col("key").is_in(wanted[1])).select(
                "id", "key", "at", pl.lit(table.model).alias("model"), pl.lit(table.version).alias("version")
            )
            for table in predictions.iter_tables(endpoint, start=start, end=end)
        ]
        return pl.concat([pl.DataFrame(schema=_FOUND), *found], how="vertical_relaxed")


def _by_name(found: pl.DataFrame, rows: Sequence[_Row]) -> dict[int, list[_Target]]:
    """Row number → the predictions that it names."""
    by_id: dict[str, list[_Target]] = {}
    by_key: dict[str, list[_Target]] = {}
    for pid, key, model, version in found.select("id", "key", "model", "version").iter_rows():
        by_id[pid] = [(pid, model, version)]
        if key is not None:
            by_key.setdefault(key, []).append((pid, model, version))
    return {
        row.number: by_id.get(row.prediction_id, []) if row.prediction_id else by_key.get(row.key, []) for row in rows
    }


def _by_time(found: pl.DataFrame, rows: Sequence[_Row], within: timedelta) -> dict[int, list[_Target]]:
    """Row number → the predictions that it is the outcome of."""
    for row in rows:
        if row.observed_at is None:
            raise InvalidInputError(
                f"Row {row.number}: expected observed_at beside the key, found none.",
                hint="Say when the outcome was observed, or leave out the time within which it counts.",
            )
    moment = pl.Datetime("us", "UTC")
    labels = pl.DataFrame(
        [(row.key, row.observed_at, row.number) for row in rows],
        schema={"key": pl.String, "observed_at": moment, "row": pl.Int64},
        orient="row",
    )
    matched = nearest_after(labels, found.filter(pl.col("key").is_not_null()), within)
    targets: dict[int, list[_Target]] = {}
    for number, pid, model, version in matched.select("row", "id", "model", "version").iter_rows():
        targets.setdefault(number, []).append((pid, model, version))
    return targets


def _check_columns(names: Sequence[str]) -> None:
    for options in (("prediction_id", "key"), ("label",)):
        if not any(name in names for name in options):
            raise InvalidInputError(
                f"Expected a column {' or '.join(repr(name) for name in options)}, found {', '.join(names) or 'none'}.",
                hint=closest(options[0], names) if closest(options[0], names).startswith("Did") else "Rename it.",
            )


def _times(ids: Iterable[str]) -> Iterator[datetime]:
    for identifier in ids:
        try:
            yield id_time(identifier)
        except ValueError:
            continue  # not one of our ids: it will be reported as unknown


def _read_row(number: int, row: Mapping[str, Any]) -> _Row:
    prediction_id, key = str(row.get("prediction_id") or "").strip(), str(row.get("key") or "").strip()
    value = row.get("label")
    if not prediction_id and not key:
        raise InvalidInputError(
            f"Row {number}: expected a prediction_id or a key, found neither.",
            hint="Each label names its prediction; the server's answers carry the ids.",
        )
    if isinstance(value, str) and not value.strip():
        value = None
    return _Row(number, prediction_id, key, value, _read_moment(number, row.get("observed_at")))


def _read_moment(number: int, value: Any) -> datetime | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        raise InvalidInputError(
            f"Row {number}: expected observed_at in ISO 8601, found {value!r}.",
            hint="Write it as 2026-01-31T14:00:00Z.",
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _enter(delivery: _Delivery, pid: PredictionId, row: _Row, value: Any) -> None:
    """Note a label; of two for one prediction the later observation counts, and equal ones are one."""
    if pid not in delivery.labels:
        delivery.labels[pid] = (row, value)
        return
    earlier, known = delivery.labels[pid]
    delivery.duplicates += 1
    if known == value:
        return
    if earlier.observed_at is None or row.observed_at is None or earlier.observed_at == row.observed_at:
        raise InvalidInputError(
            f"Rows {earlier.number} and {row.number} give prediction {pid} different labels: {known!r} and {value!r}.",
            hint="Keep one of them, or give each its observed_at; the later one then counts.",
        )
    if row.observed_at > earlier.observed_at:
        delivery.labels[pid] = (row, value)
