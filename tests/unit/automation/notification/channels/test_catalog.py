from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from millwright.automation.notification import Channel
from millwright.automation.notification.channels import ChannelError, check_kind, send
from millwright.automation.notification.digest import make_digest
from millwright.core.errors import InvalidInputError
from millwright.testing.notifications import notification

if TYPE_CHECKING:
    from millwright.automation.notification.channels.channel import Sending


def test_unknown_kind_names_the_nearest():
    with pytest.raises(InvalidInputError, match="Did you mean 'webhook'"):
        check_kind("webhok")


def test_missing_library_names_the_extra(sending: Sending, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ChannelError, match=r"pip install 'millwright\[alerts\]'"):
        send(Channel(name="x", kind="apprise", url="mailto://a"), make_digest(notification()), sending)


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:9/topsecret", "http://169.254.169.254/topsecret"])
def test_channel_that_cannot_be_reached_says_why_without_its_secrets(sending: Sending, url: str):
    with pytest.raises(ChannelError) as raised:
        send(Channel(name="x", kind="webhook", url=url), make_digest(notification()), sending)
    assert str(raised.value)
    assert "topsecret" not in str(raised.value)
    assert raised.value.__cause__ is None
