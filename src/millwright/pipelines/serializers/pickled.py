"""Values of any other type as pickles: only in workspaces that say so.

Whoever can write to the store can make whoever reads a pickle run any code. Nothing else in Millwright reads one.
"""

from __future__ import annotations

import pickle
from typing import Any

from millwright.core.errors import IntegrityError

NAME = "pickle"
_PROTOCOL = 5  # fixed: a newer Python must not change the bytes by changing its default


class PickleSerializer:
    """Whatever no other serializer stores, by Python's own `pickle`, protocol 5.

    Equal values need not have equal bytes (sets of texts, shared objects): then what follows runs again although
    nothing has changed, and never the other way round.
    """

    name = NAME

    def handles(self, value_type: type) -> bool:
        """Whether there is a chance: only the value tells."""
        del value_type
        return True

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        try:
            return pickle.dumps(value, protocol=_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
            raise TypeError(f"it cannot be pickled either: {error}") from error

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`.

        Raises:
            IntegrityError: Its class is not here any more, or the bytes are none of ours.
        """
        del annotation
        try:
            return pickle.loads(data)  # noqa: S301 - the workspace trusts all who write to its store
        except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, IndexError) as error:
            raise IntegrityError(
                f"A pickled value cannot be read: {error}.",
                hint="Its class was moved or renamed, perhaps; run the step that made it again with --force.",
            ) from error
