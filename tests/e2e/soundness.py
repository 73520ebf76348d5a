"""What must hold of a workspace at every moment, whoever was killed or ran at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.digest import digest_bytes
from millwright.core.records.model import ModelVersionState
from millwright.data.datasets.content_digest import content_digest
from millwright.governance.audit import verify_audit
from millwright.models.package import load_predictor

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.catalog import Stores
    from millwright.workspace.workspace import Workspace

DOCUMENTS = {
    "evaluation.json", "gates.json", "environment.json", "reference.parquet", "report.html", "card.md", "card.html",
}  # fmt: skip


def check_sound(workspace: Workspace) -> None:
    """Every record's bytes are there, and nothing is half-written."""
    stores = workspace.stores
    verified = verify_audit(stores.audit)
    assert verified.ok, verified.problem
    for digest in stores.artifacts.iter():
        assert digest_bytes(stores.artifacts.get(digest)) == digest
    for run in stores.pipelines.list_pipeline_runs(limit=1000):
        for step in stores.pipelines.list_step_runs(run.id):
            for output in step.outputs:
                assert stores.artifacts.exists(output.digest), f"{step.step} of {run.id}"
    for latest in workspace.datasets.list():
        for dataset in workspace.datasets.versions(latest.record.dataset):
            rows = dataset.read()
            assert rows.height == dataset.record.rows, dataset.record.ref
            assert content_digest(rows) == dataset.record.digest, dataset.record.ref
    for version in stores.models.list_versions():
        _check_version(stores, version)
    for alias in stores.models.list_aliases():
        carried = stores.models.get_version(alias.name, alias.version)
        assert carried.state is ModelVersionState.APPROVED, f"{alias.name}@{alias.alias}"


def _check_version(stores: Stores, version: ModelVersionRecord) -> None:
    load_predictor(stores.artifacts.get(version.package))
    assert set(version.documents) == DOCUMENTS, version.ref
    for digest in version.documents.values():
        stores.artifacts.get(digest)
