"""Conformance of `OnlineStore`."""
# ruff: noqa: S101

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.storage.base.online import OnlineRow, Swap
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.storage.base.online import OnlineStore
    from millwright.testing.conformance import Opener

_FAR = 253_402_300_799_000_000  # the last second of the year 9999
_LONG = b"\x91" + b"k" * 5000


class OnlineStoreConformance(StoreConformance):
    """The newest value per key."""

    def test_empty_store_has_nothing(self, store: OnlineStore) -> None:
        """And nothing asked for is nothing found."""
        assert store.get([("view", [b"a", b"b"])]) == [[None, None]]
        assert store.get([]) == []
        assert store.get([("view", []), ("other", [])]) == [[], []]
        assert store.count("view") == 0
        assert list(store.iter_keys("view")) == []
        assert store.list_views() == []
        assert store.get_state("view") is None
        assert store.put("view", []) == 0
        assert store.swap("view", []) == []
        assert store.delete("view", [b"a"]) == 0
        store.drop("view")

    def test_values_of_several_views_are_read_together(self, store: OnlineStore) -> None:
        """In the order in which they were asked for; a key may be asked for twice, or alone."""
        store.put("one", [row(b"a", value=b"1a"), row(b"b", value=b"1b")])
        store.put("two", [row(b"a", value=b"2a")])
        asked = [("two", [b"b", b"a"]), ("none", [b"a"]), ("one", [b"b", b"a", b"b"]), ("two", []), ("two", [b"a"])]
        assert store.get(asked) == [[None, b"2a"], [None], [b"1b", b"1a", b"1b"], [], [b"2a"]]
        store.put("one", [row(_LONG, value=b"long")])
        alone = [store.get_one("one", key) for key in (b"a", _LONG, b"none", _LONG + b"!")]
        assert alone == [b"1a", b"long", None, None]

    @pytest.mark.parametrize(
        ("older", "newer"),
        [
            ((1, 5), (2, 4)), ((2, 4), (2, 5)), ((2, None), (2, -5)), ((-2, None), (-1, None)), ((-1, 0), (0, 0)),
            ((255, 0), (256, 0)), ((_FAR - 1, _FAR), (_FAR, 0)), ((-_FAR, None), (_FAR, None)),
        ],
    )  # fmt: skip
    def test_newest_value_stays_whatever_comes_first(
        self, store: OnlineStore, older: tuple[int, int | None], newer: tuple[int, int | None]
    ) -> None:
        """First by event, then by creation; no creation is the oldest."""
        old, new = OnlineRow(b"k", *older, b"old"), OnlineRow(b"k", *newer, b"new")
        for name, orders in {"a": [[old], [new]], "b": [[new], [old]], "c": [[new, old]], "d": [[old, new]]}.items():
            for rows in orders:
                store.put(name, rows)
            assert store.get([(name, [b"k"])]) == [[b"new"]], name
        assert store.put("a", [old]) == 0
        assert store.put("a", [new, row(b"l")]) == 2

    def test_later_put_stays_of_equal_moments(self, store: OnlineStore) -> None:
        """In one call, too; and putting the same again changes nothing."""
        store.put("v", [row(b"k", value=b"1"), row(b"k", value=b"2")])
        assert store.get([("v", [b"k"])]) == [[b"2"]]
        store.put("v", [row(b"k", value=b"3")])
        store.put("v", [row(b"k", value=b"3")])
        assert store.get([("v", [b"k"])]) == [[b"3"]]
        assert store.count("v") == 1

    def test_replacing_put_stays_even_if_older(self, store: OnlineStore) -> None:
        """And is compared with from then on."""
        store.put("v", [row(b"k", 9, b"9"), row(b"l", 9, b"9")])
        assert store.put("v", [row(b"k", 5, b"5"), row(b"k", 4, b"4")], replace=True) == 1
        store.put("v", [row(b"k", 3, b"3"), row(b"l", 8, b"8")])
        assert store.get([("v", [b"k", b"l"])]) == [[b"4", b"9"]]

    def test_any_bytes_are_keys_and_values(self, store: OnlineStore) -> None:
        """Zeros, invalid UTF-8, nothing as a value, long ones."""
        keys = [
            b"\0",
            b"\0\0",
            b"\xff",
            b"a\0b",
            "schlüssel 鍵".encode(),
            b"*?[a]",
            b"%s",
            _LONG,
            _LONG + b"x",
            b"k" * 502,
        ]
        rows = [row(key, value=value) for key, value in zip(keys, [b"", b"\0", *keys], strict=False)]
        store.put("v", rows)
        assert store.get([("v", keys)]) == [[each.value for each in rows]]
        assert sorted(store.iter_keys("v")) == sorted(keys)
        assert store.delete("v", [_LONG, b"\0"]) == 2
        assert store.get([("v", [_LONG, b"\0", _LONG + b"x"])]) == [[None, None, rows[8].value]]

    def test_large_value_is_kept(self, store: OnlineStore) -> None:
        """Some megabytes."""
        value = os.urandom(3 << 20)
        store.put("v", [row(b"k", value=value)])
        assert store.get([("v", [b"k"])]) == [[value]]

    def test_views_are_apart_whatever_their_names(self, store: OnlineStore) -> None:
        """Names of any script, and ones that begin alike."""
        names = [*(name for name in sample.NAMES if len(name) < 200), "view", "view@2", "view:x", "vie", "*", "v" * 200]
        for name in names:
            store.put(name, [row(b"k", value=name.encode())])
            store.put_state(name, b"state of " + name.encode())
        assert store.list_views() == sorted(names)
        assert store.get([(name, [b"k"]) for name in names]) == [[name.encode()] for name in names]
        assert [store.get_state(name) for name in names] == [b"state of " + name.encode() for name in names]
        store.drop("view")
        assert store.list_views() == sorted(set(names) - {"view"})
        assert store.get_state("view") is None
        assert store.get_state("vie") == b"state of vie"

    @pytest.mark.parametrize("name", ["", "v" * 201, "ü" * 101, "a\0b", "\ud800"])
    def test_name_that_cannot_be_kept_is_refused(self, store: OnlineStore, name: str) -> None:
        """By every store alike."""
        with pytest.raises(InvalidInputError, match="view's name"):
            store.put(name, [row(b"k")])
        with pytest.raises(InvalidInputError, match="view's name"):
            store.get([(name, [b"k"])])

    def test_empty_key_and_impossible_moment_are_refused(self, store: OnlineStore) -> None:
        """And nothing of the call is kept."""
        for bad in (row(b""), OnlineRow(b"k", 1 << 63, None, b""), OnlineRow(b"k", 0, -(1 << 63), b"")):
            with pytest.raises(InvalidInputError):
                store.put("v", [row(b"good"), bad])
        assert store.count("v") == 0

    def test_deleted_key_is_gone(self, store: OnlineStore) -> None:
        """And may come back with an older value."""
        store.put("v", [row(b"a", 5), row(b"b")])
        assert store.delete("v", [b"a", b"none"]) == 1
        assert store.get([("v", [b"a", b"b"])]) == [[None, b"value"]]
        assert store.count("v") == 1
        assert store.delete("v", []) == 0
        assert store.put("v", [row(b"a", 1, b"1")]) == 1
        assert store.get([("v", [b"a"])]) == [[b"1"]]

    def test_many_rows_are_put_counted_listed_and_read(self, store: OnlineStore) -> None:
        """More than any batch of a store."""
        keys = [number.to_bytes(4, "big") for number in range(25_000)]
        assert store.put("v", [row(key, value=key) for key in keys]) == len(keys)
        store.put("v", [row(key, 99, b"new") for key in keys[:100]])
        assert store.count("v") == len(keys)
        found = list(store.iter_keys("v"))
        assert len(found) == len(keys)
        assert set(found) == set(keys)
        assert store.get([("v", keys)]) == [[b"new"] * 100 + keys[100:]]
        store.drop("v")
        assert store.count("v") == 0

    def test_swap_is_made_only_if_nothing_changed(self, store: OnlineStore) -> None:
        """Each by itself; long keys too."""
        keys = [b"a", b"b", _LONG]
        assert store.swap("v", [Swap(key, None, b"1") for key in keys]) == [True] * 3
        assert store.swap("v", [Swap(b"a", None, b"x"), Swap(b"b", b"1", b"2"), Swap(_LONG, b"", b"x")]) == [
            False,
            True,
            False,
        ]
        assert store.swap("v", [Swap(_LONG, b"1", b""), Swap(b"c", b"1", b"x")]) == [True, False]
        assert store.swap("v", [Swap(_LONG, b"", b"3")]) == [True]
        assert store.get([("v", [*keys, b"c"])]) == [[b"1", b"2", b"3", None]]
        assert store.count("v") == 3

    def test_closed_store_opens_again(self, store: OnlineStore) -> None:
        """Closing twice does nothing."""
        store.put("v", [row(b"k")])
        store.close()
        store.close()
        assert store.get([("v", [b"k"])]) == [[b"value"]]

    def test_newest_value_stays_when_threads_put_together(self, store: OnlineStore) -> None:
        """Each puts all moments, in an order of its own, in batches whose keys cross."""
        in_threads(lambda number: put_shuffled(store, number), count=6)
        assert store.get([("v", KEYS)]) == [[b"199"] * len(KEYS)]
        assert store.count("v") == len(KEYS)

    def test_newest_value_stays_when_processes_put_together(self, shared_opener: Opener, store: OnlineStore) -> None:
        """As with threads; what others put is seen by a store that was open already."""
        in_processes(shared_opener, put_shuffled, count=2)
        assert store.get([("v", KEYS)]) == [[b"199"] * len(KEYS)]

    def test_no_swap_is_lost_when_many_count_together(self, shared_opener: Opener, store: OnlineStore) -> None:
        """Each adds one 40 times; and then processes, 100 times each."""
        in_threads(lambda _: add_up(store, 40), count=4)
        assert store.get([("v", [b"sum"])]) == [[b"160"]]
        in_processes(shared_opener, _add_hundred, count=2)
        assert store.get([("v", [b"sum"])]) == [[b"360"]]

    def test_acknowledged_rows_are_there_after_a_kill(self, shared_opener: Opener) -> None:
        """Those of every call that returned; of the one that did not, nothing is damaged."""
        count = in_killed_process(shared_opener, _put_and_tell)
        with shared_opener() as store:
            found = store.get([("v", [number.to_bytes(4, "big") for number in range(count)])])
            assert found == [[b"kept"] * count]
            assert store.get_state("v") == b"told"
            assert store.put("v", [row(b"after")]) == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
    def test_kill_during_writes_loses_nothing_acknowledged(self, shared_opener: Opener) -> None:
        """Killed at any moment, not between two calls."""
        count = in_killed_process(shared_opener, _put_without_end)
        with shared_opener() as store:
            keys = sorted(store.iter_keys("v"))
            assert len(keys) >= count
            assert store.count("v") == len(keys)
            assert all(value is not None and len(value) == 1000 for value in store.get([("v", keys)])[0])
            assert store.put("v", [row(b"after")]) == 1

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_forked_child_uses_the_store_of_its_parent(self, shared_opener: Opener) -> None:
        """And the parent's goes on."""
        with shared_opener() as store:
            store.put("v", [row(b"parent")])
            child = os.fork()
            if child == 0:
                os._exit(_work_as_child(store))
            assert os.waitpid(child, 0)[1] == 0
            assert store.get([("v", [b"parent", b"child"])]) == [[b"value", b"value"]]
            assert store.put("v", [row(b"later")]) == 1


