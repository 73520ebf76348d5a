"""Which names, aliases, versions and tags of the registry MLflow's clients may give; refused in its words."""

from __future__ import annotations

import posixpath
import re

from millwright.core.records.model import ModelStage
from millwright.server.mlflow.failure import WireError, invalid, unfit

PROMPT_TAG = "mlflow.prompt.is_prompt"
MAX_NAME = 256
MAX_TAG_KEY = 250
MAX_TAG_VALUE = 100_000
MAX_ALIAS = 255
_PROMPT_TEXT = "mlflow.prompt.text"
_ALIAS = re.compile(r"[\w\-]*")
_RESERVED = re.compile(r"[vV]\d+")
_TAG = re.compile(r"[/\w.\- :]*")
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_STAGES = {stage.value.lower(): stage for stage in ModelStage}
_TAG_CHARACTERS = (
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and "
    "slashes (/)."
)


def model_name(name: str, parameter: str = "name") -> str:
    """The name, if a registered model may have it.

    Raises:
        WireError: It is blank, too long, or reads like a path.
    """
    if not name.strip():
        raise invalid(f"Missing value for required parameter '{parameter}'.")
    if "/" in name or ":" in name:
        raise invalid(f"Invalid model name '{name}'. Names cannot contain '/' or ':'.")
    _check_path(name, "name")
    if len(name) > MAX_NAME:
        raise _too_long("name", MAX_NAME)
    if any(ord(char) < 0x20 or ord(char) == 0x7F or 0xD800 <= ord(char) < 0xE000 for char in name):
        raise unfit("name", name, "Names cannot contain control characters.")
    return name


def version_number(version: str) -> int:
    """The number of a version.

    Raises:
        WireError: It is no integer.
    """
    text = version.strip()
    if not _INTEGER.fullmatch(text):
        raise invalid(f"Parameter 'version' must be an integer, got '{version}'.")
    return int(text)


def alias_name(alias: str, *, reserved: bool = True) -> str:
    """The alias, if it may be one.

    Args:
        alias: What was asked for.
        reserved: Whether those that mean versions are refused.

    Raises:
        WireError: It has other characters than allowed, is too long or reserved.
    """
    if not alias:
        raise invalid("Registered model alias name cannot be empty.")
    if not _ALIAS.fullmatch(alias):
        raise invalid(
            f"Invalid alias name: '{alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-)."
        )
    if len(alias) > MAX_ALIAS:
        raise _too_long("Registered model alias name", MAX_ALIAS)
    if reserved and alias.lower() == "latest":
        raise invalid("'latest' alias name (case insensitive) is reserved.")
    if reserved and _RESERVED.fullmatch(alias):
        raise invalid(f"Version alias name '{alias}' is reserved.")
    return alias


def tag_key(key: str) -> str:
    """The key, if a tag may have it.

    Raises:
        WireError: It is empty, too long or has other characters than allowed.
    """
    if not _TAG.fullmatch(key):
        raise unfit("key", key, _TAG_CHARACTERS)
    _check_path(key, "key")
    return key


def tag(key: str, value: str) -> tuple[str, str]:
    """A tag, if it may be set.

    Raises:
        WireError: Its key is not allowed, or it is too long.
    """
    tag_key(key)
    if len(key) > MAX_TAG_KEY:
        raise _too_long("key", MAX_TAG_KEY)
    if len(value) > MAX_TAG_VALUE:
        if key == _PROMPT_TEXT:
            raise invalid(f"Prompt text exceeds max length of {MAX_TAG_VALUE} characters.")
        raise _too_long("value", MAX_TAG_VALUE)
    if any(0xD800 <= ord(char) < 0xE000 or char == "\0" for char in value):
        raise unfit("value", key, "Values cannot contain NUL or half characters.")
    return key, value


def stage_of(text: str) -> ModelStage:
    """The stage, whatever its case.

    Raises:
        WireError: There is no such stage.
    """
    found = _STAGES.get(text.lower())
    if found is None:
        known = ", ".join(stage.value for stage in ModelStage)
        raise invalid(f"Invalid Model Version stage: {text}. Value must be one of {known}.")
    return found


def _check_path(name: str, parameter: str) -> None:
    normal = posixpath.normpath(name)
    if normal != name or normal == "." or normal.startswith(("..", "/")):
        reason = (
            "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. "
            f"This name would resolve to '{normal}'"
        )
        raise unfit(parameter, name, reason)


def _too_long(what: str, limit: int) -> WireError:
    return invalid(f"'{what}' exceeds the maximum length of {limit} characters")
