"""Models of River as JSON and back, without pickle: their objects as a table of nodes, built anew from a list of types.

River's models are plain objects: a class, its attributes, and in them numbers, texts, containers, random states and
other objects of River's, which may know each other. Each becomes a node `[kind, …]` of a list; a value is a JSON
scalar, or `{"r": n}` for node n. What is built from a file is chosen by this module: classes that River itself
defines are made by `__new__` and given attributes, nothing is called but what is named here.
"""

from __future__ import annotations

import base64
import collections
import copy
import functools
import math
import random
import statistics
import types
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np

from millwright.core.errors import InvalidInputError, UnsafeArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_PACKAGE = "river"
# Parts of River that read files, load data from elsewhere, or are programs of their own.
_NEVER = ("river.datasets", "river.stream", "river.checks", "river.evaluate", "river.bandit", "river.api")
_CONTAINERS: Mapping[str, type] = {
    "list": list,
    "dict": dict,
    "set": set,
    "deque": collections.deque,
    "counter": collections.Counter,
    "ordered": collections.OrderedDict,
    "defaultdict": collections.defaultdict,
}
_KINDS = {kind: name for name, kind in _CONTAINERS.items()}
_PLAIN_GLOBALS: Mapping[str, Any] = {
    "builtins.int": int,
    "builtins.float": float,
    "builtins.str": str,
    "builtins.bool": bool,
    "builtins.list": list,
    "builtins.dict": dict,
    "builtins.set": set,
    "collections.Counter": collections.Counter,
    "collections.defaultdict": collections.defaultdict,
    "collections.deque": collections.deque,
    "copy.deepcopy": copy.deepcopy,
}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
_NUMBERS = "biuf"  # kinds of arrays
_VECTOR = "river._river_rust.vectordict.VectorDict"
_FILLED = (
    ("object", "random", "random_state"),
    ("list", "deque"),
    ("dict", "counter", "ordered", "defaultdict", "set", "vector"),
)


class NodeTable:
    """Objects as nodes, each once.

    Args:
        root: The object that all others are reached from.

    Attributes:
        nodes: One for each object.
        root: The value that stands for it.

    Raises:
        InvalidInputError: Something in it cannot be stored so; the message says where it is.
    """

    def __init__(self, root: Any) -> None:
        self.nodes: list[list[Any]] = []
        self._known: dict[int, int] = {}
        self._alive: list[Any] = []  # an id is an object's own only while it lives
        self._waiting: list[tuple[int, Any, str]] = []  # no recursion: trees may be deep
        self.root = self._value(root, type(root).__name__)
        while self._waiting:
            number, thing, place = self._waiting.pop()
            self.nodes[number] = self._node(thing, place)

    def _value(self, thing: Any, place: str) -> Any:
        if thing is None or type(thing) in {bool, int, str}:
            return thing
        if type(thing) is float:
            return thing if math.isfinite(thing) else {"f": repr(thing)}
        number = self._known.get(id(thing))
        if number is None:
            number = self._known[id(thing)] = len(self.nodes)
            self._alive.append(thing)
            self.nodes.append([])
            self._waiting.append((number, thing, place))
        return {"r": number}

    def _node(self, thing: Any, place: str) -> list[Any]:
        kind = type(thing)
        if kind in _KINDS:
            return self._container(thing, place)
        if kind in {tuple, frozenset}:
            return [kind.__name__, self._values(thing, place)]
        if kind is bytes:
            return ["bytes", _text(thing)]
        if isinstance(thing, np.ndarray | np.generic):
            return _array_node(thing, place)
        return self._function(thing, place) or self._special(thing, place) or self._object(thing, place)

    def _special(self, thing: Any, place: str) -> list[Any]:
        kind = type(thing)
        if kind is random.Random:
            return ["random", self._value(thing.getstate(), place)]
        if kind is np.random.RandomState:
            state = thing.get_state(legacy=False)
            return ["random_state", self._pairs({**state, **state.pop("state")}, place)]
        if kind is statistics.NormalDist:
            return ["normal", thing.mean, thing.stdev]
        return []

    def _function(self, thing: Any, place: str) -> list[Any]:
        if isinstance(thing, (type, *_FUNCTIONS)):
            return ["global", _checked_name(thing, place)]
        if isinstance(thing, types.MethodType):
            return ["method", self._value(thing.__self__, place), thing.__name__]
        if type(thing) is functools.partial:
            parts = (thing.func, thing.args, thing.keywords)
            return ["partial", *(self._value(part, f"{place}.partial") for part in parts)]
        return []

    def _container(self, thing: Any, place: str) -> list[Any]:
        name = _KINDS[type(thing)]
        if isinstance(thing, collections.deque):
            return [name, self._values(list(thing), place), thing.maxlen]
        if isinstance(thing, collections.defaultdict):
            return [name, self._pairs(thing, place), self._value(thing.default_factory, f"{place}.default_factory")]
        return [name, self._pairs(thing, place) if isinstance(thing, dict) else self._values(thing, place)]

    def _object(self, thing: Any, place: str) -> list[Any]:
        name = _checked_name(type(thing), place)
        reduced = thing.__reduce_ex__(4)
        if name == _VECTOR:
            items, factory, mask, *_ = reduced[1]
            return [
                "vector",
                sorted(self._pairs(items, place), key=repr),
                self._value(factory, place),
                self._value(mask, place),
            ]
        is_plain = isinstance(reduced, tuple) and reduced[0].__name__ == "__newobj__"
        if not is_plain or any(part is not None for part in reduced[3:]):
            _refuse_to_store(f"a {name}, which is not made of its attributes", place)
        state, arguments = reduced[2], reduced[1][1:]
        if isinstance(state, bytes):  # of what River has in Rust
            return ["object", name, [self._value(each, place) for each in arguments], None, _text(state)]
        attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        if not all(part is None or isinstance(part, dict) for part in (attributes, slots)):
            _refuse_to_store(f"a {name}, which is not made of its attributes", place)
        return ["object", name, self._pairs(attributes or {}, place), self._pairs(slots or {}, place), None]

    def _values(self, things: Iterable[Any], place: str) -> list[Any]:
        if isinstance(things, set | frozenset):
            things = sorted(things, key=lambda each: (type(each).__name__, repr(each)))  # the same bytes each time
        return [self._value(each, f"{place}[{number}]") for number, each in enumerate(things)]

    def _pairs(self, items: Mapping[Any, Any], place: str) -> list[list[Any]]:
        return [[self._value(key, f"{place} key"), self._value(each, f"{place}.{key}")] for key, each in items.items()]


