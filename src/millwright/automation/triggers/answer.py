"""Queued runs that answer alerts: what they came to is decided and written down as any retraining's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.automation.decision import DecisionDesk, Retraining
from millwright.automation.outcome import Judgement, judge
from millwright.automation.queue.closing import find_run
from millwright.automation.trigger import WORTH_RETRAINING
from millwright.core.errors import NotFoundError
from millwright.core.ids import AlertId
from millwright.core.records.monitor import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.monitor import AlertRecord, DecisionRecord
    from millwright.core.records.queue import RunRequest
    from millwright.core.records.schedule import TriggerRecord
    from millwright.storage.catalog import Stores

_OPTION = "answers"
_ALIAS = "champion"


class Answers:
    """Follows runs from the alerts that start them to the decision.

    Alerts of drift and lost performance count; a pipeline that is started by others may do with them what it likes.

    Args:
        stores: Alerts, models, runs, decisions, audit log.
        clock: Tells when.
        events: Hears `retraining.launched` and `decision.made`.
        actor: Who acts, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, actor: str = "trigger") -> None:
        self._stores = stores
        self._desk = DecisionDesk(stores=stores, clock=clock, events=events, actor=actor)

    def options(self, trigger: TriggerRecord, alerts: Sequence[AlertRecord]) -> dict[str, Any]:
        """What the request of a run is to remember for its end.

        Args:
            trigger: What fires.
            alerts: Those that the run answers.

        Returns:
            Options of the request; none when there is nothing to decide.
        """
        worthy = [alert for alert in alerts if alert.kind in WORTH_RETRAINING]
        if not worthy:
            return {}
        endpoint = self._stores.endpoints.find(worthy[0].endpoint)
        model = endpoint.model if endpoint is not None else worthy[0].endpoint
        holder = self._stores.models.find_alias(model, _ALIAS)
        return {
            _OPTION: {
                "trigger": trigger.name,
                "alerts": [alert.id for alert in worthy],
                "model": model,
                "champion": holder.version if holder is not None else None,
            }
        }

    def begin(self, request: RunRequest) -> None:
        """Take the alerts on, at the end of the transaction that queues the run."""
        retraining = _retraining(request)
        if retraining is not None:
            self._desk.begin(retraining, request.pipeline)

    def end(self, request: RunRequest) -> DecisionRecord | None:
        """Write down what a run came to, at the end of the transaction that ends its request.

        Returns:
            The decision; None when the run answers no alert.
        """
        retraining = _retraining(request)
        if retraining is None:
            return None
        told = request.options[_OPTION]
        run, before = find_run(self._stores, request.id), self._version(told["model"], told["champion"])
        if run is None:
            sentence = f"The pipeline could not be run: {request.error or 'no reason given'}"
            judgement = Judgement(outcome=Outcome.FAILED, reasons=(sentence,))
        else:
            judgement = judge(run, model=told["model"], before=before, alias=_ALIAS, stores=self._stores)
        return self._desk.decide(
            retraining, judgement, champion=before.ref if before else None, run_id=run.id if run else None
        )

    def _version(self, model: str, number: int | None) -> ModelVersionRecord | None:
        try:
            return self._stores.models.get_version(model, number) if number is not None else None
        except NotFoundError:  # removed meanwhile
            return None


def _retraining(request: RunRequest) -> Retraining | None:
    told = request.options.get(_OPTION)
    if told is None:
        return None
    alerts = tuple(AlertId(each) for each in told["alerts"])
    return Retraining(trigger=told["trigger"], cause=request.trigger, alerts=alerts)
