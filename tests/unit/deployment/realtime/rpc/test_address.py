from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from millwright.deployment.realtime.rpc.address import Address, caller


@pytest.mark.parametrize(
    ("peer", "found"),
    [
        ("unix-abstract:millwright-1f/3/127.0.0.1:5555", ("127.0.0.1", 5555)),
        ("unix-abstract:millwright-1f/3/fe80::1%25eth0:5555", ("fe80::1%eth0", 5555)),
        ("unix:", None),
        ("unix-abstract:millwright-1f/3/:0", None),
        ("", None),
    ],
)
def test_caller_is_read_from_the_name_of_its_pipe(peer, found):
    assert caller(peer) == found


def listening(address: Address) -> socket.socket:
    kind, _, name = address.url.partition(":")
    door = socket.socket(socket.AF_UNIX)
    door.bind(f"\0{name}" if kind == "unix-abstract" else name)
    door.listen(1)
    return door


def test_connection_is_named_after_its_caller():
    address = Address()
    with listening(address) as door, asyncio.run(address.connect(("10.0.0.7", 80))):
        accepted, name = door.accept()
        accepted.close()
        if sys.platform == "linux":
            assert caller(name.decode()) == ("10.0.0.7", 80)
    address.close()


def test_connection_waits_for_its_turn():
    address = Address()
    taken: list[socket.socket] = []

    async def fill() -> None:
        while True:
            taken.append(await address.connect(("", 0)))

    async def run() -> None:
        filling = asyncio.create_task(fill())
        with listening(address) as door:
            await asyncio.sleep(0)  # takes all the places there are, and waits
            places = len(taken)
            assert not filling.done()
            door.accept()[0].close()
            while len(taken) == places:  # noqa: ASYNC110 - there is nobody to set an event
                await asyncio.sleep(0.01)
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)

    asyncio.run(asyncio.wait_for(run(), 20))
    for each in taken:
        each.close()
    address.close()


def test_nobody_there_is_an_error():
    address = Address()
    with pytest.raises(OSError, match=r"refused|No such file"):
        asyncio.run(address.connect(("", 0)))
    address.close()


def test_two_addresses_differ():
    one, other = Address(), Address()
    assert one.url != other.url
    one.close()
    other.close()
