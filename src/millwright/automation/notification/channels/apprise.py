"""Any service that Apprise knows: mail, Slack, Teams, PagerDuty, Telegram, and some hundred more.

Source: https://github.com/caronc/apprise.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from millwright.automation.notification.channels.channel import ChannelError
from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.core.records.monitor import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.automation.notification.channels.channel import Channel, Sender, Sending
    from millwright.automation.notification.digest import Digest

_LOGGER = "apprise"
_UNDER_IT = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")
_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}


class AppriseSender:
    """Sends by one of Apprise's plug-ins, which the scheme of the URL names."""

    def send(self, channel: Channel, digest: Digest, sending: Sending) -> None:
        """See `Sender.send`."""
        try:
            import apprise
        except ImportError as error:
            raise MissingExtraError("apprise", "alerts") from error
        with _warnings() as said:
            service = apprise.Apprise.instantiate(channel.url, suppress_exceptions=True)
            if service is None:
                raise InvalidInputError(
                    f"The address of the channel '{channel.name}' ({channel.shown}) is none that Apprise knows.",
                    hint="See https://github.com/caronc/apprise for their forms; kind = 'webhook' posts to any URL.",
                )
            limit = sending.options.timeout_s
            service.socket_connect_timeout = min(service.socket_connect_timeout or limit, limit)
            service.socket_read_timeout = min(service.socket_read_timeout or limit, limit)
            kind = "success" if digest.is_over else _TYPES[digest.severity]
            # Said to be plain: mail and other services that take markup would read values of columns as such.
            taken = service.notify(
                body=digest.text,
                title=digest.title,
                notify_type=apprise.NotifyType(kind),
                body_format=apprise.NotifyFormat.TEXT,
            )
        if not taken:
            raise ChannelError(f"{service.service_name} did not take it: {said[-1] if said else 'no reason given'}")


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What Apprise warns of in this thread: it tells reasons in its log only.

    Nothing of that log goes anywhere else, nor of the library under it: they hold addresses, and whole messages.
    """
    said: list[str] = []
    here = threading.get_ident()

    def keep_back(record: logging.LogRecord) -> bool:
        if record.thread != here:
            return True
        if record.name == _LOGGER and record.levelno >= logging.WARNING:
            said.append(" ".join(record.getMessage().split()))
        return False

    loggers = [logging.getLogger(name) for name in (_LOGGER, *_UNDER_IT)]
    for logger in loggers:
        logger.addFilter(keep_back)
    try:
        yield said
    finally:
        for logger in loggers:
            logger.removeFilter(keep_back)


if TYPE_CHECKING:
    _fits: Sender = AppriseSender()
