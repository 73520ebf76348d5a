"""The online store on a Redis server: one hash per view, compared and written by a script on the server."""

from __future__ import annotations

from contextlib import contextmanager
from struct import Struct
from threading import Lock
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MissingExtraError, StorageError
from millwright.storage.base.online import ORDER_BYTES, OnlineStore, check_keys, check_view, newest_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.storage.base.online import OnlineRow, Swap

_length = Struct(">I").pack
_NO_ORDER = bytes(ORDER_BYTES)
_ROWS_A_SCRIPT = 500  # a script runs alone on the server; Lua passes some thousand arguments at most
_ROWS_AN_EXCHANGE = 10_000
_PATIENCE_S = 30.0
_CONNECT_S = 5.0

# The order's bytes are compared one by one: Lua compares texts by the server's locale. Rows come as one argument, each
# part behind its length: the client would take longer to send a thousand than the server to put them.
_PUT = """
local function older(new, known)
  for at = 1, 16 do
    local a, b = string.byte(new, at), string.byte(known, at)
    if a ~= b then return a < b end
  end
  return false
end
local rows, keys, values, written = ARGV[2], {}, {}, {}
local at = 1
while at <= #rows do
  keys[#keys + 1], values[#values + 1], at = struct.unpack('>I4c0I4c0', rows, at)
end
local known = redis.call('HMGET', KEYS[1], unpack(keys))
for at = 1, #keys do
  local new = values[at]
  if ARGV[1] == '1' or not known[at] or not older(new, known[at]) then
    written[#written + 1] = keys[at]
    written[#written + 1] = new
  end
end
if #written > 0 then redis.call('HSET', KEYS[1], unpack(written)) end
return #written / 2
"""
_SWAP = """
local made = {}
for at = 1, #ARGV, 4 do
  local known = redis.call('HGET', KEYS[1], ARGV[at])
  local same
  if ARGV[at + 1] == '0' then same = not known
  else same = known and string.sub(known, 17) == ARGV[at + 2] end
  if same then redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 3]) end
  made[#made + 1] = same and 1 or 0
end
return made
"""


