"""What the steps of a pipeline run printed and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.errors import MillwrightError, NotFoundError, closest
from millwright.core.ids import PipelineRunId
from millwright.core.plain_text import visible
from millwright.core.records.pipeline import StepStatus
from millwright.server.api.listing import Name
from millwright.server.injection import FromApp
from millwright.server.pages.element import Link, Page, Section
from millwright.server.pages.experiment import Text
from millwright.server.pages.part import LongText
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import asked, route, run_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.storage.catalog import Stores

_STEPS = 100
_OF_ALL = 20_000  # bytes of a step's log among those of others
_OF_ONE = 1_000_000  # bytes of a log that is shown alone


@get("/runs/{run_id:str}/logs", sync_to_thread=True, include_in_schema=False)
def show_run_logs(services: FromApp, run_id: Name, step: Text = "") -> Template:
    """Show what the steps of a run printed and logged, or one of them, with its items."""
    stores = services.stores
    run = stores.pipelines.get_pipeline_run(PipelineRunId(run_id))
    steps = stores.pipelines.list_step_runs(run.id)
    chosen = [each for each in steps if step in {each.step, each.part_of}] if step else steps
    if step and not chosen:
        raise NotFoundError(
            f"Run {run.id[-8:]} has no step '{step}'.", hint=closest(step, [each.step for each in steps])
        )
    told = [each for each in chosen if each.log is not None or each.cached_from is not None]
    most = _OF_ONE if len(told) == 1 else _OF_ALL
    sections = [section for each in told[:_STEPS] if (section := _section(stores, run, each, most)) is not None]
    return show(
        Page(
            title=f"Log of {step}" if step else "Logs",
            place="/runs",
            subtitle=f"{run.pipeline} run …{run.id[-8:]}",
            trail=[Link("Runs", "/runs"), run_link(run.id)],
            sections=sections or [Section(title="Log", text=[_nothing(chosen)])],
        )
    )


def _section(stores: Stores, run: PipelineRunRecord, step: StepRunRecord, most: int) -> Section | None:
    """The end of a step's log; None when a cached step printed nothing when it was executed."""
    title, source = f"{step.step} ({step.status.value})", step
    notes: list[str] = []
    if step.log is None and step.cached_from is not None:
        try:
            source = stores.pipelines.get_step_run(step.cached_from)
        except MillwrightError:  # removed together with its run
            return None
        notes.append(f"Taken from run …{source.pipeline_run_id[-8:]}, in which it printed this.")
    if source.log is None:
        return None
    try:
        size = stores.artifacts.size(source.log) or 0
        data = b"".join(stores.artifacts.read_chunks(source.log, start=max(0, size - most)))
    except MillwrightError:
        return Section(title=title, text=[*notes, "Its log is not in the artifact store any more."])
    if size > most:
        data = data.partition(b"\n")[2] or data
        whole = Link("all of it", asked(route("runs", run.id, "logs"), ("step", step.step)))
        notes.append(f"The end of {size:,} bytes.")
        details = [("More", whole)] if most == _OF_ALL else []
    else:
        details = []
    text = visible(data.decode(errors="replace"))
    return Section(title=title, text=notes, details=details, parts=[LongText(text=text)])


def _nothing(steps: Sequence[StepRunRecord]) -> str:
    if any(step.status is StepStatus.RUNNING for step in steps):
        return "A step that is executing is shown when it has ended; where it executes: mw runs logs RUN --follow."
    return "Nothing was printed or logged."
