"""What a key was made of, short enough to be kept with each step run; and what differs between two of them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from millwright.pipelines.fingerprint.walk import short_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_LONGEST_VALUE = 200
_MOST_UNITS_BYTES = 9_000
_MOST_ITEMS = 20
_MOST_TOLD = 4
_LONG = "~"  # before the digest of a value that is too long to be kept
_KINDS = {"f": "helper", "c": "class", "m": "module", "o": "object", "v": "constant", "=": "constant"}
_ABSENT = object()


def brief(value: Any) -> Any:
    """A JSON value, or a short digest in place of a long one."""
    if value is None or type(value) in {bool, int, float}:
        return value
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return value if len(text) <= _LONGEST_VALUE and not text.startswith(f'"{_LONG}') else _LONG + short_digest(text)


def brief_units(parts: Mapping[str, str]) -> dict[str, dict[str, str] | str]:
    """A fingerprint's parts by where they are: `{module: {name: digest}}`; one digest for a module that has very many.

    At most 9 kB as JSON.
    """
    grouped: dict[str, dict[str, str]] = {}
    for label, shown in parts.items():
        place, _, name = label.rpartition(".")
        grouped.setdefault(place, {})[name] = shown
    found: dict[str, dict[str, str] | str] = dict(grouped)
    sizes = Counter({place: len(json.dumps(units)) + len(place) + 6 for place, units in grouped.items()})
    total = sizes.total()
    for place, size in sizes.most_common():
        if total <= _MOST_UNITS_BYTES:
            break
        found[place] = _as_one(grouped[place])
        total -= size - len(place) - 15
    return found


def brief_inputs(inputs: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Serializer and the beginning of the digest by input; a list of many items as one."""
    items = Counter(name.partition("[")[0] for name in inputs if "[" in name)
    many = {name for name, count in items.items() if count > _MOST_ITEMS}
    short = {name: [kind, digest[:12]] for name, (kind, digest) in inputs.items() if name.partition("[")[0] not in many}
    for name in many:
        whole = [value for each, value in inputs.items() if each.partition("[")[0] == name]
        short[name] = [f"{items[name]} items", short_digest(json.dumps(whole))]
    return short


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed between two keys of a step, in short phrases; code first.

    Args:
        old: `StepRunRecord.key_parts` of an earlier run.
        new: `StepKey.parts` now.

    Returns:
        Phrases such as `helper features.scale changed` or `parameter 'trials': 30 → 40`. Empty when the parts say
        nothing, as those of an old record do.
    """
    if not old or not new:
        return []
    if old.get("version") != new.get("version"):
        return ["this version of Millwright makes keys in another way"]
    told = [text for each in _COMPARED for text in each(old, new)]
    if not told and old.get("code") != new.get("code"):
        told = ["its code changed"]
    each = old.get("each"), new.get("each")
    return ["its items changed"] if not told and all(each) and each[0] != each[1] else told


def enumerated(changed: Sequence[str]) -> str:
    """The first of some differences, and how many more there are, as part of a sentence."""
    more = f" and {len(changed) - _MOST_TOLD} more" if len(changed) > _MOST_TOLD else ""
    return f"{', '.join(changed[:_MOST_TOLD])}{more}"


def _code(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = (_flat(one.get("units", {}), other.get("units", {})) for one, other in ((old, new), (new, old)))
    changed = [label for label in after if label in before and before[label] != after[label]]
    own = new.get("function")
    if own in changed:
        yield "its own code changed"
    yield from (_unit(label, before[label], after[label]) for label in changed if label != own)
    if changed:
        return  # what is new or gone is so because of that
    if old.get("function") != own:
        yield f"its function is {own} in place of {old.get('function')}"
        return
    yield from (f"{_named(label, after[label])} is reached now" for label in after if label not in before)
    yield from (f"{_named(label, before[label])} is not reached any more" for label in before if label not in after)


def _as_one(units: Mapping[str, str]) -> str:
    return "m" + short_digest(json.dumps(units, sort_keys=True))


def _flat(units: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, str]:
    """Units by label; those of a module as one where they are one on either side."""
    flat: dict[str, str] = {}
    for place, inside in units.items():
        if isinstance(inside, str) or isinstance(others.get(place), str):
            flat[f"{place}.*"] = inside if isinstance(inside, str) else _as_one(inside)
        else:
            flat.update({f"{place}.{name}" if place else name: shown for name, shown in inside.items()})
    return flat


def _unit(label: str, before: str, after: str) -> str:
    if before[:1] == after[:1] == "=":
        return f"{_named(label, after)}: {before[1:]} → {after[1:]}"
    return f"{_named(label, after)} changed"


def _named(label: str, shown: str) -> str:
    plain = label.replace(".<locals>", "").removesuffix(".*").removesuffix(" object")
    if plain.endswith("<lambda>"):
        return f"a lambda in {plain.removesuffix('.<lambda>')}"
    return f"{_KINDS.get(shown[:1], 'code')} {plain}"


def _packages(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = (dict(each.split("==", 1) for each in parts.get("packages", ())) for parts in (old, new))
    yield from _named_values("package", before, after, lambda one, other: f" {one} → {other}")


def _params(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from _named_values("parameter", old.get("params", {}), new.get("params", {}), _from_to, quoted=True)


def _from_to(one: Any, other: Any) -> str:
    if any(isinstance(each, str) and each.startswith(_LONG) for each in (one, other)):
        return " changed"
    return f": {json.dumps(one, ensure_ascii=False)} → {json.dumps(other, ensure_ascii=False)}"


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after, sources = old.get("inputs", {}), new.get("inputs", {}), new.get("from", {})
    if (one := old.get("items")) != (other := new.get("items")):
        yield f"its items: {one} → {other}"

    def changed(name: str) -> str:
        source = sources.get(name)
        return f" changed{f' (from step {source})' if source else ''}"

    for name in dict.fromkeys([*before, *after]):
        if name not in before:
            yield f"input '{name}' is new"
        elif name not in after:
            yield f"input '{name}' is gone"
        elif before[name] != after[name]:
            yield f"input '{name}'{changed(name)}"


def _files(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = old.get("files", {}), new.get("files", {})
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name, []), after.get(name, [])
        for known, now in zip(one, other, strict=False):
            if known[0] != now[0] and known[1] != now[1]:
                yield f"file {now[0]} in place of {known[0]}"
            elif known[1] != now[1]:
                yield f"file {now[0]} changed"
        yield from (f"file {now[0]} is new" for now in other[len(one) :])
        yield from (f"file {known[0]} is gone" for known in one[len(other) :])


def _environment(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    found = old.get("environ", {}), new.get("environ", {})
    yield from _named_values("environment variable", *found, lambda *_: " changed")


def _rest(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("state") != new.get("state"):
        yield "the outside state that it declares changed"
    if old.get("extras") != new.get("extras"):
        yield f"its extras{_from_to(old.get('extras'), new.get('extras'))}"


def _named_values(
    kind: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    change: Callable[[Any, Any], str],
    *,
    quoted: bool = False,
) -> Iterator[str]:
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name, _ABSENT), after.get(name, _ABSENT)
        shown = f"{kind} '{name}'" if quoted else f"{kind} {name}"
        if one is _ABSENT:
            yield f"{shown} is new"
        elif other is _ABSENT:
            yield f"{shown} is gone"
        elif one != other:
            yield f"{shown}{change(one, other)}"


_COMPARED = (_code, _packages, _params, _inputs, _files, _environment, _rest)
