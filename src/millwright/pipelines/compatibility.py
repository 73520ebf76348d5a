"""Whether a value of one annotated type can be given where another is asked for."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args, get_origin, is_typeddict

from millwright.pipelines.hint import alternatives, strip

_SEQUENCES = (list, tuple, set, frozenset)
_WIDER: dict[type, tuple[type, ...]] = {int: (float, complex), float: (complex,)}


def is_compatible(source: Any, target: Any) -> bool:
    """Whether some value of type `source` is also one of type `target`.

    Generous where types cannot tell: `Any`, type variables, protocols and partly matching unions pass. `int` passes as
    `float`; lists, tuples and sets pass as one another, since JSON stores them alike.
    """
    return any(_fits(one, other) for one in alternatives(source) for other in alternatives(target))


def is_instance(value: Any, hint: Any) -> bool:
    """Whether a value is of a type, as far as its outermost class tells."""
    return any(_is_of(value, member) for member in alternatives(hint))


def runtime_class(hint: Any) -> type | None:
    """The class behind a type: `list` for `list[int]`; None when there is none (`Any`, literals, type variables)."""
    bare = strip(hint)
    found = get_origin(bare) or bare
    return found if isinstance(found, type) and found is not object and bare is not Any else None


def _fits(source: Any, target: Any) -> bool:
    if get_origin(source) is Literal or get_origin(target) is Literal:
        return _literal_fits(source, target)
    one, other = runtime_class(source), runtime_class(target)
    if one is None or other is None or getattr(other, "_is_protocol", False):
        return True
    if is_typeddict(other) or is_typeddict(one):
        return issubclass(dict if is_typeddict(one) else one, dict) and issubclass(
            dict, dict if is_typeddict(other) else other
        )
    if other in _WIDER.get(one, ()):
        return True
    if not issubclass(one, other) and not (one in _SEQUENCES and other in _SEQUENCES):
        return False
    inners, wanteds = get_args(source), get_args(target)
    if len(inners) != len(wanteds):
        return True
    pairs = zip(inners, wanteds, strict=True)
    return all(inner is ... or wanted is ... or is_compatible(inner, wanted) for inner, wanted in pairs)


def _literal_fits(source: Any, target: Any) -> bool:
    def kinds(hint: Any) -> list[Any]:
        return [type(value) for value in get_args(hint)] if get_origin(hint) is Literal else [hint]

    if get_origin(source) is Literal and get_origin(target) is Literal:
        return bool(set(get_args(source)) & set(get_args(target)))
    return any(_fits(one, other) for one in kinds(source) for other in kinds(target))


def _is_of(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return any(value == allowed and type(value) is type(allowed) for allowed in get_args(hint))
    wanted = runtime_class(hint)
    if wanted is None or getattr(wanted, "_is_protocol", False):
        return True
    if is_typeddict(wanted):
        return isinstance(value, dict)
    if wanted in _WIDER.get(type(value), ()):
        return True
    if isinstance(value, bool) and wanted is int:
        return False  # True where a number is asked for is a mistake
    if wanted is NoneType:
        return value is None
    return isinstance(value, wanted)
