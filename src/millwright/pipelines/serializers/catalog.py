"""Which serializer stores which type, and which conversions there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import IntegrityError
from millwright.pipelines.compatibility import is_compatible, is_instance, runtime_class
from millwright.pipelines.hint import alternatives, describe
from millwright.pipelines.serializers.frame import ArrowSerializer, PandasSerializer, PolarsSerializer, frame_kind
from millwright.pipelines.serializers.ndarray import NdarraySerializer
from millwright.pipelines.serializers.plain import BytesSerializer, PlainSerializer, TextSerializer, unstorable_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.serializers.base import Adapter, Serializer

_ADVICE = {
    "LazyFrame": "return frame.collect()",
    "Series": "return a DataFrame, or series.to_list()",
    "Path": "return the file's bytes, or its path as text if it outlives the run",
    "PosixPath": "return the file's bytes, or its path as text if it outlives the run",
}


class ValueTypes:
    """The serializers and adapters of a runner.

    Args:
        serializers: More of them; asked before the built-in ones.
        adapters: Conversions between stored and asked-for types.
    """

    def __init__(self, serializers: Sequence[Serializer] = (), adapters: Sequence[Adapter] = ()) -> None:
        self._serializers: tuple[Serializer, ...] = (
            *serializers,
            PolarsSerializer(),
            ArrowSerializer(),
            PandasSerializer(),
            NdarraySerializer(),
            TextSerializer(),
            BytesSerializer(),
            PlainSerializer(),
        )
        self._adapters = tuple(adapters)
        self._by_type: dict[type, Serializer | None] = {}

    def serializer_for(self, value_type: type) -> Serializer | None:
        """The one that stores values of a type; None when there is none."""
        if value_type not in self._by_type:
            handlers = (serializer for serializer in self._serializers if serializer.handles(value_type))
            self._by_type[value_type] = next(handlers, None)
        return self._by_type[value_type]

    def named(self, name: str) -> Serializer:
        """The serializer that a stored value names.

        Raises:
            IntegrityError: This installation has none of that name.
        """
        found = next((serializer for serializer in self._serializers if serializer.name == name), None)
        if found is None:
            raise IntegrityError(
                f"A stored value needs the serializer '{name}', which is not here.",
                hint="Install or register what the workspace that wrote it had.",
            )
        return found

    def problem(self, hint: Any) -> str:
        """Why values of an annotated type cannot be stored; empty when they can, or when only the value will tell."""
        return next((text for member in alternatives(hint) if (text := self._problem(member))), "")

    def accepts(self, source: Any, target: Any) -> bool:
        """Whether what one step returns can be given to another: the types fit, or a conversion is known."""
        if is_compatible(source, target):
            return True
        ones = [kind for member in alternatives(source) if (kind := runtime_class(member))]
        others = [kind for member in alternatives(target) if (kind := runtime_class(member))]
        return any(
            (frame_kind(one) and frame_kind(other)) or self._adapter(one, other) for one in ones for other in others
        )

    def load(self, data: bytes, serializer: str, *, stored: Any, wanted: Any) -> Any:
        """A stored value in the type that a step asks for.

        Args:
            data: The stored bytes.
            serializer: The name of the serializer that wrote them.
            stored: The annotation of the output they came from.
            wanted: The annotation of the parameter they go to; `Any` takes the stored type.
        """
        knows = any(runtime_class(member) is not None for member in alternatives(wanted))
        direct = knows and (is_compatible(stored, wanted) or not self._converts(stored, wanted))
        value = self.named(serializer).loads(data, wanted if direct else stored)
        return self.adapt(value, wanted)

    def adapt(self, value: Any, wanted: Any) -> Any:
        """A value converted to the type asked for; the value itself when it is of that type or nothing converts it."""
        if is_instance(value, wanted):
            return value
        for member in alternatives(wanted):
            kind = runtime_class(member)
            adapter = self._adapter(type(value), kind) if kind else None
            if adapter is not None:
                return adapter.convert(value)
        return value

    def _converts(self, stored: Any, wanted: Any) -> bool:
        ones = [kind for member in alternatives(stored) if (kind := runtime_class(member))]
        others = [kind for member in alternatives(wanted) if (kind := runtime_class(member))]
        return any(self._adapter(one, other) for one in ones for other in others)

    def _adapter(self, source: type, target: type) -> Adapter | None:
        fitting = (a for a in self._adapters if issubclass(source, a.source) and issubclass(a.target, target))
        return next(fitting, None)

    def _problem(self, hint: Any) -> str:
        kind = runtime_class(hint)
        if kind is None:
            return ""
        serializer = self.serializer_for(kind)
        if serializer is None:
            advice = _ADVICE.get(kind.__name__, "return plain values or a dataclass, or register a serializer")
            return f"{describe(hint)} cannot be stored ({advice})"
        if not isinstance(serializer, PlainSerializer):
            return ""
        reason = unstorable_part(hint)
        return f"{describe(hint)} cannot be stored: {reason}" if reason else ""
