"""What has happened that a trigger fires on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.core.ids import AlertId
from millwright.core.plain_time import told_length, told_moment
from millwright.core.records.monitor import AlertRecord, AlertState

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from millwright.automation.limits.ledger import Ledger
    from millwright.automation.trigger import Trigger
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.catalog import Stores

_MOST_ALERTS = 100  # an endpoint has one per kind and subject


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One thing that happened.

    Attributes:
        text: For the record: `alert:<id>`, `dataset:programme@7`, `schedule:<trigger>@<time>`.
        key: The same as long as it is the same thing, even if it happens again: what was written about it once is not
            written each minute.
        note: In a sentence, for the decision.
        alerts: Those that are answered.
    """

    text: str
    key: str
    note: str
    alerts: tuple[AlertRecord, ...] = ()


def find_cause(rule: Trigger, ledger: Ledger, stores: Stores, *, now: datetime) -> Cause | None:
    """Why a trigger would fire now: for an alert first, then for new data, then for time.

    Args:
        rule: The trigger.
        ledger: Of its model.
        stores: Alerts, versions, datasets.
        now: The present.
    """
    if (cause := _alerts(rule, ledger, stores)) is not None:
        return cause
    if not rule.datasets and rule.every is None:
        return None
    trained = max(stores.models.list_versions(rule.model), key=lambda version: version.version, default=None)
    since = max((at for at in (ledger.last_at, trained.created_at if trained else None) if at), default=None)
    for dataset in sorted(rule.datasets):
        if (cause := _volume(rule, dataset, trained, since, stores)) is not None:
            return cause
    if rule.every is None or (since is not None and now < since + rule.every):
        return None
    due = now if since is None else since + rule.every
    return Cause(
        text=f"schedule:{rule.name}@{due.isoformat(timespec='seconds')}",
        key=f"schedule:{rule.name}",
        note=_due(rule.every, since),
    )


def _due(every: timedelta, since: datetime | None) -> str:
    length = told_length(every).removeprefix("1 ")
    if since is None:
        return f"It is due every {length}, and nothing was trained yet."
    return f"It is due every {length}, and the last training was at {told_moment(since)}."


def _alerts(rule: Trigger, ledger: Ledger, stores: Stores) -> Cause | None:
    """Alerts that nobody has taken on, or that the last retraining took on before it failed."""
    if rule.endpoint is None:
        return None
    open_ones = stores.monitors.list_alerts(rule.endpoint, open_only=True, limit=_MOST_ALERTS)
    standing = [alert for alert in (*open_ones, *_tried(ledger, stores)) if rule.answers_alert(alert)]
    if not any(rule.fires_on_alert(alert) for alert in standing):
        return None
    alerts = tuple(sorted(standing, key=lambda alert: (alert.created_at, alert.id)))
    kinds = sorted({alert.kind for alert in alerts})
    return Cause(
        text=f"alert:{alerts[0].id}",
        key=f"alert:{rule.endpoint}:{','.join(kinds)}",
        note=f"It answers: {' '.join(f'{alert.kind}: {alert.message}' for alert in alerts)}",
        alerts=alerts,
    )


def _tried(ledger: Ledger, stores: Stores) -> list[AlertRecord]:
    """Alerts that the last retraining took on before it failed, as far as they are still acknowledged."""
    found = []
    for alert_id in ledger.failed_alerts:
        with suppress(NotFoundError):  # it is gone
            alert = stores.monitors.get_alert(AlertId(alert_id))
            if alert.state is AlertState.ACKNOWLEDGED:
                found.append(alert)
    return found


def _volume(
    rule: Trigger, dataset: str, trained: ModelVersionRecord | None, since: datetime | None, stores: Stores
) -> Cause | None:
    """Versions and rows of a dataset that the last training has not seen."""
    versions = stores.datasets.list_versions(dataset)  # newest first
    base = _seen(versions, dataset, trained, since)
    unseen = [each for each in versions if base is None or each.version > base.version]
    if not unseen or len(unseen) < rule.new_versions:
        return None
    rows = unseen[0].rows - (base.rows if base else 0)
    if rule.new_rows is not None and rows < rule.new_rows:
        return None
    before = f"since version {base.version}, which the last training saw" if base else "and no training saw any"
    return Cause(
        text=f"dataset:{dataset}@{unseen[0].version}",
        key=f"dataset:{dataset}",
        note=f"{dataset} has {len(unseen)} new version{'s' * (len(unseen) != 1)} and {rows:+,} rows {before}.",
    )


def _seen(
    versions: list[DatasetVersionRecord], dataset: str, trained: ModelVersionRecord | None, since: datetime | None
) -> DatasetVersionRecord | None:
    """The newest version that a training used, or that was there when the last one began or ended."""
    used = {ref for ref in (trained.datasets if trained else ()) if ref.startswith(f"{dataset}@")}
    seen = [each for each in versions if f"{dataset}@{each.version}" in used or (since and each.created_at <= since)]
    return max(seen, key=lambda each: each.version, default=None)


def champion_of(stores: Stores, model: str, alias: str) -> ModelVersionRecord | None:
    """The version that carries an alias; None while none does."""
    holder = stores.models.find_alias(model, alias)
    if holder is None:
        return None
    try:
        return stores.models.get_version(model, holder.version)
    except NotFoundError:  # removed meanwhile
        return None
