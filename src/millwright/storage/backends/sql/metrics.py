"""Reads histories and summaries of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.ids import RunId
from millwright.core.records.run import MetricPoint, MetricSummary
from millwright.core.records.search import Page
from millwright.storage.backends.sql import driver, run_row
from millwright.storage.backends.sql.moment import moment
from millwright.storage.backends.sql.sampling import sample
from millwright.storage.backends.sql.token import read_token, write_token
from millwright.storage.base.metrics import MetricStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from millwright.storage.backends.sql.database import Database
    from millwright.storage.base.metrics import RawPoint

_NAN = float("nan")
_METRIC = "SELECT seq FROM metrics WHERE run = ? AND key = ?"
_POINTS = "SELECT step, at, value, is_nan FROM metric_points WHERE metric = ?"
_AFTER = " AND (step, at, value, is_nan) > (?, ?, ?, ?)"
_ORDER = " ORDER BY step, at, value, is_nan"


class SqlMetricStore(MetricStore):
    """See `MetricStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def history(
        self, run_id: RunId, key: str, *, limit: int | None = None, after: str | None = None
    ) -> Page[MetricPoint]:
        """See `MetricStore.history`."""
        rows, token = self._rows(run_id, key, limit, after)
        return Page(
            items=tuple(
                MetricPoint(key=key, value=_NAN if is_nan else value, step=step, at=moment(at))
                for step, at, value, is_nan in rows
            ),
            next_token=token,
        )

    def history_raw(
        self, run_id: RunId, key: str, *, limit: int | None = None, after: str | None = None
    ) -> Page[RawPoint]:
        """See `MetricStore.history_raw`."""
        rows, token = self._rows(run_id, key, limit, after)
        items = tuple([(_NAN if is_nan else value, at // 1000, step) for step, at, value, is_nan in rows])
        return Page(items=items, next_token=token)

    def _rows(self, run_id: RunId, key: str, limit: int | None, after: str | None) -> tuple[list[Any], str | None]:
        asked = ("history", run_id, key)
        with self._database.read() as connection:
            run = run_row.find(connection, run_id)
            metric = driver.run(connection, _METRIC, (run.seq, key)).fetchone()
            if metric is None:
                return [], None
            statement, values = _POINTS, list(metric)
            if after is not None:
                statement += _AFTER
                values += read_token(after, asked, 4)
                values[-1] = bool(values[-1])
            statement += _ORDER
            if limit is None:
                return driver.run(connection, statement, values).fetchall(), None
            rows = driver.run(connection, f"{statement} LIMIT ?", (*values, limit + 1)).fetchall()
        if len(rows) <= limit:
            return rows, None
        rows = rows[:limit]
        return rows, write_token(asked, list(rows[-1])) if rows else None

    def sampled(
        self,
        run_ids: Sequence[RunId],
        key: str,
        *,
        points: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> Mapping[RunId, list[MetricPoint]]:
        """See `MetricStore.sampled`."""
        found: dict[RunId, list[MetricPoint]] = {}
        with self._database.read() as connection:
            for run_id in dict.fromkeys(run_ids):
                metric = driver.run(
                    connection,
                    "SELECT m.seq FROM metrics m JOIN runs r ON r.seq = m.run WHERE r.id = ? AND m.key = ?",
                    (run_id, key),
                ).fetchone()
                if metric is not None:
                    rows = sample(connection, metric[0], max(points, 4), start_step, end_step)
                    found[run_id] = [
                        MetricPoint(key=key, value=_NAN if is_nan else value, step=step, at=moment(at))
                        for step, at, value, is_nan in rows
                    ]
        return found

    def summaries(self, run_id: RunId) -> list[MetricSummary]:
        """See `MetricStore.summaries`."""
        statement = (
            "SELECT key, step, at, value, is_nan, count, minimum, maximum FROM metrics WHERE run = ? ORDER BY key"
        )
        with self._database.read() as connection:
            run = run_row.find(connection, run_id)
            rows = driver.run(connection, statement, (run.seq,)).fetchall()
        return [
            MetricSummary(
                key=key,
                count=count,
                last=MetricPoint(key=key, value=_NAN if is_nan else value, step=step, at=moment(at)),
                minimum=low,
                maximum=high,
            )
            for key, step, at, value, is_nan, count, low, high in rows
        ]

    def of_models(self, model_ids: Sequence[str]) -> Mapping[str, list[tuple[RunId, MetricPoint]]]:
        """See `MetricStore.of_models`."""
        found: dict[str, list[tuple[RunId, MetricPoint]]] = {model_id: [] for model_id in model_ids}
        if found:
            with self._database.read() as connection:
                for run_id, point in _of_models(connection, list(found)):
                    found[point.model_id or ""].append((run_id, point))
        return found


def _of_models(connection: Connection, model_ids: Sequence[str]) -> list[tuple[RunId, MetricPoint]]:
    rows = driver.run(
        connection,
        "SELECT r.id, m.model_id, m.key, m.step, m.at, m.value, m.is_nan, m.dataset_name, m.dataset_digest "  # noqa: S608
        "FROM logged_model_metrics m JOIN runs r ON r.seq = m.run "
        f"WHERE m.model_id IN ({driver.marks(len(model_ids))}) ORDER BY m.model_id, m.key, m.step, m.at",
        model_ids,
    )
    return [
        (
            RunId(run_id),
            MetricPoint(
                key=key,
                value=_NAN if is_nan else value,
                step=step,
                at=moment(at),
                model_id=model_id,
                dataset_name=name,
                dataset_digest=digest,
            ),
        )
        for run_id, model_id, key, step, at, value, is_nan, name, digest in rows
    ]
