"""The embedded online store: LMDB, a memory-mapped B+ tree that any number of processes read without a lock.

The rows of all views stand in one tree, each view's behind the digest of its name: a tree per view would make every
transaction dearer by the number of views that are possible. A value is stored behind its order (16 bytes). LMDB takes
keys of 511 bytes: of a longer one the digest is the key, and it stands whole in front of the value.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.storage.backends.online.lmdb_environment import opened, released
from millwright.storage.base.online import ORDER_BYTES, OnlineStore, check_keys, check_view, newest_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from millwright.storage.backends.online.lmdb_environment import Environment
    from millwright.storage.base.online import OnlineRow, Swap

_SHORT, _LONG = b"\0", b"\1"
_PREFIX_BYTES = 9  # the view's digest, and whether the key is short
_LONGEST_KEY = 511 - _PREFIX_BYTES
_LENGTH_BYTES = 4
_KEY_DIGEST_BYTES = 32
_COUNT, _STATE = b"count/", b"state/"
_NO_ORDER = bytes(ORDER_BYTES)
_FIRST_MAP = 256 << 20  # address space, not disk: the file grows with what is in it
_ROWS_A_TRANSACTION = 20_000  # a commit costs one fsync; other writers wait for it
_PAGE = 1000


class LmdbOnlineStore(OnlineStore):
    """Values in a folder of this machine. See `OnlineStore` for what each method does.

    Args:
        folder: Made when the store is first used.
        map_size: Address space to begin with, in bytes; doubled whenever it is full.
    """

    rows_a_put: ClassVar[int] = _ROWS_A_TRANSACTION

    def __init__(self, folder: str | Path, *, map_size: int = _FIRST_MAP) -> None:
        self._folder = str(Path(folder).absolute())
        self._map_size = map_size
        self._environment: Environment | None = None

    def put(self, view: str, rows: Sequence[OnlineRow], *, replace: bool = False) -> int:
        """See `OnlineStore.put`."""
        name = check_view(view)
        newest = newest_rows(rows, replace=replace)
        written = 0
        for start in range(0, len(newest), _ROWS_A_TRANSACTION):
            part = newest[start : start + _ROWS_A_TRANSACTION]

            def put_part(writer: Any, rows: Any, part: list[tuple[bytes, bytes, bytes]] = part) -> int:
                return _put(writer, rows, name, part, replace=replace)

            written += self._opened().write(put_part)
        return written

    def get(self, wanted: Sequence[tuple[str, Sequence[bytes]]]) -> list[list[bytes | None]]:
        """See `OnlineStore.get`."""
        # The hot path: no call but those that could not be spared.
        environment = self._environment
        if environment is None or not environment.is_open:
            environment = self._opened()
        rows, found = environment.rows, []
        with environment.lock:
            reader = environment.begin()
            read = reader.get
            try:
                for view, keys in wanted:
                    prefix = _short_prefix(view)
                    values: list[bytes | None] = []
                    for key in keys:
                        if len(key) <= _LONGEST_KEY:
                            value = read(prefix + key, None, rows)
                            values.append(value if value is None else value[ORDER_BYTES:])
                        else:
                            values.append(_value(read(_stored(view.encode(), key), None, rows), key))
                    found.append(values)
            finally:
                reader.abort()
        return found

    def get_one(self, view: str, key: bytes) -> bytes | None:
        """See `OnlineStore.get_one`."""
        environment = self._environment
        if len(key) > _LONGEST_KEY or environment is None or not environment.is_open:
            return self.get(((view, (key,)),))[0][0]
        stored, lock = _short_prefix(view) + key, environment.lock
        lock.acquire()  # `with` would cost twice as much
        try:
            reader = environment.begin()
            try:
                value: bytes | None = reader.get(stored, None, environment.rows)
            finally:
                reader.abort()
        finally:
            lock.release()
        return value if value is None else value[ORDER_BYTES:]

    def swap(self, view: str, changes: Sequence[Swap]) -> list[bool]:
        """See `OnlineStore.swap`."""
        check_keys([change.key for change in changes])
        name = check_view(view)

        def swap_all(writer: Any, rows: Any) -> list[bool]:
            made, new = [], 0
            for change in changes:
                key = _stored(name, change.key)
                same = _value(writer.get(key, None, rows), change.key) == change.expected
                if same:
                    writer.put(key, _framed(change.key, _NO_ORDER, change.value), db=rows)
                    new += change.expected is None
                made.append(same)
            _add(writer, name, new)
            return made

        found: list[bool] = self._opened().write(swap_all) if changes else []
        return found

    def count(self, view: str) -> int:
        """See `OnlineStore.count`."""
        with self._opened().reading() as reader:
            return _count(reader, check_view(view))

    def iter_keys(self, view: str) -> Iterator[bytes]:
        """See `OnlineStore.iter_keys`."""
        prefix = _digest(check_view(view))
        after: bytes | None = prefix
        while after is not None:
            page = self._page(prefix, after)
            after = page[-1][0] if page else None
            yield from (key for _, key in page)

    def delete(self, view: str, keys: Sequence[bytes]) -> int:
        """See `OnlineStore.delete`."""
        name = check_view(view)

        def delete_all(writer: Any, rows: Any) -> int:
            gone = sum(bool(writer.delete(_stored(name, key), db=rows)) for key in keys)
            _add(writer, name, -gone)
            return gone

        gone: int = self._opened().write(delete_all) if keys else 0
        return gone

    def drop(self, view: str) -> None:
        """See `OnlineStore.drop`."""
        name = check_view(view)
        prefix = _digest(name)

        def drop_all(writer: Any, rows: Any) -> None:
            cursor = writer.cursor(rows)
            there = cursor.set_range(prefix)
            while there and cursor.key().startswith(prefix):
                there = cursor.delete()
            cursor.close()
            writer.delete(_COUNT + name)
            writer.delete(_STATE + name)

        self._opened().write(drop_all)

    def list_views(self) -> list[str]:
        """See `OnlineStore.list_views`."""
        views = []
        with self._opened().reading() as reader:
            cursor = reader.cursor()
            there = cursor.set_range(_COUNT)
            while there and cursor.key().startswith(_COUNT):
                if int.from_bytes(cursor.value(), "big"):
                    views.append(cursor.key().removeprefix(_COUNT).decode())
                there = cursor.next()
            cursor.close()
        return sorted(views)

    def get_state(self, view: str) -> bytes | None:
        """See `OnlineStore.get_state`."""
        with self._opened().reading() as reader:
            found: bytes | None = reader.get(_STATE + check_view(view))
            return found

    def put_state(self, view: str, state: bytes) -> None:
        """See `OnlineStore.put_state`."""
        name = _STATE + check_view(view)
        self._opened().write(lambda writer, _: writer.put(name, state))

    def close(self) -> None:
        """See `OnlineStore.close`."""
        environment, self._environment = self._environment, None
        if environment is not None:
            released(environment)

    def _opened(self) -> Environment:
        environment = self._environment
        if environment is None or not environment.is_open:
            environment = self._environment = opened(self._folder, self._map_size)
        return environment

    def _page(self, prefix: bytes, after: bytes) -> list[tuple[bytes, bytes]]:
        """Keys behind one, as they are stored and as they were given."""
        page: list[tuple[bytes, bytes]] = []
        environment = self._opened()
        with environment.reading() as reader:
            cursor = reader.cursor(environment.rows)
            there = cursor.set_range(after)
            if there and cursor.key() == after:
                there = cursor.next()
            while there and len(page) < _PAGE and cursor.key().startswith(prefix):
                stored = cursor.key()
                page.append((stored, _given(stored, cursor.value())))
                there = cursor.next()
            cursor.close()
        return page


def _put(writer: Any, rows: Any, name: bytes, part: Sequence[tuple[bytes, bytes, bytes]], *, replace: bool) -> int:
    written = new = 0
    prefix = _digest(name) + _SHORT
    get: Callable[..., bytes | None] = writer.get
    for key, order, value in part:
        is_short = len(key) <= _LONGEST_KEY
        stored = prefix + key if is_short else _stored(name, key)
        known = get(stored, None, rows)
        if known is None:
            new += 1
        elif not replace and known[:ORDER_BYTES] > order:
            continue
        writer.put(stored, order + value if is_short else _framed(key, order, value), db=rows)
        written += 1
    _add(writer, name, new)
    return written


def _count(reader: Any, name: bytes) -> int:
    return int.from_bytes(reader.get(_COUNT + name) or b"", "big")


def _add(writer: Any, name: bytes, new: int) -> None:
    if new:
        writer.put(_COUNT + name, (_count(writer, name) + new).to_bytes(8, "big"))


def _digest(name: bytes) -> bytes:
    return blake2b(name, digest_size=_PREFIX_BYTES - 1).digest()


@lru_cache(maxsize=1024)
def _short_prefix(view: str) -> bytes:
    return _digest(check_view(view)) + _SHORT


def _stored(name: bytes, key: bytes) -> bytes:
    if len(key) <= _LONGEST_KEY:
        return _digest(name) + _SHORT + key
    return _digest(name) + _LONG + blake2b(key, digest_size=_KEY_DIGEST_BYTES).digest()


def _framed(key: bytes, order: bytes, value: bytes) -> bytes:
    if len(key) <= _LONGEST_KEY:
        return order + value
    return order + len(key).to_bytes(_LENGTH_BYTES, "big") + key + value


def _value(found: bytes | None, key: bytes) -> bytes | None:
    if found is None:
        return None
    return found[ORDER_BYTES if len(key) <= _LONGEST_KEY else ORDER_BYTES + _LENGTH_BYTES + len(key) :]


def _given(stored: bytes, value: bytes) -> bytes:
    if stored[_PREFIX_BYTES - 1 : _PREFIX_BYTES] == _SHORT:
        return stored[_PREFIX_BYTES:]
    start = ORDER_BYTES + _LENGTH_BYTES
    return value[start : start + int.from_bytes(value[ORDER_BYTES:start], "big")]