class RedisOnlineStore(OnlineStore):
    """Values on a Redis server. See `OnlineStore` for what each method does.

    How durable a change is that was acknowledged depends on the server's persistence (`appendfsync`).

    Args:
        url: `redis://host:6379/0`, or `rediss://` for TLS.
        prefix: What all its keys on the server begin with.
    """

    def __init__(self, url: str, *, prefix: str = "millwright") -> None:
        self._url = url
        self._prefix = prefix.encode()
        self._opening = Lock()
        self._server: Any = None
        self._scripts: dict[str, Any] = {}

    def put(self, view: str, rows: Sequence[OnlineRow], *, replace: bool = False) -> int:
        """See `OnlineStore.put`."""
        place = self._rows(view)
        newest = newest_rows(rows, replace=replace)
        written = 0
        for start in range(0, len(newest), _ROWS_AN_EXCHANGE):
            with self._connected() as server, server.pipeline(transaction=False) as exchange:
                for first in range(start, min(start + _ROWS_AN_EXCHANGE, len(newest)), _ROWS_A_SCRIPT):
                    part = newest[first : first + _ROWS_A_SCRIPT]
                    arguments = [b"1" if replace else b"0", _packed(part)]
                    self._scripts["put"](keys=[place], args=arguments, client=exchange)
                written += sum(exchange.execute())
        return written

    def get(self, wanted: Sequence[tuple[str, Sequence[bytes]]]) -> list[list[bytes | None]]:
        """See `OnlineStore.get`."""
        asked = [(self._rows(view), keys) for view, keys in wanted]
        if not any(keys for _, keys in asked):
            return [[] for _ in asked]
        with self._connected() as server:
            if len(asked) == 1:
                found = [server.hmget(*asked[0])]
            else:
                with server.pipeline(transaction=False) as exchange:
                    for place, keys in asked:
                        if keys:
                            exchange.hmget(place, keys)
                    answers = iter(exchange.execute())
                found = [next(answers) if keys else [] for _, keys in asked]
        return [[value if value is None else value[ORDER_BYTES:] for value in values] for values in found]

    def swap(self, view: str, changes: Sequence[Swap]) -> list[bool]:
        """See `OnlineStore.swap`."""
        check_keys([change.key for change in changes])
        place = self._rows(view)
        made: list[bool] = []
        for start in range(0, len(changes), _ROWS_A_SCRIPT):
            arguments: list[bytes] = []
            for key, expected, value in changes[start : start + _ROWS_A_SCRIPT]:
                arguments += (key, b"0" if expected is None else b"1", expected or b"", _NO_ORDER + value)
            with self._connected():
                made += (bool(each) for each in self._scripts["swap"](keys=[place], args=arguments))
        return made

    def count(self, view: str) -> int:
        """See `OnlineStore.count`."""
        with self._connected() as server:
            return int(server.hlen(self._rows(view)))

    def iter_keys(self, view: str) -> Iterator[bytes]:
        """See `OnlineStore.iter_keys`."""
        place, seen, cursor = self._rows(view), set[bytes](), 0
        while True:
            with self._connected() as server:
                cursor, page = server.hscan(place, cursor, count=1000)
            # While the server rearranges a hash, it may tell a key twice.
            fresh = [key for key in page if key not in seen]
            seen.update(fresh)
            yield from fresh
            if not cursor:
                return

    def delete(self, view: str, keys: Sequence[bytes]) -> int:
        """See `OnlineStore.delete`."""
        place = self._rows(view)
        with self._connected() as server:
            return int(server.hdel(place, *keys)) if keys else 0

    def drop(self, view: str) -> None:
        """See `OnlineStore.drop`."""
        with self._connected() as server, server.pipeline(transaction=True) as exchange:
            exchange.unlink(self._rows(view))
            exchange.hdel(self._states, check_view(view))
            exchange.execute()

    def list_views(self) -> list[str]:
        """See `OnlineStore.list_views`."""
        start = self._prefix + b":rows:"
        pattern = b"".join(b"\\" + bytes([each]) if each in b"*?[]\\^-" else bytes([each]) for each in start) + b"*"
        with self._connected() as server:
            places = set(server.scan_iter(match=pattern, count=1000))
        return sorted(place.removeprefix(start).decode() for place in places)

    def get_state(self, view: str) -> bytes | None:
        """See `OnlineStore.get_state`."""
        with self._connected() as server:
            found: bytes | None = server.hget(self._states, check_view(view))
            return found

    def put_state(self, view: str, state: bytes) -> None:
        """See `OnlineStore.put_state`."""
        with self._connected() as server:
            server.hset(self._states, check_view(view), state)

    def close(self) -> None:
        """See `OnlineStore.close`."""
        with self._opening:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    @property
    def _states(self) -> bytes:
        return self._prefix + b":state"

    def _rows(self, view: str) -> bytes:
        return self._prefix + b":rows:" + check_view(view)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """The client, which keeps a pool of connections; a forked child gets new ones by itself."""
        try:
            import redis
        except ImportError as error:
            raise MissingExtraError("redis", "redis") from error
        try:
            server = self._server
            if server is None:
                with self._opening:
                    if self._server is None:
                        opened = redis.Redis.from_url(
                            self._url, socket_connect_timeout=_CONNECT_S, socket_timeout=_PATIENCE_S
                        )
                        self._scripts = {"put": opened.register_script(_PUT), "swap": opened.register_script(_SWAP)}
                        self._server = opened
                    server = self._server
            yield server
        except (redis.RedisError, ValueError) as error:
            raise StorageError(
                f"Cannot use the online store on Redis: {' '.join(str(error).split())[:300]}.",
                hint="Is the server there? See the setting 'online'.",
            ) from error


def _packed(rows: Sequence[tuple[bytes, bytes, bytes]]) -> bytes:
    """Rows as the script reads them: the key behind its length, then the order and the value behind theirs."""
    return b"".join(
        [
            part
            for key, order, value in rows
            for part in (_length(len(key)), key, _length(len(order) + len(value)), order, value)
        ]
    )
