"""Values as bytes, before they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_origin

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError
from millwright.core.ids import Digest
from millwright.core.records.pipeline import ValueRef
from millwright.pipelines.compatibility import is_instance
from millwright.pipelines.graph.check import item_hint
from millwright.pipelines.hint import describe, field_hints, strip
from millwright.pipelines.runner.items import ITEMS, LONGEST_INSIDE, StoredItem, write_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.graph.spec import Output, StepSpec
    from millwright.pipelines.serializers import ValueTypes
    from millwright.storage.base import ArtifactStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoded:
    """A value as bytes, not stored yet.

    Attributes:
        output: The output's name.
        serializer: The format.
        data: The bytes.
        digest: Of the bytes.
        parts: Blobs that were stored beside them.
    """

    output: str
    serializer: str
    data: bytes
    digest: Digest
    parts: tuple[Digest, ...] = ()

    def ref(self, pack: Digest | None = None, offset: int = 0) -> ValueRef:
        """Where it is stored."""
        return ValueRef(
            name=self.output,
            serializer=self.serializer,
            digest=self.digest,
            size_bytes=len(self.data),
            pack=pack,
            offset=offset,
            parts=self.parts,
        )


class ValueEncoder:
    """Turns what steps return into bytes.

    Args:
        artifacts: Where the long items of lists are stored at once.
        types: Serializers.
    """

    def __init__(self, artifacts: ArtifactStore, types: ValueTypes) -> None:
        self._artifacts = artifacts
        self._types = types

    def encode(self, step: str, spec: StepSpec, returned: Any) -> list[tuple[Encoded, Any]]:
        """What a step returned as bytes, one per output, with the values.

        Raises:
            InvalidInputError: It is not what the annotation says, or has no stored form.
        """
        split = zip(spec.outputs, _split(step, spec, returned), strict=True)
        values = [_unboxed(value, output.hint) for output, value in split]
        return [(self._encoded(step, output, value), value) for output, value in zip(spec.outputs, values, strict=True)]

    def _encoded(self, step: str, output: Output, value: Any) -> Encoded:
        if not is_instance(value, output.hint):
            raise InvalidInputError(
                f"Step '{step}' is annotated to return {describe(output.hint)}, and returned {describe(type(value))}.",
                hint="Correct the annotation or the return statement.",
            )
        if isinstance(value, list) and self._is_of_values(output.hint, value):
            return self._encoded_items(step, output, value)
        try:
            found = self._types.dump(value, self._artifacts)
        except (TypeError, ValueError) as error:
            raise InvalidInputError(
                f"Step '{step}' returned {describe(type(value))}, which cannot be stored: {str(error).rstrip('.')}."
            ) from error
        return Encoded(
            output=output.name,
            serializer=found.serializer,
            data=found.data,
            digest=digest_bytes(found.data),
            parts=found.parts,
        )

    def log(self, data: bytes) -> Digest | None:
        """Store what a step printed; None when that is nothing."""
        return self._artifacts.put(data) if data else None

    def _is_of_values(self, hint: Any, value: list[Any]) -> bool:
        """Whether a list's items are values of their own, such as tables: those that JSON has no form for."""
        if get_origin(strip(hint)) is not list or not value:
            return False
        found = self._types.serializer_of(value[0])
        return found is not None and found.name not in {"json", "text"}

    def _encoded_items(self, step: str, output: Output, value: list[Any]) -> Encoded:
        inner = type(output)(name=output.name, hint=item_hint(output.hint))
        items: list[StoredItem] = []
        parts: list[Digest] = []
        for item in value:
            one = self._encoded(step, inner, item)
            parts += one.parts
            if len(one.data) > LONGEST_INSIDE:
                parts.append(self._artifacts.put(one.data, one.digest))
            items.append(StoredItem(one.serializer, one.digest, len(one.data), one.data))
        data = write_items(items)
        return Encoded(
            output=output.name,
            serializer=ITEMS,
            data=data,
            digest=digest_bytes(data),
            parts=tuple(dict.fromkeys(parts)),
        )


def _unboxed(value: Any, hint: Any) -> Any:
    """NumPy's number or truth value as Python's where the annotation asks for one: `-> bool` of a comparison."""
    is_scalar = getattr(value, "ndim", None) == 0 and hasattr(value, "dtype") and hasattr(value, "item")
    if not is_scalar or is_instance(value, hint):
        return value
    plain = value.item()
    return plain if is_instance(plain, hint) else value


def _split(step: str, spec: StepSpec, returned: Any) -> Sequence[Any]:
    outputs = spec.outputs
    if not outputs:
        if returned is not None:
            raise InvalidInputError(
                f"Step '{step}' is annotated to return None, and returned {describe(type(returned))}.",
                hint="Correct the annotation, or return nothing.",
            )
        return ()
    if spec.bundle is not None:
        if not isinstance(returned, spec.bundle):
            raise InvalidInputError(
                f"Step '{step}' is annotated to return {describe(spec.bundle)}, and returned "
                f"{describe(type(returned))}.",
                hint="Correct the annotation or the return statement.",
            )
        return [getattr(returned, name) for name in field_hints(spec.bundle)]
    if outputs[0].name == "result":
        return (returned,)
    if not isinstance(returned, tuple) or len(returned) != len(outputs):
        found = f"a tuple of {len(returned)}" if isinstance(returned, tuple) else describe(type(returned))
        raise InvalidInputError(
            f"Step '{step}' is annotated to return a tuple of {len(outputs)}, and returned {found}.",
            hint="Correct the annotation or the return statement.",
        )
    return returned
