"""Which serializer stores which type, and which conversions there are."""

from __future__ import annotations

from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias

from millwright.core.errors import ConfigurationError, IntegrityError
from millwright.pipelines.compatibility import is_compatible, is_instance, runtime_class
from millwright.pipelines.hint import alternatives, describe
from millwright.pipelines.serializers.base import ContentSerializer, DumpedValue, PartSerializer, Serializer
from millwright.pipelines.serializers.folder import FolderSerializer
from millwright.pipelines.serializers.frame import ArrowSerializer, PandasSerializer, PolarsSerializer, frame_kind
from millwright.pipelines.serializers.installed import InstalledSerializers
from millwright.pipelines.serializers.ndarray import NdarraySerializer
from millwright.pipelines.serializers.npz import NpzSerializer
from millwright.pipelines.serializers.plain import BytesSerializer, PlainSerializer, TextSerializer, unstorable_part
from millwright.pipelines.serializers.series import PandasSeriesSerializer, PolarsSeriesSerializer
from millwright.pipelines.serializers.sparse import SparseSerializer
from millwright.pipelines.serializers.tensor import TensorSerializer, TensorsSerializer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.serializers.base import Adapter
    from millwright.storage.base import ArtifactStore

AnySerializer: TypeAlias = Serializer | PartSerializer

_GENERAL = "return plain values, a dataclass, a table or an array, or register a serializer"
_SETTING = "allow_pickle = true under [pipelines] in millwright.toml"
_PICKLE = "pickle"
_ADVICE = {
    "RecordBatch": "return pyarrow.Table.from_batches([batch])",
    "MaskedArray": "return the data and the mask: {'data': array.data, 'mask': array.mask}",
    "deque": "return a list",
    "complex": "return the two parts, or a NumPy array",
}
_BUILT_IN_MODULES = {"builtins", "datetime", "decimal", "uuid"}


