"""Pipelines: typed steps, a static graph, content-addressed caching, and a runner that loses nothing.

Path of a run (7 hops to the first store write): `Pipeline.bind` (parameters, graph, mistakes) → `PipelineRunner.run`
(checks, fingerprints, the run's record) → `StepRun.execute` (key, cache, lease) → `attempt` (your function, retries) →
`ValueShelf.store` (serializer, artifact store) → `Journal.complete` (step run, lineage and lease in one transaction).

- `step`, `pipeline`, `annotations`, `context`: what a user writes.
- `graph`: what that becomes before anything runs.
- `fingerprint`: which code a step depends on, as a digest.
- `serializers`: how values are stored.
- `runner`: executes graphs. `source`: loads pipelines from files and keeps their code.
"""

from __future__ import annotations

from millwright.pipelines.annotations import External, Resources
from millwright.pipelines.context import StepContext
from millwright.pipelines.pipeline import Pipeline, pipeline
from millwright.pipelines.step import Step, step

__all__ = ["External", "Pipeline", "Resources", "Step", "StepContext", "pipeline", "step"]
