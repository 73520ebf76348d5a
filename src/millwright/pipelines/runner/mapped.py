"""Mapped steps: one execution for each item of a list, each with a key and a record of its own.

The whole has a key, too, over the keys of its items: when nothing has changed, one look at the store is enough. Leases
of items are taken together, and items that another run computes are waited for. What items give is stored and recorded
together every tenth of a second, since a commit costs as much as many items.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.pipeline import StepRunRecord, StepStatus
from millwright.pipelines.graph.check import wanted_hint
from millwright.pipelines.graph.node import Link, Node
from millwright.pipelines.runner.items import ITEMS
from millwright.pipelines.runner.journal import value_edges
from millwright.pipelines.runner.key import key_of_whole
from millwright.pipelines.runner.watch import UNSEEN
from millwright.pipelines.serializers.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import Digest
    from millwright.core.records.audit import LineageEdge
    from millwright.core.records.pipeline import ValueRef
    from millwright.pipelines.runner.coordinator import Coordinator
    from millwright.pipelines.runner.encoding import Encoded
    from millwright.pipelines.runner.executors.base import Outcome
    from millwright.pipelines.runner.pending import Pending
    from millwright.pipelines.runner.run_parts import RunParts
    from millwright.pipelines.runner.shelf import ValueShelf

_FLUSH_S = 0.1
_FLUSH_ITEMS = 500
_MOST_TOLD = 20


class MappedStep:
    """A mapped step that is on its way.

    Attributes:
        pending: The step as a whole.
        has_begun: Whether it is for us to compute.

    Args:
        pending: The step as a whole.
        coordinator: Makes and looks for the items.
        parts: What the run's steps share.

    Raises:
        InvalidInputError: What it is mapped over is no list, or lists differ in length.
    """

    def __init__(self, pending: Pending, coordinator: Coordinator, parts: RunParts) -> None:
        self.pending = pending
        self.has_begun = False
        self._coordinator, self._parts, self._shelf = coordinator, parts, parts.shelf
        node = pending.node
        items = item_nodes(node, pending.links, parts.shelf)
        self._items = [coordinator.pending(item, node.name, links) for item, links in items]
        for item in self._items:
            coordinator.make_key(item)
        self._numbers = {item.node.name: number for number, item in enumerate(self._items)}
        self._refs: list[tuple[ValueRef, ...] | None] = [None] * len(self._items)
        self._data: dict[Digest, bytes] = {}
        self._buffer: list[tuple[Pending, Outcome]] = []
        self._flushed = time.monotonic()
        self._cached = 0
        self._unseen: dict[str, None] = {}  # in the order in which it was found
        self._open = self._items
        self._left = len(self._items)
        self._said = False
        key = key_of_whole(node, [item.key for item in self._items if item.key])
        pending.key = key
        pending.record = replace(pending.record, cache_key=key.digest, key_parts=key.parts)

    @property
    def unfinished(self) -> int:
        """How many items have no result yet."""
        return self._left

    @property
    def waits(self) -> bool:
        """Whether there are items that other runs compute: `to_execute` is to be called again later."""
        return bool(self._open)

    def to_execute(self) -> list[Pending]:
        """The items that are for us to compute and were not given before; results that are kept by now are taken."""
        left = self._unsettled(self._open)
        may_take = self._coordinator.kept.may_take
        own = [item for item in left if not may_take(item)]
        shared = [item for item in left if may_take(item)]
        ours = self._parts.leases.acquire_many([item.digest for item in shared if item.digest])
        self._open = [item for item in shared if item.digest not in ours]
        # Whoever had a lease before may have recorded the result since we looked.
        claimed = self._unsettled([item for item in shared if item.digest in ours])
        self._parts.leases.release_many(ours - {item.digest for item in claimed})
        if self._open and not self._said:
            self._said = True
            name = self.pending.base
            self._parts.progress.say(f"Another run is executing items of step '{name}'; waiting for their results.")
        return own + claimed

    def _unsettled(self, items: list[Pending]) -> list[Pending]:
        """Take the results that are kept; the items that have none."""
        found = self._coordinator.kept.find_many(items)
        left = []
        for item in items:
            number = self._numbers[item.node.name]
            done, kept = self._coordinator.done.get(item.node.name), found.get(item.node.name)
            if done is not None and self._shelf.has_all(done.outputs):
                self._parts.journal.known(done)
                self._refs[number] = done.outputs
                self._see(done)
            elif kept is not None:
                self._parts.journal.cached(item.record, kept)
                self._refs[number] = kept.outputs
                self._see(kept)
                self._cached += 1
            else:
                left.append(item)
        self._left -= len(items) - len(left)
        return left

    def add(self, item: Pending, outcome: Outcome) -> None:
        """An item has been executed."""
        self._buffer.append((item, outcome))
        self._left -= 1
        if len(self._buffer) >= _FLUSH_ITEMS or time.monotonic() - self._flushed > _FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Store and record what items have given."""
        if not self._buffer:
            return
        packed = self._shelf.store_packed([outcome.encoded or () for _, outcome in self._buffer])
        records: list[StepRunRecord] = []
        edges: list[LineageEdge] = []
        now = self._parts.clock.now()
        for (item, outcome), refs in zip(self._buffer, packed, strict=True):
            whole = replace(item.recorded(outcome), outputs=refs or outcome.outputs)
            record = replace(whole, status=StepStatus.COMPLETED, ended_at=now)
            records.append(record)
            edges += [*value_edges(record, item.files), *outcome.edges]
            self._refs[self._numbers[item.node.name]] = record.outputs
            self._see(record)
            self._keep(outcome.encoded or ())
        keys = [item.digest for item, _ in self._buffer if item.digest]
        self._parts.journal.items(records, edges, lambda: self._parts.leases.release_many(keys))
        self._buffer = []
        self._flushed = time.monotonic()

    def outputs(self) -> tuple[tuple[ValueRef, ...], dict[str, Any]]:
        """The lists that the items make, stored, and what is to be noted of them."""
        self.flush()
        gathered = [
            self._shelf.gather(output, [refs[index] for refs in self._refs if refs is not None], self._data)
            for index, output in enumerate(self.pending.node.spec.outputs)
        ]
        unseen = {UNSEEN: list(self._unseen)[:_MOST_TOLD]} if self._unseen else {}
        return tuple(gathered), {"items": len(self._items), "cached": self._cached, **unseen}

    def _see(self, item: StepRunRecord) -> None:
        """Note what an item read behind its key's back: the whole did, too."""
        self._unseen.update(dict.fromkeys(item.summary.get(UNSEEN, ())))

    def _keep(self, encoded: Any) -> None:
        values: list[Encoded] = list(encoded)
        self._data.update({each.digest: each.data for each in values})


