"""A notification as people read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from millwright.core.records.notification import AlertNews, News
from millwright.evaluation.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.monitor import Severity
    from millwright.core.records.notification import NotificationRecord

_FIRST = frozenset({News.RAISED, News.ESCALATED})  # after which an end is news to nobody, if nothing was sent between
_WORDS = {
    News.RAISED: "",
    News.WORSENED: "became worse",
    News.REMINDER: "still not acknowledged",
    News.ESCALATED: "not acknowledged by anyone",
    News.RESOLVED: "resolved",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What is sent.

    Attributes:
        id: The notification's, the same with each attempt.
        items: The last word about each alert, the most severe first.
        title: One line.
        text: Lines.
        is_example: Whether it was sent by hand to try a channel.
    """

    id: str
    route: str
    endpoint: str
    items: tuple[AlertNews, ...]
    title: str
    text: str
    is_example: bool = False

    @property
    def is_over(self) -> bool:
        """Whether all of it has ended."""
        return all(item.news is News.RESOLVED for item in self.items)

    @property
    def severity(self) -> Severity:
        """The highest of its items."""
        return max((item.severity for item in self.items), key=lambda severity: severity.rank)


def make_digest(notification: NotificationRecord, *, base_url: str = "", is_example: bool = False) -> Digest | None:
    """A notification as it is sent.

    Args:
        notification: A sealed one.
        base_url: Where browsers reach the server, for a link; empty for none.
        is_example: See `Digest`.

    Returns:
        The same each time; None when nothing is left to tell, since what began has ended before it was told.
    """
    items = tuple(sorted(last_words(notification.items), key=lambda item: -item.severity.rank))
    if not items:
        return None
    lines = [_line(item) for item in items]
    if base_url:
        lines += ["", f"{base_url.rstrip('/')}/endpoints/{notification.endpoint}"]
    if any(item.news is not News.RESOLVED for item in items):
        lines += [
            "",
            "Take it on: mw alerts ack " + " ".join(i.alert_id[-8:] for i in items if i.news is not News.RESOLVED),
        ]
    made = Digest(
        id=notification.id,
        route=notification.route,
        endpoint=notification.endpoint,
        items=items,
        title="",
        text="\n".join(lines),
        is_example=is_example,
    )
    return replace(made, title=_title(made))


def last_words(items: Sequence[AlertNews]) -> list[AlertNews]:
    """The last word about each alert, in the order in which they were first spoken of.

    One that began and ended among them is left out: nobody knew of it.
    """
    by_alert: dict[str, list[AlertNews]] = {}
    for item in items:
        by_alert.setdefault(item.alert_id, []).append(item)
    found = []
    for told in by_alert.values():
        is_new, last = told[0].news in _FIRST, told[-1]
        if last.news is not News.RESOLVED:
            found.append(replace(last, news=told[0].news if is_new else last.news))
        elif not is_new:
            found.append(last)
    return found


def _title(digest: Digest) -> str:
    label = "resolved" if digest.is_over else digest.severity.value
    if len(digest.items) == 1:
        item = digest.items[0]
        what = _kind(item) + (f" ({_WORDS[item.news]})" if _WORDS[item.news] and not digest.is_over else "")
    else:
        ended = sum(item.news is News.RESOLVED for item in digest.items)
        what = counted(len(digest.items), "alert") + (f", {ended} resolved" if 0 < ended < len(digest.items) else "")
    return f"[{label}] {digest.endpoint}: {what}"


def _line(item: AlertNews) -> str:
    words = _WORDS[item.news]
    since = f"since {item.since:%Y-%m-%d %H:%M} UTC"
    head = f"{item.severity.value}, {_kind(item)}{f', {words}' if words else ''} ({since}, alert {item.alert_id[-8:]})"
    return f"{head}: {item.message}"


def _kind(item: AlertNews) -> str:
    return item.kind.replace("_", " ") + (f" of {item.subject}" if item.subject else "")
