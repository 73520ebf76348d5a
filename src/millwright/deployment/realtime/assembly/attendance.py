"""What a worker tells the others of itself, and what it does when it has more than its part."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

from millwright.deployment.realtime.process.board import Standing

if TYPE_CHECKING:
    from millwright.deployment.realtime.http_server import HttpServer
    from millwright.deployment.realtime.process.workers import Share
    from millwright.deployment.realtime.request_stats import RequestStats

_TICK_S = 0.05
_WEIGHT = 0.05  # of a tick in the averages: they follow in about a second
_SHARE_TICKS = 10  # between two looks at how connections are divided


class Attendance:
    """A worker's row on the board.

    Requests in flight are reckoned, not counted: by Little's law they are the rate of requests times the time that each
    is there. To the time in the worker comes that in which a request waits for the event loop, which is seen by how
    late a timer fires. So callers whose requests are answered within one turn of the loop are seen, too.

    Args:
        share: What the worker has in common with the others.
        stats: Its requests.
    """

    def __init__(self, share: Share, stats: RequestStats) -> None:
        self._share = share
        self._stats = stats
        self._server: HttpServer | None = None
        self._answered, self._seconds = 0, 0.0
        self._in_flight = self._latency = self._lag = 0.0

    def ahead(self) -> int:
        """How many connections this worker has more than the one with the fewest; told before one more is taken."""
        server, share = self._server, self._share
        mine = 0 if server is None else server.connections
        fewest = share.board.fewest(share.place)
        ahead = 0 if fewest is None else mine - fewest
        if ahead <= 0:
            self._write(mine + 1)
        return ahead

    async def attend(self, server: HttpServer) -> None:
        """Keep the row true and the connections divided, until cancelled; begin to leave when asked to.

        Args:
            server: The worker's, which takes connections.
        """
        self._server = server
        share, tick, is_leaving = self._share, 0, False
        if share.board.is_nobody(share.place):
            share.board.hold(share.place, 0)
        try:
            while True:
                began = perf_counter()
                await asyncio.sleep(_TICK_S)
                self._measure(perf_counter() - began, len(server.server_state.tasks))
                if share.left.is_set() and not is_leaving:
                    is_leaving = True
                    server.leave()
                self._write(server.connections, accepts=not is_leaving)
                tick += 1
                if tick % _SHARE_TICKS == 0 and not is_leaving:
                    self._divide(server)
        finally:
            share.board.clear(share.place)

    def _measure(self, seconds: float, tasks: int) -> None:
        lag = max(0.0, seconds - _TICK_S)
        asked = [each for (_, method, _), each in list(self._stats.routes.items()) if method != "GET"]
        answered, spent = sum(each.count for each in asked), sum(each.seconds for each in asked)
        count, time = answered - self._answered, spent - self._seconds
        self._answered, self._seconds = answered, spent
        self._lag += _WEIGHT * (lag - self._lag)
        if count:
            self._latency += _WEIGHT * (time / count + self._lag - self._latency)
        elif not tasks:  # nobody waits: what was slow once must not hold processes for ever
            self._latency -= _WEIGHT * self._latency
        in_flight = max((time + count * self._lag) / seconds, tasks)
        self._in_flight += _WEIGHT * (in_flight - self._in_flight)

    def _write(self, connections: int, *, accepts: bool = True) -> None:
        self._share.board.write(
            self._share.place,
            Standing(int(accepts), connections, self._answered, self._seconds, self._in_flight, self._latency),
        )

    def _divide(self, server: HttpServer) -> None:
        """Callers keep their connections: those that came before another worker did are asked to come again."""
        fewest = self._share.board.fewest(self._share.place)
        mine = server.connections
        if fewest is not None and mine - fewest >= max(2, mine // 8):
            server.send_away((mine - fewest) // 2)
