"""Earlier model: what a training goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.models.model import Model
from millwright.models.package import PackageLoader
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.registry import Registry
from millwright.storage.catalog import Stores

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord

EARLIER = "earlier_version"


@step(cache=False)
def earlier_model(ctx: StepContext, version: str = "") -> Model | None:
    """The model of a version, for a training step that goes on from it: `model.native()` is the library's own object.

    LightGBM takes it as `init_model`, XGBoost as `xgb_model`; scikit-learn's estimators with `warm_start` or
    `partial_fit` are trained on themselves, and a PyTorch module takes it by `load_state_dict`. Never cached itself,
    since an alias may name another version by now; the steps behind it are cached by the model that they are given.

    Args:
        ctx: Given by the runner.
        version: `name@version`, `name@alias`, or a name for its champion; empty for a training from nothing. A
            retraining gives the champion to the parameter that `warm_start` names.

    Returns:
        None for an empty version.

    Raises:
        NotFoundError: There is no such version.
        MissingExtraError: The flavor's library is not installed.
    """
    if not version:
        return None
    found = ctx.service(Registry).resolve(version)
    ctx.note(**{EARLIER: found.ref})  # not `version`, which is what a run made or found
    ctx.lineage(read_edge(ctx, found))
    return ctx.service(PackageLoader).model(ctx.service(Stores).artifacts.get(found.stored_package()))


def read_edge(ctx: StepContext, version: ModelVersionRecord) -> LineageEdge:
    """That a step read a version."""
    return LineageEdge(
        source_kind=NodeKind.MODEL_VERSION,
        source_id=version.ref,
        relation="read",
        target_kind=NodeKind.STEP_RUN,
        target_id=str(ctx.step_run_id),
        at=ctx.clock.now(),
    )