class Builder:
    """Objects from nodes that may come from anywhere.

    Args:
        nodes: As of `NodeTable`.

    Raises:
        UnsafeArtifactError: A node is of no known kind, or names what is not River's.
    """

    def __init__(self, nodes: Sequence[Any]) -> None:
        self._nodes = nodes
        self._made: dict[int, Any] = {}
        self._underway: set[int] = set()
        for number, node in enumerate(nodes):  # empty at first, since they may know each other
            if node[0] in _SHELLS:
                self._made[number] = _SHELLS[node[0]](node)
        for kinds in _FILLED:  # what is found by its hash comes last: that may need an object's attributes
            for number, node in enumerate(nodes):
                if node[0] in kinds:
                    self._fill(number, node)

    def value(self, told: Any) -> Any:
        """What a value stands for."""
        if not isinstance(told, dict):
            return told
        if "f" in told:
            return float(told["f"])
        number = told["r"]
        if number not in self._made:
            if number in self._underway:
                _refuse_to_load("a tuple that is a part of itself")
            self._underway.add(number)
            self._made[number] = self._frozen(self._nodes[number])
        return self._made[number]

    def _frozen(self, node: Sequence[Any]) -> Any:
        """What cannot be changed, and so is made of its parts at once."""
        kind = node[0]
        if kind in {"tuple", "frozenset"}:
            return (tuple if kind == "tuple" else frozenset)(self.value(each) for each in node[1])
        if kind == "bytes":
            return base64.b64decode(node[1])
        if kind == "array":
            return _array(node)
        if kind == "global":
            return _found(node[1])
        if kind == "method":
            return _method(self.value(node[1]), node[2])
        if kind == "partial":
            function, arguments, named = (self.value(part) for part in node[1:4])
            return functools.partial(function, *arguments, **named)
        if kind == "normal":
            return statistics.NormalDist(node[1], node[2])
        return _refuse_to_load(f"a node of kind {kind!r}")

    def _fill(self, number: int, node: Sequence[Any]) -> None:
        shell, kind = self._made[number], node[0]
        if kind == "object":
            self._give_state(shell, *node[2:5])
        elif kind == "random":
            shell.setstate(self.value(node[1]))
        elif kind == "random_state":
            state = dict(self._pairs(node[1]))
            inner = {name: state.pop(name) for name in ("key", "pos")}
            shell.set_state({**state, "state": inner})
        elif kind in {"list", "deque"}:
            shell.extend(self.value(each) for each in node[1])
        elif kind == "set":
            shell.update(self.value(each) for each in node[1])
        else:
            for key, each in self._pairs(node[1]):
                shell[key] = each
            if kind == "defaultdict":
                shell.default_factory = self.value(node[2])

    def _give_state(self, thing: Any, attributes: Any, slots: Any, state: str | None) -> None:
        if state is not None:
            thing.__setstate__(base64.b64decode(state))
            return
        found = dict(self._pairs(attributes))
        if not slots and hasattr(type(thing), "__setstate__"):
            thing.__setstate__(found)
            return
        for name, each in [*found.items(), *self._pairs(slots)]:
            object.__setattr__(thing, name, each)

    def _pairs(self, pairs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        return ((self.value(key), self.value(each)) for key, each in pairs)


def _new(node: Sequence[Any]) -> Any:
    kind = _found(node[1])
    if not isinstance(kind, type) or not _is_rivers(kind.__module__):
        _refuse_to_load(f"an object of {node[1]}, which is no class of River's")
    arguments = node[2] if node[4] is not None else []
    if not all(each is None or type(each) in {bool, int, float, str} for each in arguments):
        _refuse_to_load(f"an object of {node[1]} that is made of others")
    return kind.__new__(kind, *arguments)


def _new_container(node: Sequence[Any]) -> Any:
    return _CONTAINERS[node[0]]()


def _new_vector(node: Sequence[Any]) -> Any:
    if node[2] is not None or node[3] is not None:
        _refuse_to_load("a vector with a default or a mask")
    return _found(_VECTOR)()


# What is made empty, and filled when all are there.
_SHELLS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    **dict.fromkeys(_CONTAINERS, _new_container),
    "deque": lambda node: collections.deque(maxlen=node[2]),
    "object": _new,
    "random": lambda _: random.Random(),  # noqa: S311 - its state follows
    "random_state": lambda _: np.random.RandomState(),
    "vector": _new_vector,
}