class ValueTypes:
    """The serializers and adapters of a runner.

    Asked in this order: those given, the built-in ones for single types, those that installed packages add, JSON, and
    pickle where it is allowed. One instance may be used by several threads.

    Args:
        serializers: More of them; asked before the built-in ones.
        adapters: Conversions between stored and asked-for types.
        allow_pickle: Whether what has no open form is pickled, and pickles are read.

    Raises:
        ConfigurationError: Two serializers have one name; of installed packages' it is said on use.
    """

    def __init__(
        self,
        serializers: Sequence[AnySerializer] = (),
        adapters: Sequence[Adapter] = (),
        *,
        allow_pickle: bool = False,
    ) -> None:
        self._containers: tuple[ContentSerializer, ...] = (NpzSerializer(), TensorsSerializer())
        self._plain = PlainSerializer()
        self._open: tuple[Serializer, ...] = (
            PolarsSerializer(),
            ArrowSerializer(),
            PandasSerializer(),
            PolarsSeriesSerializer(),
            PandasSeriesSerializer(),
            NdarraySerializer(),
            SparseSerializer(),
            TensorSerializer(),
            TextSerializer(),
            BytesSerializer(),
        )
        self._single: tuple[AnySerializer, ...] = (*serializers, *self._open, FolderSerializer())
        self._named = _by_name((*self._single, *self._containers, self._plain))
        self._installed = InstalledSerializers({*self._named, _PICKLE})
        self._adapters = tuple(adapters)
        self._by_type: dict[type, AnySerializer | None] = {}
        self._pickle: Serializer | None = None
        if allow_pickle:
            # Only here, so that a workspace that has not said so cannot read one by mistake.
            from millwright.pipelines.serializers.pickled import PickleSerializer

            self._pickle = PickleSerializer()
            self._named[_PICKLE] = self._pickle

    def serializer_for(self, value_type: type) -> AnySerializer | None:
        """The one that stores values of a type, as far as the type tells; None when there is none."""
        if value_type not in self._by_type:
            self._by_type[value_type] = self._find(value_type)
        return self._by_type[value_type]

    def serializer_of(self, value: Any) -> AnySerializer | None:
        """The one that stores a value, by what it holds: a dictionary of arrays is not a dictionary of numbers."""
        if isinstance(value, dict):
            found = next((each for each in self._containers if each.holds(value)), None)
            if found is not None:
                return found
        return self.serializer_for(type(value))

    def named(self, name: str) -> AnySerializer:
        """The serializer that a stored value names.

        Raises:
            IntegrityError: This installation has none of that name, or may not use it.
        """
        found = self._named.get(name) or self._installed.find(name)
        if found is not None:
            return found
        if name == _PICKLE:
            raise IntegrityError(
                "A stored value is a pickle, and this workspace reads none.",
                hint="Run the step that made it again with --force; or, if you trust everyone who writes to the store, "
                f"set {_SETTING}.",
            )
        trouble = self._installed.broken.get(name)
        raise IntegrityError(
            f"A stored value needs the serializer '{name}', which "
            f"{f'cannot be used: {trouble}' if trouble else 'is not here'}.",
            hint="Install or register what the workspace that wrote it had.",
        )

    def can_read(self, name: str) -> bool:
        """Whether a stored value of that serializer can be read here; a recorded result that cannot is no hit."""
        return name in self._named or self._installed.find(name) is not None

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

    def dump(self, value: Any, artifacts: ArtifactStore) -> DumpedValue:
        """A value in its stored form.

        Args:
            value: What a step returned.
            artifacts: Where parts go, such as the files of a folder; the bytes themselves are the caller's to store.

        Raises:
            TypeError: It cannot be stored; the message says what to do, in the middle of a sentence.
            ValueError: The same.
        """
        serializer = self.serializer_of(value)
        if serializer is None:
            raise TypeError(self._advice(type(value)))
        if hasattr(serializer, "store"):
            data, parts = serializer.store(value, artifacts)
            return DumpedValue(serializer.name, data, parts)
        try:
            return DumpedValue(serializer.name, serializer.dumps(value))
        except (TypeError, ValueError, NotImplementedError) as error:
            if serializer not in (self._plain, *self._open, *self._containers):
                raise TypeError(_said(error)) from error
            if self._pickle is None:
                raise TypeError(f"{_said(error)}; {_SETTING} lets it be pickled") from error
        return DumpedValue(_PICKLE, self._pickle.dumps(value))

    def load(
        self, data: bytes, serializer: str, *, stored: Any, wanted: Any, artifacts: ArtifactStore | None = None
    ) -> Any:
        """A stored value in the type that a step asks for.

        Args:
            data: The stored bytes.
            serializer: The name of the serializer that wrote them.
            stored: The annotation of the output they came from.
            wanted: The annotation of the parameter they go to; `Any` takes the stored type.
            artifacts: Where the parts are, of values that have some.

        Raises:
            IntegrityError: There is no such serializer here, or the bytes are none of its own.
        """
        knows = any(runtime_class(member) is not None for member in alternatives(wanted))
        direct = knows and (is_compatible(stored, wanted) or not self._converts(stored, wanted))
        reader, annotation = self.named(serializer), wanted if direct else stored
        if hasattr(reader, "fetch"):
            if artifacts is None:
                raise TypeError(f"a value of the serializer '{serializer}' is read with its parts")
            return self.adapt(reader.fetch(data, annotation, artifacts), wanted)
        return self.adapt(reader.loads(data, annotation), wanted)

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

    def _find(self, value_type: type) -> AnySerializer | None:
        found = next((each for each in self._single if each.handles(value_type)), None)
        if found is None and not (value_type.__module__ in _BUILT_IN_MODULES and self._plain.handles(value_type)):
            # Asked before JSON, which takes every dataclass; and only for types that some package may have brought.
            found = next((each for each in self._installed.iter() if each.handles(value_type)), None)
        if found is None and self._plain.handles(value_type):
            found = self._plain
        return found if found is not None or _refusal(value_type) else self._pickle

    def _problem(self, hint: Any) -> str:
        kind = runtime_class(hint)
        if hint is object and self._pickle is None:
            return "object may be anything (name the type, or write Any where only the value can tell)"
        if kind is None or any(each.promises(hint) for each in self._containers):
            return ""
        serializer = self.serializer_for(kind)
        if serializer is None:
            return f"{describe(hint)} cannot be stored ({self._advice(kind)})"
        if serializer is not self._plain or self._pickle is not None:
            return ""
        reason = unstorable_part(hint)
        return f"{describe(hint)} cannot be stored: {reason}; {_SETTING} lets it be pickled" if reason else ""

    def _advice(self, kind: type) -> str:
        if refusal := _refusal(kind):
            return refusal
        if issubclass(kind, Enum):
            advice = "give all members values that are texts, or all of them integers"
        else:
            advice = _ADVICE.get(kind.__name__, _GENERAL)
        return f"{advice}; {_SETTING} lets it be pickled"


def _said(error: Exception) -> str:
    """What an error says; those of Arrow hold several sentences."""
    return "; ".join(text.rstrip(".") for text in error.args if isinstance(text, str)) or str(error).rstrip(".")


def _refusal(kind: type) -> str:
    """What to do instead with a type that is neither stored nor pickled: what it stands for is elsewhere."""
    if issubclass(kind, PurePath):
        return "return mw.Folder(path) for a folder; for a file its bytes, or its path as text if it outlives the run"
    if kind.__module__.partition(".")[0] == "polars" and kind.__name__ == "LazyFrame":
        return "return frame.collect()"
    return ""


def _by_name(serializers: Sequence[AnySerializer]) -> dict[str, AnySerializer]:
    found: dict[str, AnySerializer] = {}
    for serializer in serializers:
        other = found.setdefault(serializer.name, serializer)
        if other is not serializer:
            raise ConfigurationError(
                f"Expected one serializer named '{serializer.name}', found {describe(type(other))} and "
                f"{describe(type(serializer))}.",
                hint="Give yours another name: stored values name their serializer.",
            )
    return found
