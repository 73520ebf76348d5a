from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.data.lineage.tree import origins_of
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

D, S, V, F = NodeKind.DATASET, NodeKind.STEP_RUN, NodeKind.VALUE, NodeKind.SOURCE


@pytest.fixture
def linked(stores: Stores) -> str:
    """`late@1`, made of `phases@1` by a step that also read `extra.csv`; `phases@1` was read from a file twice."""
    run = sample.pipeline_run()
    stores.pipelines.create_pipeline_run(run)
    step = sample.step_run(run.id)
    stores.pipelines.put_step_run(step)
    stores.datasets.create_version(sample.dataset_version("phases", rows=7))
    stores.datasets.create_version(
        sample.dataset_version("late", details={"column_lineage": {"late": ["phases@1.days"], "one": []}})
    )
    edges = [
        (F, "s3://x/phases.csv#abc", "read", D, "phases@1"),
        (D, "phases@1", "derived", D, "late@1"),
        (S, str(step.id), "wrote", D, "late@1"),
        (F, "extra.csv#def", "read", S, str(step.id)),
        (V, "0123456789abcdef", "read", S, str(step.id)),
        (D, "phases@1", "wrote", V, "0123456789abcdef"),
        (D, "elsewhere@9", "derived", D, "late@1"),
    ]
    stores.lineage.add(
        [
            LineageEdge(source_kind=a, source_id=b, relation=r, target_kind=c, target_id=d, at=sample.moment(n))
            for n, (a, b, r, c, d) in enumerate(edges)
        ]
    )
    return str(step.id)


def test_tree_shows_runs_code_datasets_files_and_columns(stores: Stores, linked: str) -> None:
    tree = origins_of(stores, "late")
    text = "\n".join(tree.lines())
    assert text.startswith("dataset late@1 (overwrite")
    for part in (
        "late ← phases@1.days",
        "one ← nothing (a constant)",
        "├─ derived ← dataset phases@1 (overwrite, 7 rows",
        "│  └─ read ← source s3://x/phases.csv (abc)",
        "of pipeline run",
        "read ← source extra.csv (def)",
        "wrote ← dataset phases@1 (overwrite, 7 rows",
        "(see above)",
        "ran ← code pipeline.py",
        "└─ derived ← dataset elsewhere@9 (not in this workspace)",
    ):
        assert part in text, text
    assert linked not in text  # steps are named, not numbered


def test_tree_ends_at_its_depth_and_in_cycles(stores: Stores, linked: str) -> None:
    stores.lineage.add(
        [
            LineageEdge(
                source_kind=D, source_id="late@1", relation="x", target_kind=D, target_id="phases@1", at=sample.NOON
            )
        ]
    )
    tree = origins_of(stores, "late@1")
    again = next(o for o in tree.origins[0].origins if o.id == "late@1")
    assert (again.repeated, again.origins) == (True, ())
    shallow = origins_of(stores, "late@1", depth=0)
    assert all(not origin.origins for origin in shallow.origins)
    assert "…" in shallow.origins[0].label


def test_unknown_version_is_an_error(stores: Stores) -> None:
    with pytest.raises(NotFoundError):
        origins_of(stores, "nothing@1")
