from __future__ import annotations

import base64
import logging
from dataclasses import replace
from email import message_from_string
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.notification import Channel
from millwright.automation.notification.channels import ChannelError, send
from millwright.automation.notification.digest import make_digest
from millwright.testing.notifications import news, notification

if TYPE_CHECKING:
    from millwright.automation.notification.channels.channel import Sending

pytest.importorskip("apprise", reason="Apprise is not installed: pip install 'millwright[alerts]'")
# One of Apprise's plug-ins loads it, and all are loaded to find the one that is wanted.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
FROM = "from=mill@example.com&to="


def mail(port: int, to: str = "ada@example.com") -> Channel:
    return Channel(name="mail", kind="apprise", url=f"mailto://127.0.0.1:{port}?{FROM}{to}")


def test_mail_is_taken_by_a_mail_server(mail_server: Any, sending: Sending):
    digest = make_digest(notification())
    send(mail(mail_server.port), digest, sending)
    (taken,) = mail_server.mails
    assert "ada@example.com" in taken["to"][0]
    assert "[warning] delay: drift" in taken["text"].replace("=5B", "[").replace("=5D", "]")
    parts = [each for each in taken["text"].split("\r\n\r\n") if each]
    decoded = "".join(base64.b64decode(part).decode() for part in parts if _is_base64(part))
    assert "It drifted." in taken["text"] + decoded


@pytest.mark.parametrize("asked", ["", "&format=html"])
def test_values_in_a_message_are_no_markup_in_a_mail(mail_server: Any, sending: Sending, asked: str):
    items = tuple(
        replace(news(), alert_id=f"{number:032d}", message=f"crew has new categories ('<img src=x{number}>').")
        for number in (1, 2)
    )
    send(mail(mail_server.port, f"ada@example.com{asked}"), make_digest(notification(items=items)), sending)
    (taken,) = mail_server.mails
    parts = {
        part.get_content_type(): part.get_payload(decode=True).decode()
        for part in message_from_string(taken["text"]).walk()
        if not part.is_multipart()
    }
    told = [line for line in parts["text/plain"].splitlines() if "<img" in line]
    assert len(told) == 2  # each alert on a line of its own
    assert "<img" not in parts.get("text/html", "")
    if asked:
        assert "&lt;img" in parts["text/html"]


def test_mail_that_is_refused_is_an_error(mail_server: Any, sending: Sending):
    with pytest.raises(ChannelError, match="E-Mail did not take it"):
        send(mail(mail_server.port, "x@nowhere.example"), make_digest(notification()), sending)
    assert mail_server.mails == []


def test_secrets_are_neither_in_errors_nor_in_the_log(sending: Sending, caplog: pytest.LogCaptureFixture):
    channel = Channel(name="x", kind="apprise", url="json://ada:topsecret@127.0.0.1:9/tokentoken")
    with caplog.at_level(logging.DEBUG), pytest.raises(ChannelError, match="did not take it") as raised:
        send(channel, make_digest(notification()), sending)
    for secret in ("topsecret", "tokentoken"):
        assert secret not in str(raised.value) + caplog.text


def test_address_that_apprise_does_not_know_is_an_error(sending: Sending):
    channel = Channel(name="x", kind="apprise", url="nonsense://topsecret")
    with pytest.raises(ChannelError, match=r"'x' \(nonsense://…\) is none that Apprise knows"):
        send(channel, make_digest(notification()), sending)


def _is_base64(part: str) -> bool:
    try:
        base64.b64decode(part.strip(), validate=True)
    except ValueError:
        return False
    return True
