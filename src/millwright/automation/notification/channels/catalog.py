"""The kinds of channels, loaded on use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from millwright.automation.delivery.address import ForbiddenAddressError
from millwright.automation.notification.channels.channel import ChannelError
from millwright.core.errors import InvalidInputError, MillwrightError, closest
from millwright.pipelines.secrets.masks import Masks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.automation.notification.channels.channel import Channel, Sender, Sending
    from millwright.automation.notification.digest import Digest

_HERE = "millwright.automation.notification.channels"
KINDS: Mapping[str, str] = {
    "apprise": f"{_HERE}.apprise:AppriseSender",
    "webhook": f"{_HERE}.webhook:WebhookSender",
    "alertmanager": f"{_HERE}.alertmanager:AlertmanagerSender",
}


def check_kind(kind: str) -> None:
    """See whether there is such a kind.

    Raises:
        InvalidInputError: There is not; names the closest.
    """
    if kind not in KINDS:
        raise InvalidInputError(f"There is no kind of channel '{kind}'.", hint=closest(kind, KINDS))


def send(channel: Channel, digest: Digest, sending: Sending) -> None:
    """Bring a digest to a channel's receiver.

    Raises:
        ChannelError: The receiver has not taken it; its text holds nothing secret, whatever went wrong.
    """
    check_kind(channel.kind)
    module, _, name = KINDS[channel.kind].partition(":")
    masks = Masks()
    for secret in channel.secrets():
        masks.add(secret)
    wait: float | None = None
    try:
        sender: Sender = getattr(import_module(module), name)()
        sender.send(channel, digest, sending)
    except ChannelError as refused:
        text, wait = str(refused), refused.retry_after_s
    except MillwrightError as error:
        text = f"{error.message} {error.hint}".strip()
    except ForbiddenAddressError as forbidden:
        text = f"Refused: {forbidden}"
    except OSError as broken:
        text = f"The receiver cannot be reached: {broken}."
    except Exception as error:  # noqa: BLE001 - a library of many services; its texts may hold secrets
        text = f"{type(error).__name__}: {error}"
    else:
        return
    raise ChannelError(masks.mask(text), retry_after_s=wait) from None
