"""From a contract's request to its answer: the one path that every protocol goes."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError, ServiceUnavailableError
from millwright.core.ids import PredictionId, new_ids
from millwright.deployment.realtime.contract import Contract
from millwright.deployment.realtime.explaining import Explained, explained_contract, explanations
from millwright.deployment.realtime.log_rows import LogRows
from millwright.deployment.realtime.log_table import LogTable
from millwright.deployment.realtime.prediction import Prediction, check_keys
from millwright.deployment.realtime.row_table import LEAST_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor, Future
    from datetime import datetime

    import polars as pl

    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.contract import Ask
    from millwright.deployment.realtime.route import Handler
    from millwright.deployment.realtime.serving_state import ServingState

logger = logging.getLogger(__name__)

# Bodies beyond this size (some hundred rows) are answered in a thread, so that they don't hold up single rows.
INLINE_BYTES = 32 << 10


class InferencePath:
    """Reads what a call asks for, adds features, checks, predicts, notes what the log keeps, and writes the answer.

    Args:
        state: What the process serves.
        durable: Answer only when the prediction log has acknowledged.
        executor: Runs calls that would hold up others; the event loop's own when None.
    """

    def __init__(self, state: ServingState, *, durable: bool = False, executor: Executor | None = None) -> None:
        self._state = state
        self.durable = durable
        self._executor = executor
        # One at a time, and in no thread that predictions wait for: an explanation may cost a thousand of them.
        self._explaining = ThreadPoolExecutor(1, thread_name_prefix="explain")

    async def answer(self, handler: Handler, call: Call) -> Answer:
        """Answer a call, in the event loop where that is quick, and log what was predicted.

        Raises:
            MillwrightError: It cannot be answered.
        """
        contract = explained_contract(handler, call.query)
        if contract is not None:
            answer = await asyncio.get_running_loop().run_in_executor(self._explaining, self.explain, contract, call)
        # What predicts nothing is quick whatever the model is: probes must not wait for threads that predict.
        elif len(call.body) <= INLINE_BYTES and (call.served.is_quick or not isinstance(handler, Contract)):
            answer = self.run(handler, call)
        else:
            answer = await self._run_later(handler, call)
        if answer.prediction is not None:
            written = self.keep(answer.prediction)
            if written is not None:
                await _acknowledged(written, answer.prediction)
        return answer

    def close(self) -> None:
        """The process ends: explanations that have not begun are given up."""
        self._explaining.shutdown(wait=False, cancel_futures=True)

    def run(self, handler: Handler, call: Call) -> Answer:
        """Answer a call in this thread; nothing is logged yet.

        Raises:
            MillwrightError: It cannot be answered.
        """
        try:
            if isinstance(handler, Contract):
                return self._predicted(handler, call, is_explained=False)
            if isinstance(handler, Explained):
                return self._predicted(handler.contract, call, is_explained=True)
            return handler(call)
        except MillwrightError:
            raise
        except Exception as error:
            logger.exception("Answering request %s failed", call.request_id)
            raise _bug(call) from error

    def explain(self, contract: Contract, call: Call) -> Answer:
        """Answer a call with explanations, in this thread; nothing is logged yet.

        Raises:
            MillwrightError: It cannot be answered.
        """
        return self.run(Explained(contract), call)

    def _predicted(self, contract: Contract, call: Call, *, is_explained: bool) -> Answer:
        ask = contract.read(call)
        # An explanation and a mirror want rows.
        if len(ask.rows) != 1 and not is_explained and call.lineup.mirror is None:
            table = _table(call, ask)
            if table is not None:
                return contract.write(call, ask, self._tabled(call, table, ask.keys))
        rows, keys = _checked(call, ask)
        # Before anything is noted, since an explanation may be refused.
        explained = explanations(call.served, rows) if is_explained else None
        prediction = self._named(call, rows, call.served.predictor.predict_rows(rows), keys)
        prediction.explanations = explained
        return contract.write(call, ask, prediction)

    def _tabled(self, call: Call, table: pl.DataFrame, given_keys: Any) -> Prediction:
        """Predict a table that fits the signature, name each prediction, and note what the log keeps of it."""
        served, rows = call.served, table.height
        keys = None if given_keys is None else check_keys(given_keys, rows)
        outputs = served.predictor.predict_frame(table)
        at = self._state.clock.now()
        prediction = Prediction(served, [], new_ids(rows, int(at.timestamp() * 1e3)), outputs)
        if self._state.log is not None:
            source = served.log_sources[call.slot.endpoint]
            prediction.logged = LogTable(
                source,
                (prediction.ids, table, outputs),
                at_s=at.timestamp(),
                seconds=perf_counter() - call.received,
                request_id=call.request_id,
                keys=keys,
                size=rows * source.size(len(call.body) // rows),
            )
        return prediction

    async def _run_later(self, handler: Handler, call: Call) -> Answer:
        batcher = call.served.batcher
        loop = asyncio.get_running_loop()
        if batcher is None or not isinstance(handler, Contract) or len(call.body) > INLINE_BYTES:
            return await loop.run_in_executor(self._executor, self.run, handler, call)
        try:
            ask = handler.read(call)
            if call.served.enrichment is None:
                rows, keys = _checked(call, ask)
            else:
                rows, keys = await loop.run_in_executor(self._executor, _checked, call, ask)
            outputs = await asyncio.wrap_future(batcher.submit(rows))
            return handler.write(call, ask, self._named(call, rows, outputs, keys))
        except MillwrightError:
            raise
        except Exception as error:
            logger.exception("Answering request %s failed", call.request_id)
            raise _bug(call) from error

    def _named(
        self, call: Call, rows: Sequence[Mapping[str, Any]], outputs: list[dict[str, Any]], keys: list[str] | None
    ) -> Prediction:
        """Name each prediction, note what the log keeps of it, and show it to the mirror."""
        at = self._state.clock.now()
        # The log finds a prediction by the time in its id, so that both come from the same clock.
        prediction = Prediction(call.served, outputs, new_ids(len(rows), int(at.timestamp() * 1e3)))
        if self._state.log is not None:
            prediction.logged = _logged(call, prediction, rows, keys, at)
        mirror = call.lineup.mirror
        if mirror is not None:
            mirror.offer(call.arm, call.request_id, rows, prediction)
        return prediction

    def keep(self, prediction: Prediction) -> Future[None] | None:
        """Count and log; what to wait for before answering, if anything."""
        served, log = prediction.served, self._state.log
        self._state.stats.count_predictions(served.name, served.version, len(prediction.ids))
        if log is None or prediction.logged is None:
            return None
        if self.durable:
            return log.commit(prediction.logged)
        log.offer(prediction.logged)
        return None


def _table(call: Call, ask: Ask) -> pl.DataFrame | None:
    """What is asked for as a table that fits the signature; None where it is few rows, or may not fit."""
    if ask.table is not None:
        return ask.table
    tables = call.served.tables
    if tables is None or ask.is_checked or len(ask.rows) < LEAST_ROWS:
        return None
    return tables.from_rows(ask.rows)


def _checked(call: Call, ask: Ask) -> tuple[Sequence[Mapping[str, Any]], list[str] | None]:
    """Rows that fit the signature, with what the server adds to them, and their keys.

    Raises:
        InvalidInputError: A row does not fit, or the keys are not one text per row.
    """
    served = call.served
    rows = ask.rows
    if ask.table is not None:  # it fits, and there is nothing to be looked up
        rows = ask.table.to_dicts()
        return rows, None if ask.keys is None else check_keys(ask.keys, len(rows))
    if served.enrichment is not None:
        rows = served.enrichment.rows(rows)
    if not ask.is_checked:
        rows = served.rows.check(rows)
    return rows, None if ask.keys is None else check_keys(ask.keys, len(rows))


def _logged(
    call: Call,
    prediction: Prediction,
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[str] | None,
    at: datetime,
) -> LogRows:
    request_id, seconds = call.request_id, perf_counter() - call.received
    source = call.served.log_sources[call.slot.endpoint]
    at_s = at.timestamp()
    entries = [
        (PredictionId(prediction.ids[number]), at_s, seconds, request_id,
         None if keys is None else keys[number], row, outputs)
        for number, (row, outputs) in enumerate(zip(rows, prediction.outputs, strict=True))
    ]  # fmt: skip
    return LogRows(source, entries, source.size(len(call.body) // len(rows)))


async def _acknowledged(written: Future[None], prediction: Prediction) -> None:
    try:
        await asyncio.wrap_future(written)
    except Exception as error:
        raise ServiceUnavailableError(
            "The prediction could not be logged, and this server answers only what it has logged.",
            hint="Try again; the server's log tells why.",
            details={"prediction_id": prediction.ids[0]},
        ) from error


def _bug(call: Call) -> MillwrightError:
    """A bug of ours or of the model's library: told in the log, not to the caller."""
    return MillwrightError(
        "The server failed to answer this request.",
        hint="Its log tells why, under this request id.",
        details={"request_id": call.request_id},
    )
