"""Gates: may this model go on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from millwright.core.digest import digest_bytes
from millwright.evaluation.gates.check import check_gates as check
from millwright.evaluation.gates.file import load_gates
from millwright.evaluation.gates.result import GateReport
from millwright.evaluation.gates.subject import GateSubject
from millwright.evaluation.report import EvaluationReport
from millwright.models.package import PackageLoader
from millwright.pipelines.annotations import External
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.steps.champion import CHAMPION, find_version
from millwright.storage.catalog import Stores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.model import ModelVersionRecord


def present_champion(ctx: StepContext, params: Mapping[str, Any]) -> str:
    """What the result depends on besides its inputs: which version is champion now."""
    version = find_version(ctx, str(params["name"]), CHAMPION)
    return version.package or "" if version is not None else ""


@step(state=present_champion)
def check_gates(
    ctx: StepContext,
    package: bytes,
    report: EvaluationReport,
    test: pl.DataFrame,
    name: str,
    gates: Annotated[str, External()],
) -> GateReport:
    """Check a packaged model against the gates of a file, and against the present champion on the same test rows.

    Args:
        ctx: Given by the runner.
        package: The packaged model.
        report: Its evaluation on `test`.
        test: The test rows, with the target.
        name: The registered model whose champion it must not be worse than.
        gates: The gates' YAML file.

    Returns:
        Every gate's result; a gate that fails doesn't stop the run: the version is registered as rejected.
    """
    champion = find_version(ctx, name, CHAMPION)
    challenger = ctx.service(PackageLoader).predictor(package)
    target = challenger.signature.target
    subject = GateSubject(
        challenger=challenger,
        report=report,
        test=test.filter(pl.col(target).is_not_null()),
        champion=_predictor(ctx, champion),
        champion_ref=champion.ref if champion else None,
        package_size_bytes=len(package),
        challenger_package=digest_bytes(package),
        champion_package=champion.package or "" if champion else "",
    )
    result = check(load_gates(gates), subject)
    failed = [found.gate for found in result.results if not found.passed]
    ctx.note(passed=result.passed, gates=len(result.results), failed=failed, champion=subject.champion_ref)
    return result


def _predictor(ctx: StepContext, champion: ModelVersionRecord | None) -> Any:
    if champion is None:
        return None
    return ctx.service(PackageLoader).predictor(ctx.service(Stores).artifacts.get(champion.stored_package()))
