"""Inputs and outputs of runs in SQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.run_input import DatasetInput, DatasetSummary, ModelInput, ModelOutput, RunLinks
from millwright.storage.backends.sql import driver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from millwright.storage.backends.sql.run_row import RunKey

CONTEXT_TAG = "mlflow.data.context"
_RUNS_IN_ONE_STATEMENT = 500  # far below the 32,766 bound values of SQLite
_DATASET = (
    "INSERT INTO input_datasets (experiment, name, digest, source_type, source, schema, profile) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_READ = (
    "INSERT INTO run_datasets (run, dataset, context, tags) "
    "SELECT ?, seq, ?, ? FROM input_datasets WHERE experiment = ? AND name = ? AND digest = ? ON CONFLICT DO NOTHING"
)
_MODEL = "INSERT INTO run_models (run, is_output, model_id, step) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


def add_datasets(connection: Connection, run: RunKey, datasets: Sequence[DatasetInput]) -> None:
    """Record datasets that a run read; of those with the same name and digest the first one stays."""
    for each in datasets:
        known = (run.experiment, each.name, each.digest)
        driver.run(connection, _DATASET, (*known, each.source_type, each.source, each.schema, each.profile))
        tags = json.dumps(dict(each.tags), separators=(",", ":"), ensure_ascii=False)
        driver.run(connection, _READ, (run.seq, each.tags.get(CONTEXT_TAG), tags, *known))


def add_models(connection: Connection, run: RunKey, models: Sequence[tuple[str, int]], *, is_output: bool) -> None:
    """Record logged models, with their steps, that a run read or made."""
    if models:
        driver.run_many(connection, _MODEL, [(run.seq, is_output, model_id, step) for model_id, step in models])


def links(connection: Connection, run_ids: Sequence[RunId]) -> dict[RunId, RunLinks]:
    """What runs read and made, in the order in which it was recorded."""
    found: dict[RunId, RunLinks] = {}
    for start in range(0, len(run_ids), _RUNS_IN_ONE_STATEMENT):
        found |= _links(connection, run_ids[start : start + _RUNS_IN_ONE_STATEMENT])
    return found


def _links(connection: Connection, run_ids: Sequence[RunId]) -> dict[RunId, RunLinks]:
    datasets: dict[str, list[DatasetInput]] = {run_id: [] for run_id in run_ids}
    models: dict[str, list[ModelInput]] = {run_id: [] for run_id in run_ids}
    outputs: dict[str, list[ModelOutput]] = {run_id: [] for run_id in run_ids}
    marks = driver.marks(len(run_ids))
    for run_id, name, digest, source_type, source, schema, profile, tags in driver.run(
        connection,
        "SELECT r.id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile, i.tags FROM runs r "  # noqa: S608
        "JOIN run_datasets i ON i.run = r.seq JOIN input_datasets d ON d.seq = i.dataset "
        f"WHERE r.id IN ({marks}) ORDER BY i.seq",
        run_ids,
    ):
        datasets[run_id].append(
            DatasetInput(
                name=name,
                digest=digest,
                source_type=source_type,
                source=source,
                schema=schema,
                profile=profile,
                tags=json.loads(tags),
            )
        )
    for run_id, is_output, model_id, step in driver.run(
        connection,
        "SELECT r.id, m.is_output, m.model_id, m.step FROM runs r JOIN run_models m ON m.run = r.seq "  # noqa: S608
        f"WHERE r.id IN ({marks}) ORDER BY m.seq",
        run_ids,
    ):
        if is_output:
            outputs[run_id].append(ModelOutput(model_id=model_id, step=step))
        else:
            models[run_id].append(ModelInput(model_id=model_id))
    return {
        run_id: RunLinks(datasets=tuple(datasets[run_id]), models=tuple(models[run_id]), outputs=tuple(outputs[run_id]))
        for run_id in run_ids
    }


def summaries(connection: Connection, experiment_ids: Sequence[ExperimentId], limit: int) -> list[DatasetSummary]:
    """Datasets that runs of experiments read, each once for every context."""
    if not experiment_ids:
        return []
    rows = driver.run(
        connection,
        "SELECT DISTINCT e.id, d.name, d.digest, i.context FROM experiments e "  # noqa: S608 - constants
        "JOIN input_datasets d ON d.experiment = e.seq JOIN run_datasets i ON i.dataset = d.seq "
        f"WHERE e.id IN ({driver.marks(len(experiment_ids))}) ORDER BY e.id, d.name, d.digest, i.context LIMIT ?",
        (*experiment_ids, limit),
    )
    return [
        DatasetSummary(experiment_id=ExperimentId(experiment_id), name=name, digest=digest, context=context)
        for experiment_id, name, digest, context in rows
    ]