def item_nodes(node: Node, links: Mapping[str, Link], shelf: ValueShelf) -> list[tuple[Node, dict[str, Link]]]:
    """The nodes that a mapped node stands for, with where their arguments come from.

    Args:
        node: The mapped node.
        links: Where its arguments come from.
        shelf: Has them.

    Raises:
        InvalidInputError: What it is mapped over is no list, or lists differ in length.
    """
    lists = {name: _listed(node, name, links, shelf) for name in node.mapped}
    lengths = {name: len(items) for name, items in lists.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{length} for '{name}'" for name, length in lengths.items())
        raise InvalidInputError(
            f"Step '{node.name}' is mapped over lists of different lengths: {found}.", hint="Make them equally long."
        )
    own = {name for name in links if name.partition("[")[0] in node.mapped}
    common = {name: link for name, link in links.items() if name not in own}
    made = []
    for number in range(next(iter(lengths.values()))):
        items = {name: listed[number] for name, listed in lists.items()}
        mine = {name: item for name, item in items.items() if isinstance(item, Link)}
        values = {name: item for name, item in items.items() if not isinstance(item, Link)}
        all_links = {**common, **mine}
        item_node = replace(
            node,
            name=f"{node.name}[{number}]",
            links=all_links,
            values={**{k: v for k, v in node.values.items() if k not in node.mapped}, **values},
            plain={
                **{k: v for k, v in node.plain.items() if k not in node.mapped},
                **{name: to_plain(value, allow_nan=True) for name, value in values.items()},
            },
            gathered={name: count for name, count in node.gathered.items() if name not in node.mapped},
            mapped=(),
        )
        made.append((item_node, all_links))
    return made


def _listed(node: Node, name: str, links: Mapping[str, Link], shelf: ValueShelf) -> list[Any]:
    """What a parameter is mapped over: values, or links to them."""
    if name in node.values:
        return list(node.values[name])
    if name in node.gathered:
        return [links[each] for each in node.item_names(name)]
    link = links[name]
    if shelf.ref(link).serializer == ITEMS and not link.field:
        place = f"{node.name}<{name}>"
        return [Link(f"{place}[{number}]", 0) for number in range(shelf.place_items(place, link))]
    found = shelf.fetch(link, wanted_hint(node, name))
    if not isinstance(found, list | tuple):
        raise InvalidInputError(
            f"Step '{node.name}' is mapped over '{name}', which step '{link.step}' gave as {type(found).__name__}.",
            hint="Give it a list.",
        )
    return list(found)
