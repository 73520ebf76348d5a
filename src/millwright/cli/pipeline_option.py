"""The parameters of a pipeline as options of `mw run`: read, explained, completed."""

from __future__ import annotations

from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from millwright.core.errors import InvalidInputError, closest
from millwright.core.plain_text import visible
from millwright.pipelines.compatibility import runtime_class
from millwright.pipelines.hint import alternatives
from millwright.pipelines.parameter import coerce

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from millwright.pipelines.parameter import Parameter

_LISTS = (list, tuple, set, frozenset)


def parse_parameters(
    words: Sequence[str], parameters: Sequence[Parameter], own: Collection[str] = ()
) -> dict[str, Any]:
    """What `--name value` and `--name=value` give; `--name` and `--no-name` of a flag; a list, repeated.

    Args:
        words: Of the call, without the command's own; dashes in names stand for underscores.
        parameters: What the pipeline takes.
        own: Options of the command itself, which a mistyped word may mean, too.

    Returns:
        Texts, to be read by the annotations; lists for options that were repeated, booleans for bare flags.

    Raises:
        InvalidInputError: A word is no option, an option has no value, or the pipeline has no such parameter.
    """
    known = {parameter.name: parameter for parameter in parameters}
    found: dict[str, list[Any]] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            continue
        if not word.startswith("--"):
            raise InvalidInputError(
                f"Unexpected argument '{word}'.", hint="Parameters of the pipeline are written --name value."
            )
        written, has_value, value = word[2:].partition("=")
        parameter, is_negated = _named(written, known, own)
        if has_value and is_negated:
            raise InvalidInputError(f"Option --{written} takes no value.", hint=f"Write --{written} alone.")
        if not has_value:
            has_next = bool(rest) and not rest[0].startswith("--") and not is_negated
            if not has_next and not _is_flag(parameter):
                raise InvalidInputError(f"Option --{written} has no value.", hint=f"Write --{written} VALUE.")
            found.setdefault(parameter.name, []).append(rest.pop(0) if has_next else not is_negated)
        else:
            found.setdefault(parameter.name, []).append(value)
    return {name: _joined(known[name], values) for name, values in found.items()}


def option_rows(parameters: Sequence[Parameter], taken: Collection[str] = ()) -> list[tuple[str, str, str, str]]:
    """Lines of the help: a star where it must be given, the option, its type, and what it is for.

    Args:
        parameters: What the pipeline takes.
        taken: Options of the command itself, such as `--force`; a parameter of that name is written after `--`.
    """
    return [_row(parameter, taken) for parameter in parameters]


def completions(
    parameters: Sequence[Parameter], given: Sequence[str], incomplete: str, taken: Collection[str] = ()
) -> list[tuple[str, str]]:
    """What could come next on the command line, with a word of help for each.

    Args:
        parameters: What the pipeline takes.
        given: The words so far, without the command's own.
        incomplete: The beginning of the next one.
        taken: Options of the command itself.
    """
    known = {parameter.name: parameter for parameter in parameters}
    last = known.get(given[-1][2:].replace("-", "_")) if given and given[-1].startswith("--") else None
    if last is not None and not incomplete.startswith("--"):
        return [(choice, "") for choice in choices(last.hint) if choice.startswith(incomplete)]
    used = {word.partition("=")[0] for word in given}
    return [
        (option, parameter.help)
        for parameter in parameters
        for option in _options(parameter)
        if option.startswith(incomplete) and option not in taken and (option not in used or is_list(parameter.hint))
    ]


def choices(hint: Any) -> list[str]:
    """The texts that a parameter of this type may be; empty when it may be any."""
    found: list[str] = []
    for kind in alternatives(hint):
        if get_origin(kind) is Literal:
            found += [str(value) for value in get_args(kind)]
        elif isinstance(kind, type) and issubclass(kind, Enum):
            found += [str(member.value) for member in kind]
        elif is_list(kind):
            found += [choice for inner in get_args(kind) if inner is not ... for choice in choices(inner)]
        elif kind is bool:
            found += ["true", "false"]
    return found


def is_list(hint: Any) -> bool:
    """Whether an option of this type may be repeated."""
    return any(runtime_class(kind) in _LISTS for kind in alternatives(hint))


def _named(written: str, known: Mapping[str, Parameter], own: Collection[str]) -> tuple[Parameter, bool]:
    """The parameter of an option, and whether it says no to a flag."""
    name = written.replace("-", "_")
    if name in known:
        return known[name], False
    positive = known.get(name.removeprefix("no_"))
    if name.startswith("no_") and positive is not None and _is_flag(positive):
        return positive, True
    options = [*own, *(option for each in known.values() for option in _options(each))]
    # The dashes are left out: they would make any two short names alike.
    near = closest(written, [option.removeprefix("--") for option in options])
    hint = near.replace("'", "'--", 1) if near.startswith("Did") else closest(name, known) or "It has no parameters."
    raise InvalidInputError(f"The pipeline has no parameter '{name}'.", hint=hint)


def _joined(parameter: Parameter, values: list[Any]) -> Any:
    if len(values) == 1:
        return values[0]
    if not is_list(parameter.hint):
        option = f"--{parameter.name.replace('_', '-')}"
        raise InvalidInputError(
            f"Option {option} is given {len(values)} times.", hint="Only lists may be repeated: give it once."
        )
    joined: list[Any] = []
    for value in values:
        try:
            joined += coerce(value, parameter.hint)
        except ValueError as error:
            raise InvalidInputError(f"Parameter '{parameter.name}': expected {error}, found {value!r}.") from error
    return joined


def _is_flag(parameter: Parameter) -> bool:
    return bool in alternatives(parameter.hint)


def _options(parameter: Parameter) -> list[str]:
    name = parameter.name.replace("_", "-")
    return [f"--{name}", f"--no-{name}"] if _is_flag(parameter) else [f"--{name}"]


def _row(parameter: Parameter, taken: Collection[str]) -> tuple[str, str, str, str]:
    options = _options(parameter)
    told = [visible(parameter.help)] if parameter.help else []
    if set(options) & set(taken):
        told.append("(written after --)")
    if is_list(parameter.hint):
        told.append("(may be repeated)")
    told.append("[required]" if parameter.required else f"[default: {visible(_shown(parameter))}]")
    return "*" if parameter.required else "", "/".join(options), _type_word(parameter.hint), " ".join(told)


def _type_word(hint: Any) -> str:
    """A type as help shows it: <int>, <str>, [a|b]; nothing for a flag."""
    kinds = [kind for kind in alternatives(hint) if kind is not NoneType]
    if kinds == [bool]:
        return ""
    words = []
    for kind in kinds:
        inner = [each for each in get_args(kind) if each is not ...] if is_list(kind) else []
        if choices(kind):
            words.append(f"[{'|'.join(choices(kind))}]")
        elif inner:
            words.append(_type_word(inner[0]))
        else:
            found = runtime_class(kind)
            words.append(f"<{found.__name__}>" if found is not None else "<value>")
    return "|".join(dict.fromkeys(words)) or "<value>"


def _shown(parameter: Parameter) -> str:
    value = parameter.default
    if _is_flag(parameter) and isinstance(value, bool):
        return _options(parameter)[0 if value else 1].removeprefix("--")
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(each.value if isinstance(each, Enum) else each) for each in value) or "none"
    return "none" if value is None else str(value) or '""'
