from __future__ import annotations

import pytest

from millwright.automation.notification import Channel


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("mailto://ada:pass%21word@mail.example", "pass!word"),
        ("slack://TOKENTOKEN/ANOTHERTOKEN/x", "TOKENTOKEN"),
        ("slack://TOKENTOKEN/ANOTHERTOKEN/x", "ANOTHERTOKEN"),
        ("https://host.example/x?key=verysecret", "verysecret"),
    ],
)
def test_what_may_be_secret_of_an_address_is_known(url: str, secret: str):
    channel = Channel(name="ops", kind="apprise", url=url, secret="signing-key")
    assert {secret, url, "signing-key"} <= set(channel.secrets())
    assert secret not in repr(channel) + channel.shown
    assert channel.shown == url.partition(":")[0] + "://…"


def test_host_names_are_no_secrets():
    assert "mail.example" not in set(Channel(name="x", kind="webhook", url="https://mail.example/x").secrets())
    assert Channel(name="x", kind="webhook", url="nonsense").shown == "…"
