from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from millwright.core.errors import ConfigurationError
from millwright.workspace.alert_settings import ChannelSettings, RouteSettings
from millwright.workspace.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_unknown_key_names_the_nearest():
    with pytest.raises(ValidationError, match="Did you mean 'escalate_to'"):
        RouteSettings.model_validate({"channels": ["a"], "escalate": ["b"]})


def test_address_is_not_shown():
    channel = ChannelSettings(url="mailto://topsecret", secret="signing")
    assert "topsecret" not in repr(channel)
    assert "signing" not in repr(channel)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[routes]]\nchannels = ["opps"]\n', "The route 1 tells the channel 'opps'"),
        (
            '[[routes]]\nname = "night"\nchannels = ["ops"]\nescalate_to = ["boss"]\n',
            "The route night tells the channel 'boss'",
        ),
        ('[monitors.late]\nendpoint = "late"\nchannels = ["opps"]\n', "The monitor 'late' tells the channel 'opps'"),
    ],
)
def test_channel_that_is_not_declared_is_told_before_an_alert_needs_it(tmp_path: Path, text: str, message: str):
    (tmp_path / "millwright.toml").write_text('[channels.ops]\nurl = "json://127.0.0.1"\n' + text)

    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path)

    assert message in caught.value.message