def _method(owner: Any, name: str) -> Callable[..., Any]:
    function = getattr(type(owner), name, None)
    if not isinstance(function, types.FunctionType) or not _is_rivers(function.__module__) or name.startswith("__"):
        _refuse_to_load(f"the method {name!r} of a {type(owner).__name__}, which River does not have")
    return types.MethodType(function, owner)


def _checked_name(thing: Any, place: str) -> str:
    name = f"{thing.__module__}.{thing.__qualname__}"
    if name in _PLAIN_GLOBALS:
        return name
    try:
        found = _found(name)
    except UnsafeArtifactError:
        found = None
    if found is not thing:
        _refuse_to_store(f"{name}, which is no part of River that Millwright stores", place)
    return name


def _found(name: str) -> Any:
    """A class or function by its dotted name."""
    if name in _PLAIN_GLOBALS:
        return _PLAIN_GLOBALS[name]
    parts = str(name).split(".")
    if not _is_rivers(name):
        _refuse_to_load(f"{name}, which is not River's")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        home = str(getattr(found, "__module__", ""))
        if isinstance(found, (type, *_FUNCTIONS)) and _is_rivers(home):
            return found
        break
    return _refuse_to_load(f"{name}, which is no class or function of the installed River")


def _is_rivers(name: str) -> bool:
    is_never = any(name == each or name.startswith(f"{each}.") for each in _NEVER)
    return name.partition(".")[0] == _PACKAGE and not is_never


def _array_node(thing: Any, place: str) -> list[Any]:
    array = np.asarray(thing)
    if array.dtype.kind not in _NUMBERS:
        _refuse_to_store(f"an array of {array.dtype}", place)
    shape = None if isinstance(thing, np.generic) else list(array.shape)
    order: Literal["F", "C"] = "F" if array.flags.fnc else "C"  # what River computes in place depends on it
    return ["array", array.dtype.str, shape, order, _text(array.tobytes(order))]


def _array(node: Sequence[Any]) -> Any:
    kind = np.dtype(node[1])
    if kind.kind not in _NUMBERS:
        _refuse_to_load(f"an array of {kind}")
    _, _, shape, order, data = node
    values = np.frombuffer(base64.b64decode(data), dtype=kind)
    return values[0] if shape is None else values.reshape(shape, order=order).copy(order)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _refuse_to_store(what: str, place: str) -> NoReturn:
    raise InvalidInputError(
        f"The River model cannot be stored without pickle: it holds {what}, at {place}.",
        hint="Use River's own parts and no functions of your own, or write a PythonModel around it.",
    )


def _refuse_to_load(what: str) -> NoReturn:
    raise UnsafeArtifactError(f"The River model's file holds {what}; Millwright does not load that.")
