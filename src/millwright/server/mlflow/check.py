"""Names, values and numbers as MLflow's server accepts them, refused in the words that its clients know."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from millwright.server.mlflow.failure import invalid, unfit

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_KEY = 250
MAX_PARAM_VALUE = 6000
MAX_TAG_VALUE = 8000
MAX_EXPERIMENT_NAME = 500
MAX_EXPERIMENT_TAG_VALUE = 20_000
MAX_RESULTS = 50_000
MAX_LOCATION = 2_048
_EXPERIMENT_ID = re.compile(r"-?[0-9]+")
_NAME = re.compile(r"[/\w.\- :]*")
_CHARACTERS = (
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) "
    "and slashes (/)."
)


def check_experiment_id(experiment_id: str) -> str:
    """An experiment's id, if it could be one.

    Raises:
        WireError: It is no whole number.
    """
    if not _EXPERIMENT_ID.fullmatch(experiment_id):
        raise invalid(f"Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer.")
    return experiment_id


def check_name(name: str, place: str) -> None:
    """Refuse a key that MLflow's clients could not use as a file's name.

    Args:
        name: Of a metric, parameter or tag.
        place: Where it stands in the request: `metrics[0].name`.

    Raises:
        WireError: It has other characters, or leads elsewhere when taken as a path.
    """
    if not _NAME.fullmatch(name):
        raise unfit(place, name, _CHARACTERS)
    normal = posixpath.normpath(name)
    if normal != name or normal == "." or normal.startswith(("..", "/")):
        raise unfit(
            place,
            name,
            "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. "
            f"This name would resolve to {normal!r}",
        )


def check_length(what: str, value: str, limit: int) -> str:
    """Refuse a text that is too long.

    Raises:
        WireError: It is longer than `limit` characters.
    """
    if len(value) > limit:
        raise invalid(f"'{what}' exceeds the maximum length of {limit} characters")
    return value


def check_text(value: str, place: str) -> str:
    """Refuse a text that not every database can keep.

    Raises:
        WireError: It has a NUL character, or half of a character.
    """
    if "\x00" in value or (not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value)):
        raise unfit(place, value[:100], "Expected text without NUL characters and lone surrogates.")
    return value


def check_param(key: str, value: str, place: str = "") -> tuple[str, str]:
    """A parameter; values are cut at 6,000 characters, as MLflow cuts them."""
    check_name(key, f"{place}key")
    return check_length("Param key", key, MAX_KEY), check_text(value[:MAX_PARAM_VALUE], f"{place}value")


def check_tag(key: str, value: str, place: str = "") -> tuple[str, str]:
    """A run's tag; values are cut at 8,000 characters, as MLflow cuts them."""
    check_name(key, f"{place}key")
    return check_length(f"{place}key", key, MAX_KEY), check_text(value[:MAX_TAG_VALUE], f"{place}value")


def check_experiment_tag(key: str, value: str) -> tuple[str, str]:
    """An experiment's tag."""
    check_name(key, "key")
    check_length("key", key, MAX_KEY)
    return key, check_text(check_length("value", value, MAX_EXPERIMENT_TAG_VALUE), "value")


def check_page(max_results: int, most: int = MAX_RESULTS) -> int:
    """How many results a page may have.

    Raises:
        WireError: Less than one, or more than `most`.
    """
    if max_results < 1:
        raise invalid(
            f"Invalid value {max_results} for parameter 'max_results' supplied. It must be a positive integer"
        )
    if max_results > most:
        raise invalid(f"Invalid value {max_results} for parameter 'max_results' supplied. It must be at most {most}")
    return max_results


def bad_page(error: Exception, token: str) -> Exception:
    """What a store has against a search: against its page token, if there is one."""
    return invalid(f"Invalid page token: {error}") if token else error


def chosen(value: str | int, names: Iterable[str], parameter: str, first: int = 1) -> str:
    """An enum's name, from its name or its number.

    Args:
        value: What the client sent.
        names: The names in the order of their numbers.
        parameter: What it is called in the request.
        first: The number of the first name.

    Raises:
        WireError: It is none of them.
    """
    listed = tuple(names)
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        value = int(value)
    if isinstance(value, int):
        if 0 <= value - first < len(listed):
            return listed[value - first]
    elif value in listed:
        return value
    raise unfit(parameter, value, f"Expected one of {', '.join(listed)}.")
