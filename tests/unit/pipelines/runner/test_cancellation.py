from __future__ import annotations

import signal
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

import millwright as mw
from millwright.core.records.pipeline import PipelineRunStatus

STARTED = threading.Event()


@mw.step(cache=False)
def endless() -> int:
    STARTED.set()
    time.sleep(60)
    return 1


@mw.pipeline
def demo() -> None:
    endless()


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_run_that_was_asked_to_stop_is_interrupted_in_its_step(bench: Any, handler: Any) -> None:
    """Also where Ctrl-C is ignored, as in the background jobs of scripts."""
    STARTED.clear()
    before = signal.signal(signal.SIGINT, handler)

    def ask() -> None:
        assert STARTED.wait(30)
        (run,) = bench.stores.pipelines.list_pipeline_runs()
        assert bench.stores.pipelines.request_cancel(run.id, by="ada", at=datetime.now(UTC))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            bench.run(demo)
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
        asking.join()
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    (step,) = bench.stores.pipelines.list_step_runs(run.id)
    assert run.status is PipelineRunStatus.CANCELLED
    assert "cancelled by ada" in str(run.error)
    assert step.status.value == "interrupted"
