"""A pipeline as it is queued, scheduled or registered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.records.schedule import LaunchTarget
from millwright.pipelines.source import load_pipeline, snapshot_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.pipelines.pipeline import Pipeline
    from millwright.storage.base import ArtifactStore


def launch_target(
    text: str,
    params: Mapping[str, Any],
    *,
    artifacts: ArtifactStore,
    loaded: Pipeline | None = None,
    priority: int = 0,
) -> LaunchTarget:
    """What is run, so that a worker can do it: whole paths, with the code kept for machines that lack the file.

    Args:
        text: As people write it: `file.py`, `file.py:name`, a folder, or `package.module:name`.
        params: The pipeline's parameters, JSON values; those with defaults may be left out.
        artifacts: Where the code is kept.
        loaded: The pipeline, when it was loaded already.
        priority: Of requests.

    Raises:
        NotFoundError: There is no such file, module or pipeline.
        InvalidInputError: A parameter is missing, unknown or wrong.
        PipelineDefinitionError: The pipeline's graph is wrong.
    """
    pipeline = loaded or load_pipeline(text)
    pipeline.bind(params)  # what is wrong is told now, and not by night
    place = _place(text)
    name = pipeline.name if not set(pipeline.name) & set("/\\:") else pipeline.function.__name__
    file = pipeline.source_file
    code = snapshot_code(file, pipeline.function.__name__, artifacts) if Path(place).is_absolute() else None
    return LaunchTarget(
        name=pipeline.name,
        pipeline=f"{place}:{name}",
        project_dir=str(Path.cwd()),
        params=dict(params),
        priority=priority,
        code=code,
    )


def _place(text: str) -> str:
    """The whole path of a file; a module as it is."""
    head, colon, tail = text.rpartition(":")
    named = bool(colon and head and tail) and not set(tail) & {"/", "\\"}
    place = Path(head if named else text).expanduser()
    if place.is_dir():
        place /= "pipeline.py"
    return str(place.resolve()) if place.is_file() else str(head if named else text)
