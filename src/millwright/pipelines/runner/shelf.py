"""The values of one run: stored by content, and kept at hand while later steps want them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.pipeline import ValueRef
from millwright.pipelines.compatibility import is_instance
from millwright.pipelines.graph.check import wanted_hint
from millwright.pipelines.hint import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.pipelines.graph.node import Graph, Link, Node
    from millwright.pipelines.graph.spec import Output
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
        self._artifacts = artifacts
        self._types = types
        self._refs: dict[str, tuple[ValueRef, ...]] = {}
        self._objects: dict[tuple[str, int], Any] = {}
        self._bytes: dict[tuple[str, int], bytes] = {}
        self._wanted = Counter(link for node in nodes for link in node.links.values())

    def ref(self, link: Link) -> ValueRef:
        """Where a link's value is stored."""
        return self._refs[link.step][link.index]

    def place(self, step: str, refs: tuple[ValueRef, ...]) -> None:
        """Take stored values as the outputs of a step."""
        self._refs[step] = refs
        for index in range(len(refs)):
            self._objects.pop((step, index), None)
            self._bytes.pop((step, index), None)

    def store(self, step: str, outputs: Sequence[Output], returned: Any) -> tuple[ValueRef, ...]:
        """Store what a step returned, one value per output.

        Raises:
            InvalidInputError: It is not what the annotation says, or cannot be stored.
        """
        values = _split(step, outputs, returned)
        refs = []
        for index, (output, value) in enumerate(zip(outputs, values, strict=True)):
            ref, data = self._put(step, output, value)
            refs.append(ref)
            if len(data) <= _KEPT_BYTES:
                self._bytes[step, index] = data
            if hasattr(self._types.named(ref.serializer), "share"):
                self._objects[step, index] = value
        self._refs[step] = tuple(refs)
        return tuple(refs)

    def arguments(self, node: Node) -> dict[str, Any]:
        """The values of a step's links by parameter, each the step's own."""
        single = {name: self.fetch(link, wanted_hint(node, name)) for name, link in node.links.items()}
        for parameter in node.gathered:
            single[parameter] = [single.pop(name) for name in node.item_names(parameter)]
        return single

    def fetch(self, link: Link, wanted: Any) -> Any:
        """One value in the type asked for."""
        key, ref = (link.step, link.index), self.ref(link)
        value = self._objects.get(key, _GONE)
        if value is not _GONE and is_instance(value, wanted):
            return self._types.named(ref.serializer).share(value)  # type: ignore[attr-defined]
        return self.load(ref, stored=self._nodes[link.step].spec.outputs[link.index].hint, wanted=wanted, key=key)

    def load(self, ref: ValueRef, *, stored: Any, wanted: Any, key: tuple[str, int] | None = None) -> Any:
        """A stored value, from its bytes."""
        data = self._bytes.get(key) if key else None
        if data is None:
            data = self._artifacts.get(ref.digest)
        return self._types.load(data, ref.serializer, stored=stored, wanted=wanted)

    def release(self, links: Mapping[str, Link]) -> None:
        """A step has had its arguments; what nobody else wants is let go."""
        for link in links.values():
            self._wanted[link] -= 1
            if self._wanted[link] <= 0:
                self._objects.pop((link.step, link.index), None)
                self._bytes.pop((link.step, link.index), None)

    def has_all(self, refs: Sequence[ValueRef]) -> bool:
        """Whether every one of some stored values is there still."""
        return all(self._artifacts.exists(ref.digest) for ref in refs)

    def _put(self, step: str, output: Output, value: Any) -> tuple[ValueRef, bytes]:
        if not is_instance(value, output.hint):
            raise InvalidInputError(
                f"Step '{step}' is annotated to return {describe(output.hint)}, and returned {describe(type(value))}.",
                hint="Correct the annotation or the return statement.",
            )
        serializer = self._types.serializer_for(type(value))
        if serializer is None:
            raise InvalidInputError(
                f"Step '{step}' returned {describe(type(value))}, which cannot be stored.",
                hint="Return plain values, a dataclass, a table or an array.",
            )
        try:
            data = serializer.dumps(value)
        except (TypeError, ValueError, NotImplementedError) as error:
            raise InvalidInputError(
                f"Step '{step}' returned {describe(type(value))}, which cannot be stored: {error}.",
                hint="Return plain values, a dataclass, a table or an array.",
            ) from error
        digest = self._artifacts.put(data)
        return ValueRef(name=output.name, serializer=serializer.name, digest=digest, size_bytes=len(data)), data


def _split(step: str, outputs: Sequence[Output], returned: Any) -> Sequence[Any]:
    if not outputs:
        if returned is not None:
            raise InvalidInputError(
                f"Step '{step}' is annotated to return None, and returned {describe(type(returned))}.",
                hint="Correct the annotation, or return nothing.",
            )
        return ()
    if outputs[0].name == "result":
        return (returned,)
    if not isinstance(returned, tuple) or len(returned) != len(outputs):
        found = f"a tuple of {len(returned)}" if isinstance(returned, tuple) else describe(type(returned))
        raise InvalidInputError(
            f"Step '{step}' is annotated to return a tuple of {len(outputs)}, and returned {found}.",
            hint="Correct the annotation or the return statement.",
        )
    return returned
