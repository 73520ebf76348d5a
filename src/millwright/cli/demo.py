"""`mw demo`: the closed loop, once around."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.file import shown_path
from millwright.cli.option import AsJson

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.demo.loop import DemoResult
    from millwright.demo.stage import Stage


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    *,
    first: Annotated[
        str,
        typer.Option(
            help="First snapshot of a programme, or of the public example; a programme is generated when left out."
        ),
    ] = "",
    second: Annotated[str, typer.Option(help="Second snapshot, taken later.")] = "",
    folder: Annotated[
        str, typer.Option(help="Where everything goes; an earlier demonstration there is replaced.")
    ] = "millwright-demo",
    seed: Annotated[int, typer.Option(help="Seed of the generated programme.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Go once around the loop: train, gate, serve, drift, retrain, swap, and prove it all."""
    from millwright.cli.console import Output
    from millwright.cli.step_line import print_step
    from millwright.demo.loop import DemoRequest, run_demo

    out = Output(as_json=as_json)
    request = DemoRequest(folder=Path(folder), first=first, second=second, seed=seed)
    result = run_demo(
        request,
        progress=out.progress,
        on_stage=lambda stage: _print_stage(out, stage),
        on_step=lambda record: print_step(out, record),
    )
    _print_result(out, result, Path(folder))
    out.json(_document(result))


def _print_stage(out: Output, stage: Stage) -> None:
    if stage.seconds is None:
        out.line((f"\n▸ {stage.name}", "bold cyan"))
    else:
        out.line(f"  {stage.what} ", (f"({stage.seconds:.1f} s)", "dim"))


def _print_result(out: Output, result: DemoResult, folder: Path) -> None:
    out.line()
    out.table(
        ["stage", "what happened", "seconds"], [[s.name, s.what, round(s.seconds or 0, 1)] for s in result.stages]
    )
    decision = result.findings.decision
    if decision is None:
        out.line("No alert was raised, so nothing was retrained; the champion stays.")
    else:
        versions = f"Challenger {decision.challenger}, champion before {decision.champion}."
        out.line("Decision: ", (decision.outcome.value, "bold"), f". {versions}")
        out.items(decision.reasons)
    facts = f"  ({result.seconds:.0f} s in all, peak memory {result.peak_mb:,.0f} MB)"
    out.line("\nReport: ", (shown_path(result.page), "bold"), facts)
    out.next(
        *_activation(),
        f"cd {folder}",
        f"mw why {result.findings.prediction_id}",
        "mw models list",
        "mw serve schedule-delay@champion",
        "mw fit YOUR.csv --target COLUMN",
    )


def _activation() -> list[str]:
    """How the shell finds `mw`, when it does not: `make demo` runs it from a virtual environment nobody has entered."""
    script = Path(sys.executable).parent / "activate"
    return [] if which("mw") or not script.is_file() else [f". {quote(os.path.relpath(script))}"]


def _document(result: DemoResult) -> dict[str, Any]:
    """The result without what only makes sense in this process."""
    found = result.findings
    return {
        "stages": result.stages,
        "decision": found.decision,
        "report": found.report,
        "alerts": found.alerts,
        "prediction_id": found.prediction_id,
        "answered": found.answered,
        "failed_requests": found.failed_requests,
        "audit_entries": found.audit_entries,
        "page": result.page,
        "seconds": result.seconds,
        "peak_mb": result.peak_mb,
    }
