"""YAML read with its line numbers, every value as the text that people wrote.

YAML's own types are not used: `no` in a list of allowed values is the word, not false, and `007` keeps its zeros. What
a value means is decided by the key that it stands under.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_NOTHING = {"", "~", "null"}
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class YamlNode:
    """A value in a YAML file.

    Attributes:
        source: The file's name, for messages.
        path: What the value is, for messages, such as `column 'cost'`.
    """

    source: str
    path: str
    node: yaml.Node

    def error(self, message: str, hint: str = "") -> InvalidInputError:
        """An error about this value, with its place in the file."""
        return InvalidInputError(f"{self.source}, line {self.node.start_mark.line + 1}: {message}", hint=hint)

    @property
    def is_mapping(self) -> bool:
        """Whether it holds keys with values."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_nothing(self) -> bool:
        """Whether it is left empty, or says null without quotes."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.style is None and self.node.value in _NOTHING

    def text(self) -> str:
        """The value as text."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error(f"Expected one value for {self.path}, found {_kind(self.node)}.")
        return str(self.node.value)

    def flag(self) -> bool:
        """The value as true or false."""
        found = _FLAGS.get(self.text().lower())
        if found is None:
            raise self.error(f"Expected true or false for {self.path}, found '{self.text()}'.")
        return found

    def number(self) -> int | float:
        """The value as a number; whole ones are integers."""
        text = self.text()
        try:
            return int(text)
        except ValueError:
            try:
                return float(text)
            except ValueError:
                raise self.error(f"Expected a number for {self.path}, found '{text}'.") from None

    def items(self) -> list[YamlNode]:
        """The values of a list; a single value counts as a list of one."""
        if self.is_nothing:
            return []
        if isinstance(self.node, yaml.SequenceNode):
            return [YamlNode(self.source, self.path, item) for item in self.node.value]
        return [self]

    def texts(self) -> tuple[str, ...]:
        """The values of a list as text."""
        return tuple(item.text() for item in self.items())

    def fields(self, known: Collection[str] | None = None) -> dict[str, YamlNode]:
        """The keys and values of a mapping.

        Args:
            known: The keys that may occur; any when None.

        Raises:
            InvalidInputError: It is no mapping, a key occurs twice, or a key is unknown (the closest is named).
        """
        found: dict[str, YamlNode] = {}
        for key, value in self._pairs():
            if known is not None and key.text() not in known:
                raise key.error(f"Unknown key '{key.text()}' in {self.path}.", closest(key.text(), known))
            if key.text() in found:
                raise key.error(f"The key '{key.text()}' occurs twice in {self.path}.", "Remove one of them.")
            found[key.text()] = value
        return found

    def _pairs(self) -> Iterator[tuple[YamlNode, YamlNode]]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"Expected keys with values for {self.path}, found {_kind(self.node)}.")
        for key, value in self.node.value:
            name = YamlNode(self.source, f"a key of {self.path}", key)
            yield name, YamlNode(self.source, f"'{name.text()}' in {self.path}", value)


def read_yaml(text: str, *, source: str, path: str) -> YamlNode:
    """Parse a YAML document.

    Args:
        text: The document.
        source: The file's name, for messages.
        path: What the document is, for messages.

    Raises:
        InvalidInputError: The text is no YAML, or is empty.
    """
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InvalidInputError(
            f"{source}{line}: not readable as YAML: {error.problem or error.context}.",
            hint="Check the indentation there; put values with ':' or '#' in quotes.",
        ) from error
    except yaml.YAMLError as error:
        raise InvalidInputError(
            f"{source}: not readable as YAML: {' '.join(str(error).split())[:200]}.",
            hint="Save the file as UTF-8 text.",
        ) from error
    if node is None:
        raise InvalidInputError(f"{source}: expected {path}, found an empty file.", hint="Write it, or infer it.")
    return YamlNode(source, path, node)


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "keys with values"
    return "a list" if isinstance(node, yaml.SequenceNode) else f"'{node.value}'"
