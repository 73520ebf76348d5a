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

_NAMED = 3  # kinds of alerts in the title of a group, the most severe first
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


def item_title(endpoint: str, item: AlertNews) -> str:
    """What one alert of a digest is about, in one line.

    Args:
        endpoint: Whose.
        item: What is told of it.
    """
    is_over = item.news is News.RESOLVED
    label = "resolved" if is_over else item.severity.value
    news = f" ({_WORDS[item.news]})" if _WORDS[item.news] and not is_over else ""
    return f"[{label}] {endpoint}: {_kind(item)}{news}"


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
    if len(digest.items) == 1:
        return item_title(digest.endpoint, digest.items[0])
    label = "resolved" if digest.is_over else digest.severity.value
    kinds = list(dict.fromkeys(_kind(item) for item in digest.items))
    more = f" and {len(kinds) - _NAMED} more" if len(kinds) > _NAMED else ""
    ended = sum(item.news is News.RESOLVED for item in digest.items)
    apart = f", {ended} resolved" if 0 < ended < len(digest.items) else ""
    what = f"{counted(len(digest.items), 'alert')} ({', '.join(kinds[:_NAMED])}{more}){apart}"
    return f"[{label}] {digest.endpoint}: {what}"


def _line(item: AlertNews) -> str:
    words = _WORDS[item.news]
    since = f"since {item.since:%Y-%m-%d %H:%M} UTC"
    head = f"{item.severity.value}, {_kind(item)}{f', {words}' if words else ''} ({since}, alert {item.alert_id[-8:]})"
    return f"{head}: {item.message}"


def _kind(item: AlertNews) -> str:
    kind = item.kind.replace("_", " ")
    if kind.endswith("failed") and item.subject:  # its subject is what failed: a monitor, or a model's training
        return f"{kind} ({item.subject})"
    subject = f" of {item.subject}" if item.subject else ""
    return f"{kind}{subject}{f' [{item.monitor}]' if item.monitor else ''}"
