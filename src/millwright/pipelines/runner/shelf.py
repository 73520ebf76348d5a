"""The values of one run: stored by content, and kept at hand while later steps want them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.digest import digest_json
from millwright.core.errors import InvalidInputError
from millwright.core.records.pipeline import ValueRef
from millwright.pipelines.compatibility import is_instance
from millwright.pipelines.graph.check import item_hint, link_hint, wanted_hint
from millwright.pipelines.graph.node import Link
from millwright.pipelines.hint import describe
from millwright.pipelines.runner.encoding import ValueEncoder
from millwright.pipelines.runner.items import ITEMS, LONGEST_INSIDE, StoredItem, read_items, write_items
from millwright.pipelines.serializers.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from millwright.core.ids import Digest
    from millwright.pipelines.graph.node import Graph, Node
    from millwright.pipelines.graph.spec import Output, StepSpec
    from millwright.pipelines.runner.encoding import Encoded
    from millwright.pipelines.serializers import ValueTypes
    from millwright.storage.base import ArtifactStore

_KEPT_BYTES = 1 << 20  # longer ones are read from the store again
_GONE = object()


class ValueShelf:
    """Stores the outputs of steps and gives them to later ones.

    The stored bytes are the truth. An object that a step returned is given on only through its serializer's `share`,
    which makes sure that what the receiver does in place stays its own; every other value is read from its bytes for
    each step that asks.

    Args:
        graph: The graph that is run.
        nodes: Those of its steps that are run.
        artifacts: Where values are stored.
        types: Serializers and conversions.
    """

    def __init__(self, graph: Graph, nodes: Sequence[Node], artifacts: ArtifactStore, types: ValueTypes) -> None:
        self._nodes = {node.name: node for node in graph.nodes}
        self.artifacts = artifacts
        self._types = types
        self.encoder = ValueEncoder(artifacts, types)
        self._refs: dict[str, tuple[ValueRef, ...]] = {}
        self._hints: dict[str, Any] = {}  # of values that are no step's output: items of lists
        self._objects: dict[tuple[str, int], Any] = {}
        self._bytes: dict[tuple[str, int], bytes] = {}
        self._wanted = Counter(link for node in nodes for link in node.sources)

    def has(self, step: str) -> bool:
        """Whether a step has given its outputs."""
        return step in self._refs

    def links(self, node: Node) -> dict[str, Link] | None:
        """Where a node's arguments come from: of several outputs the first that is there; None when one lacks all."""
        found: dict[str, Link] = {}
        for name, link in node.links.items():
            there = next((each for each in (link, *node.others.get(name, ())) if each.step in self._refs), None)
            if there is None:
                return None
            found[name] = there
        return found

    def ref(self, link: Link) -> ValueRef:
        """Where a link's value is stored; of a field, where the whole is."""
        return self._refs[link.step][link.index]

    def identity(self, link: Link) -> tuple[str, Digest]:
        """What stands for a link's value in a cache key."""
        ref = self.ref(link)
        if not link.field:
            return ref.serializer, ref.digest
        return "json", digest_json(to_plain(self.fetch(link, Any), allow_nan=True))

    def place(self, step: str, refs: tuple[ValueRef, ...]) -> None:
        """Take stored values as the outputs of a step."""
        self._refs[step] = refs
        for index in range(len(refs)):
            self._objects.pop((step, index), None)
            self._bytes.pop((step, index), None)

    def place_new(self, step: str, refs: tuple[ValueRef, ...]) -> None:
        """Take the outputs that a step has stored just now; what is at hand of them stays there."""
        self._refs[step] = refs

    def place_one(self, link: Link, ref: ValueRef) -> None:
        """Take one stored value as an output of a step, whose others are not known here."""
        known = list(self._refs.get(link.step, ()))
        known += [ref] * (link.index + 1 - len(known))
        known[link.index] = ref
        self._refs[link.step] = tuple(known)

    def place_items(self, name: str, link: Link) -> int:
        """Take the items of a list as values of their own, `name[0]`, `name[1]`, …; how many there are."""
        whole = self.ref(link)
        items = read_items(self._data(whole, (link.step, link.index)))
        hint = item_hint(self._stored_hint(link))
        for number, item in enumerate(items):
            place = f"{name}[{number}]"
            self._refs[place] = (
                ValueRef(
                    name="item",
                    serializer=item.serializer,
                    digest=item.digest,
                    size_bytes=item.size_bytes,
                    pack=(whole.pack or whole.digest) if item.is_inside else None,
                    offset=whole.offset + item.offset if item.is_inside else 0,
                ),
            )
            self._hints[place] = hint
            if item.data is not None:
                self._bytes[place, 0] = item.data
        return len(items)

    def store(self, step: str, spec: StepSpec, returned: Any) -> tuple[ValueRef, ...]:
        """Store what a step returned, one value per output.

        Raises:
            InvalidInputError: It is not what the annotation says, or cannot be stored.
        """
        refs = []
        for index, (encoded, value) in enumerate(self.encoder.encode(step, spec, returned)):
            self.artifacts.put(encoded.data, encoded.digest)
            refs.append(encoded.ref())
            if len(encoded.data) <= _KEPT_BYTES:
                self._bytes[step, index] = encoded.data
            if encoded.serializer != ITEMS and hasattr(self._types.named(encoded.serializer), "share"):
                self._objects[step, index] = value
        self._refs[step] = tuple(refs)
        return tuple(refs)

    def store_packed(self, values: Sequence[Sequence[Encoded]]) -> list[tuple[ValueRef, ...]]:
        """Store the outputs of several items; short ones share a blob, since one more costs much and they little."""
        short = [each for outputs in values for each in outputs if len(each.data) <= LONGEST_INSIDE]
        pack = self.artifacts.put(b"".join(each.data for each in short)) if short else None
        offsets, at = {}, 0
        for each in short:
            offsets[id(each)] = at
            at += len(each.data)
        stored = []
        for outputs in values:
            refs = []
            for each in outputs:
                if id(each) in offsets:
                    refs.append(each.ref(pack, offsets[id(each)]))
                else:
                    self.artifacts.put(each.data, each.digest)
                    refs.append(each.ref())
            stored.append(tuple(refs))
        return stored

    def gather(self, output: Output, refs: Iterable[ValueRef], data: Mapping[Digest, bytes]) -> ValueRef:
        """Store a list of values that are stored already.

        Args:
            output: What the list is called.
            refs: Its items.
            data: Bytes of items that are at hand.
        """
        items: list[StoredItem] = []
        parts: list[Digest] = []
        for ref in refs:
            is_inside = ref.size_bytes <= LONGEST_INSIDE
            found = (data.get(ref.digest) or self._data(ref)) if is_inside else None
            parts += [*ref.parts, *([] if is_inside else [ref.digest])]
            items.append(StoredItem(ref.serializer, ref.digest, ref.size_bytes, found))
        whole = write_items(items)
        digest = self.artifacts.put(whole)
        return ValueRef(
            name=output.name,
            serializer=ITEMS,
            digest=digest,
            size_bytes=len(whole),
            parts=tuple(dict.fromkeys(parts)),
        )

    def arguments(self, node: Node, links: Mapping[str, Link]) -> dict[str, Any]:
        """The values of a step's links by parameter, each the step's own."""
        single = {name: self.fetch(link, wanted_hint(node, name)) for name, link in links.items()}
        for parameter in node.gathered:
            single[parameter] = [single.pop(name) for name in node.item_names(parameter)]
        return single

    def fetch(self, link: Link, wanted: Any) -> Any:
        """One value in the type asked for."""
        key, ref = (link.step, link.index), self.ref(link)
        if link.field:
            whole = self.load(ref, stored=self._stored_hint(Link(link.step, link.index)), wanted=Any, key=key)
            part = whole[link.field] if isinstance(whole, dict) else getattr(whole, link.field)
            return self._types.adapt(part, wanted)
        value = self._objects.get(key, _GONE)
        if value is not _GONE and is_instance(value, wanted):
            return getattr(self._types.named(ref.serializer), "share")(value)  # noqa: B009 - not all have it
        try:
            return self.load(ref, stored=self._stored_hint(link), wanted=wanted, key=key)
        except msgspec.ValidationError as error:
            raise InvalidInputError(
                f"Step '{link.step}' gave a value that is no {describe(wanted)}: {error}.",
                hint=f"Correct what '{link.step}' returns, or the annotations.",
            ) from error

    def load(self, ref: ValueRef, *, stored: Any, wanted: Any, key: tuple[str, int] | None = None) -> Any:
        """A stored value, from its bytes."""
        data = self._data(ref, key)
        if ref.serializer != ITEMS:
            return self._types.load(data, ref.serializer, stored=stored, wanted=wanted, artifacts=self.artifacts)
        one, other = item_hint(stored), item_hint(wanted)
        return [
            self._types.load(
                self.artifacts.get(item.digest) if item.data is None else item.data,
                item.serializer,
                stored=one,
                wanted=other,
                artifacts=self.artifacts,
            )
            for item in read_items(data)
        ]

    def release(self, links: Iterable[Link]) -> None:
        """A step has had its arguments; what nobody else wants is let go."""
        for link in links:
            self._wanted[link] -= 1
            if self._wanted[link] <= 0:
                self._objects.pop((link.step, link.index), None)
                self._bytes.pop((link.step, link.index), None)

    def has_all(self, refs: Sequence[ValueRef]) -> bool:
        """Whether every one of some stored values is there still."""
        return all(self._is_whole(ref) for ref in refs)

    def _is_whole(self, ref: ValueRef) -> bool:
        # A power cut may leave an empty file of a value that was about to become durable.
        if ref.pack is None and self.artifacts.size(ref.digest) != ref.size_bytes:
            return False
        blobs = ref.parts if ref.pack is None else (ref.pack, *ref.parts)
        is_readable = ref.serializer == ITEMS or self._types.can_read(ref.serializer)
        return is_readable and all(self.artifacts.exists(blob) for blob in blobs)

    def _data(self, ref: ValueRef, key: tuple[str, int] | None = None) -> bytes:
        data = self._bytes.get(key) if key else None
        if data is not None:
            return data
        if ref.pack is None:
            return self.artifacts.get(ref.digest)
        return b"".join(self.artifacts.read_chunks(ref.pack, start=ref.offset, stop=ref.offset + ref.size_bytes))

    def _stored_hint(self, link: Link) -> Any:
        """The type that a link's value was stored with."""
        node = self._nodes.get(link.step)
        return self._hints.get(link.step, Any) if node is None else link_hint(node, link)
