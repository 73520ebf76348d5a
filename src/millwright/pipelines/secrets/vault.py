"""Hands secrets out, and remembers them so that they are masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.pipelines.own_reading import own_reading
from millwright.pipelines.secrets.masks import Masks
from millwright.pipelines.secrets.provider import EnvironmentSecrets, SecretSource

if TYPE_CHECKING:
    from millwright.pipelines.secrets.provider import SecretProvider

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}")


class Secrets:
    """Secrets by name, from one place. Thread-safe as far as the place is.

    Args:
        provider: The place; the environment when None.
    """

    def __init__(self, provider: SecretProvider | None = None) -> None:
        self._provider: SecretProvider = provider or EnvironmentSecrets(SecretSource())
        self.masks = Masks()

    def get(self, name: str) -> str:
        """A secret; masked from now on in whatever this process keeps of its steps.

        Raises:
            InvalidInputError: The name has other characters than letters, digits, `_`, `-` and `.`.
            NotFoundError: There is no such secret, or it is empty.
        """
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidInputError(
                f"Expected a secret's name of letters, digits, '_', '-' and '.', found {name!r:.80}.",
                hint="Name it as the environment variable or file that holds it.",
            )
        with own_reading():  # a secret is in no cache key, and so no file that the step should declare
            value = self._provider.find(name)
            others = [] if value else [known for known in self._provider.names() if known != name]
        if not value:
            missing = "is empty" if value is not None else "is not there"
            hint = closest(name, [known for known in others if _is_near(name, known)])
            raise NotFoundError(
                f"The secret '{name}' {missing}.",
                hint=f"{hint} Set it where [secrets] in the settings says; by default in the environment.".strip(),
            )
        self.masks.add(value)
        return value


_TELLING = 4  # characters of a name that tell something; the shell has a variable `_`


def _is_near(name: str, known: str) -> bool:
    """Whether a name deserves mention: the rest of the environment is nobody's business."""
    one, other = name.casefold(), known.casefold()
    return one in other or (len(other) >= _TELLING and other in one) or one[:_TELLING] == other[:_TELLING]