KEYS = [b"key %d" % number for number in range(50)]


def row(key: bytes, event_us: int = 1, value: bytes = b"value") -> OnlineRow:
    """A row of which nobody knows when it was recorded."""
    return OnlineRow(key, event_us, None, value)


def put_shuffled(store: OnlineStore, number: int) -> None:
    """Put the moments 0 to 199 of every key."""
    for step in range(200):
        moment = (step * 37 + number * 61) % 200
        keys: Sequence[bytes] = KEYS if number % 2 else KEYS[::-1]
        store.put("v", [row(key, moment, b"%d" % moment) for key in keys])


def add_up(store: OnlineStore, times: int) -> None:
    """Add one to a number, again when somebody else was faster."""
    for _ in range(times):
        while True:
            known = store.get([("v", [b"sum"])])[0][0]
            if store.swap("v", [Swap(b"sum", known, b"%d" % (int(known or 0) + 1))])[0]:
                break


def _add_hundred(store: OnlineStore, _: int) -> None:
    add_up(store, 100)


def _put_and_tell(store: OnlineStore, acknowledge: Callable[[Any], None]) -> None:
    for number in range(0, 300, 100):
        store.put("v", [row(each.to_bytes(4, "big"), value=b"kept") for each in range(number, number + 100)])
    store.put_state("v", b"told")
    acknowledge(300)


def _put_without_end(store: OnlineStore, acknowledge: Callable[[Any], None]) -> None:
    from threading import Thread

    store.put("v", [row(b"first", value=b"x" * 1000)])

    def put_on() -> None:
        deadline = time.monotonic() + 30
        number = 0
        while time.monotonic() < deadline:
            rows = [row(b"%d" % each, value=b"x" * 1000) for each in range(number, number + 200)]
            store.put("v", rows)
            number += 200

    for _ in range(2):
        Thread(target=put_on, daemon=True).start()
    while store.count("v") < 1000:
        time.sleep(0.005)
    acknowledge(store.count("v"))


def _work_as_child(store: OnlineStore) -> int:
    try:
        same = store.get([("v", [b"parent"])]) == [[b"value"]]
        store.put("v", [row(b"child")])
        store.close()
    except BaseException:  # noqa: BLE001 - a child of a test must not run the test's end
        return 2
    return 0 if same else 1
