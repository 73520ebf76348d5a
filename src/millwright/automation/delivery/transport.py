"""One POST to one address that was checked."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.automation.delivery.address import look_up, parse_target

if TYPE_CHECKING:
    from millwright.automation.delivery.address import Target
    from millwright.automation.delivery.message import Message
    from millwright.automation.delivery.options import DeliveryOptions


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a receiver answered.

    Attributes:
        body: Its beginning.
        retry_after_s: How long it asks to wait; None when it does not say.
    """

    status: int
    body: str
    retry_after_s: float | None = None


def post(url: str, message: Message, options: DeliveryOptions) -> Reply:
    """Send a message, checking the address again; redirects are not followed.

    Raises:
        InvalidInputError: The URL is not allowed.
        ForbiddenAddressError: Its name leads to an address that may not be called.
        OSError: It cannot be reached, breaks off, or takes longer than `timeout_s` in all.
    """
    give_up = time.monotonic() + options.timeout_s
    target = parse_target(url, allow_private=options.allow_private)
    addresses = look_up(target, allow_private=options.allow_private, timeout_s=options.timeout_s)
    line = _Line(_connect(addresses, target.port, give_up))
    # Each read may take as long as it is allowed to: a receiver that sends byte by byte would never end without this.
    alarm = threading.Timer(max(0.0, give_up - time.monotonic()), line.cut)
    alarm.daemon = True
    alarm.start()
    try:
        if target.scheme == "https":
            line.secure(target.host)
        reply = _exchange(line.socket, target, message, options.max_response_bytes)
        if line.was_cut:  # what came before looks like an answer without headers
            raise TimeoutError
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(_outcome(give_up, options) or f"not an HTTP answer: {error!r}") from error
    except OSError as error:
        raise OSError(_outcome(give_up, options) or str(error)) from error
    else:
        return reply
    finally:
        alarm.cancel()
        line.socket.close()


class _Line:
    """A connection that another thread may cut."""

    def __init__(self, plain: socket.socket) -> None:
        self.socket = plain
        self.was_cut = False

    def secure(self, host: str) -> None:
        # The certificate is checked against the name, although the connection goes to an address.
        context = ssl.create_default_context()
        secured = context.wrap_socket(self.socket, server_hostname=host, do_handshake_on_connect=False)
        self.socket = secured
        secured.do_handshake()

    def cut(self) -> None:
        self.was_cut = True
        with suppress(OSError):
            # Not the method of an SSL socket, which would pull its state away from under the reading thread.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


def _outcome(give_up: float, options: DeliveryOptions) -> str:
    return f"no complete answer within {options.timeout_s:g} s" if time.monotonic() >= give_up else ""


def _connect(addresses: list[str], port: int, give_up: float) -> socket.socket:
    failure: OSError = TimeoutError("no time was left to connect")
    for address in addresses:
        left = give_up - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError as error:
            failure = error
    raise failure


def _exchange(connected: socket.socket, target: Target, message: Message, most: int) -> Reply:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = connected
    headers = {"Host": target.authority, "Connection": "close", "Accept-Encoding": "identity", **message.headers}
    connection.request("POST", target.path, body=message.body, headers=headers)
    with closing(connection.getresponse()) as response:
        body = response.read(most).decode("utf-8", "replace")
        return Reply(status=response.status, body=body, retry_after_s=_seconds(response.getheader("Retry-After")))


def _seconds(text: str | None) -> float | None:
    # Its other form, a date, is rare, and clocks differ.
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None
