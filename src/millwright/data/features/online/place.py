"""Where a view's values are in the online store, and what is known of them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from millwright.data.features.definition import definition_digest

if TYPE_CHECKING:
    from typing import TypeAlias

    from millwright.data.features.stream_view import StreamFeatureView
    from millwright.data.features.view import FeatureView
    from millwright.storage.base.online import OnlineStore

    StoredView: TypeAlias = FeatureView | StreamFeatureView

_DIGITS = 12


class PendingPass(msgspec.Struct, frozen=True, kw_only=True):
    """A materialization that is under way, or was when its process died.

    Attributes:
        source: The dataset version that it reads, as `phases@3`.
        since_us: Only what became known after this is new; None: everything.
        behind: Rows of the source that were read before, from its beginning; those behind them are new.
        until_us: What became known later is left for the next.
        rebuild: Whether its rows replace what is there, and keys that it does not have are forgotten.
        done: Rows of what is new that are online for sure.
        digest: Of the source.
    """

    source: str
    since_us: int | None
    behind: int
    until_us: int
    rebuild: bool = False
    done: int = 0
    digest: str = ""


class PlaceState(msgspec.Struct, frozen=True, kw_only=True):
    """What the online store itself says about a view's values: it may be emptied, or another may be named.

    Attributes:
        key_types: Of the keys, by their Polars names.
        source: The dataset version that was materialized last; empty: none.
        until_us: Up to when; None: never.
        digest: Of that version: another workspace may have one of the same name.
        rows: How many rows that version had.
        created: The column by which its rows said when they were recorded; None: they did not.
        pending: What was begun after that and did not end.
        rebuild: Names the pass that was the last to begin replacing what is there; empty: none did.
    """

    key_types: tuple[str, ...]
    source: str = ""
    digest: str = ""
    until_us: int | None = None
    rows: int = 0
    created: str | None = None
    pending: PendingPass | None = None
    rebuild: str = ""


def place_of(view: StoredView) -> str:
    """The name that a view's values have in the online store.

    It holds the digest of what decides the values: values of two versions of a view never mix, and a model that uses
    the former version still finds them.
    """
    return f"{view.name}@{definition_digest(view)[:_DIGITS]}"


def read_state(store: OnlineStore, place: str) -> PlaceState | None:
    """What is noted of a place; None when nothing was ever put there."""
    found = store.get_state(place)
    return None if found is None else msgspec.msgpack.decode(found, type=PlaceState)


def write_state(store: OnlineStore, place: str, state: PlaceState) -> None:
    """Note what is known of a place."""
    store.put_state(place, msgspec.msgpack.encode(state))
