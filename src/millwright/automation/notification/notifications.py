"""Everything about notifications of one workspace, joined."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.automation.notification.channels import check_kind
from millwright.automation.notification.courier import NotificationCourier
from millwright.automation.notification.digest import make_digest
from millwright.automation.notification.options import LEASE
from millwright.automation.notification.teller import Teller
from millwright.automation.notification.waiting import Waiting, waiting
from millwright.automation.notification.worker import NotificationWorker
from millwright.core.errors import ConfigurationError, ConflictError, NotFoundError, closest
from millwright.core.ids import AlertId, NotificationId, new_id
from millwright.core.periodic_thread import PeriodicThread
from millwright.core.records.monitor import Severity
from millwright.core.records.notification import AlertNews, News, NotificationRecord, NotificationState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from millwright.automation.notification.channels import Channel
    from millwright.automation.notification.options import NotificationOptions
    from millwright.automation.notification.route import Route
    from millwright.core.clock import Clock
    from millwright.core.events import Event, EventBus
    from millwright.core.records.notification import ChannelDeliveryRecord
    from millwright.storage.catalog import Stores

_SECRET = "secret:"  # noqa: S105 - what stands before the name of one


class Notifications:
    """Who is told of alerts, by which channels, and who brings it.

    Args:
        stores: Where all of it is kept.
        clock: The time.
        events: Hears `alert.escalated`.
        channels: By name; an address or secret `secret:NAME` is looked up at each attempt.
        routes: Which alerts go where; without any nothing is told.
        options: Limits.
        secret_of: Gives the secret of a name; raises a `MillwrightError` when there is none.

    Raises:
        ConfigurationError: A route names a channel that there is not, or two routes share a name.
        InvalidInputError: A channel is of no known kind.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        channels: Mapping[str, Channel],
        routes: Sequence[Route],
        options: NotificationOptions,
        secret_of: Callable[[str], str],
    ) -> None:
        _check(channels, routes)
        self.channels = dict(channels)
        self.routes = tuple(routes)
        self.options = options
        self._stores = stores
        self._clock = clock
        self._secret_of = secret_of
        self.teller = Teller(stores=stores, clock=clock, events=events, routes=routes)
        self._courier = NotificationCourier(stores.notifications, clock, self.channel, options)
        self._worker: NotificationWorker | None = None

    def keep(self, event: Event) -> None:
        """Write what an event makes to be told, in the transaction of its change; for `EventBus.keep`."""
        self.teller.keep(event)

    def channel(self, name: str) -> Channel:
        """A channel, its secrets filled in.

        Raises:
            NotFoundError: There is none of that name, or no such secret.
        """
        found = self.channels.get(name)
        if found is None:
            hint = closest(name, self.channels) or f"Add it to the project file: [channels.{name}]."
            raise NotFoundError(f"There is no channel '{name}'.", hint=hint)
        return replace(found, url=self._filled(found.url), secret=self._filled(found.secret))

    def _filled(self, text: str) -> str:
        return self._secret_of(text.removeprefix(_SECRET)) if text.startswith(_SECRET) else text

    def step(self) -> bool:
        """Do one round in the background: for whoever has a loop already. See `NotificationWorker.step`."""
        if not self.routes:
            return False
        if self._worker is None:
            self._worker = self._new_worker()
        return self._worker.step()

    def close(self) -> None:
        """End what `step` has begun."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Tell and deliver in the background as long as the context lasts; nothing happens without routes."""
        if not self.routes:
            yield
            return
        worker = self._new_worker()
        beat = PeriodicThread(
            worker.step,
            self.options.poll_s,
            name="alert-notifications",
            trouble="Notifications of alerts wait",
            at_once=True,
            patience_s=self.options.delivery.timeout_s,
        )
        with beat:
            yield
        worker.close()

    def deliver_once(self) -> list[ChannelDeliveryRecord]:
        """Tell and deliver what is due, and leave.

        Returns:
            What each attempt came to.

        Raises:
            ConflictError: Another process is delivering.
        """
        worker = self._new_worker()
        try:
            done = worker.deliver_once()
        finally:
            worker.close()
        if done is None:
            raise ConflictError(
                "Another process delivers notifications already.",
                hint="It delivers what is due; there is nothing to do.",
            )
        return done

    def retry(self, name: str) -> int:
        """Make due now what a channel has not taken: what was given up, and what rests between two attempts.

        Returns:
            How many deliveries.

        Raises:
            NotFoundError: There is no such channel.
        """
        self.channel(name)
        return self._stores.notifications.retry(name, self._clock.now())

    def waiting(self, name: str) -> Waiting:
        """What waits for a channel, and until when."""
        return waiting(self._stores.notifications, name, self._clock.now())

    def deliverer(self) -> str:
        """Who delivers at present, as machine, process and a part that no other has; empty when nobody does."""
        return self._stores.leases.holder(LEASE, now=self._clock.now()) or ""

    def test(self, name: str) -> str:
        """Send an example to a channel now; it is not kept and not tried again.

        Returns:
            Why it was not taken; empty when it was.

        Raises:
            NotFoundError: There is no such channel.
        """
        self.channel(name)
        now = self._clock.now()
        news = AlertNews(
            news=News.RAISED,
            alert_id=AlertId(new_id()),
            at=now,
            kind="example",
            subject="",
            severity=Severity.INFO,
            message="This is a test of the channel; nothing is wrong.",
            since=now,
        )
        example = NotificationRecord(
            id=NotificationId(new_id()),
            route="test",
            endpoint="example",
            channels=(name,),
            state=NotificationState.SEALED,
            created_at=now,
            due_at=now,
            items=(news,),
        )
        digest = make_digest(example, is_example=True)
        error = self._courier.send(name, digest, example.id) if digest is not None else None
        return "" if error is None else str(error)

    def _new_worker(self) -> NotificationWorker:
        return NotificationWorker(
            stores=self._stores,
            teller=self.teller,
            courier=self._courier,
            clock=self._clock,
            options=self.options,
            channels=len(self.channels),
        )


def _check(channels: Mapping[str, Channel], routes: Sequence[Route]) -> None:
    for channel in channels.values():
        check_kind(channel.kind)
    names = [route.name for route in routes]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ConfigurationError(f"Two routes are called '{min(twice)}'.", hint="Give each a name of its own.")
    for route in routes:
        for name in (*route.channels, *route.escalate_to):
            if name not in channels:
                hint = closest(name, channels) or f"Add it: [channels.{name}]."
                raise ConfigurationError(f"Route '{route.name}': there is no channel '{name}'.", hint=hint)
