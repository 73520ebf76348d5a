"""Explanations of predictions: who asks for them, and what makes them."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from millwright.core.errors import InvalidInputError, PayloadTooLargeError
from millwright.deployment.realtime.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from millwright.deployment.realtime.served_model import Explains, ServedModel
    from millwright.models.explanation.contribution import Contributions

# Where contributions are no formula, a row costs some thousand predictions.
MAX_ROWS = 100
_YES, _NO = {"", "true", "1", "yes"}, {"false", "0", "no"}


class Explained:
    """A handler that answers as a contract does, and always with explanations.

    Args:
        contract: The contract.
    """

    __slots__ = ("contract",)

    def __init__(self, contract: Contract) -> None:
        self.contract = contract


class LazyExplainer:
    """An explainer that is made when it is first asked; thread-safe.

    It may load the model's own library and the model a second time, which servers that explain nothing don't pay for.

    Args:
        make: Makes it.
    """

    def __init__(self, make: Callable[[], Explains]) -> None:
        self._make = make
        self._made: Explains | None = None
        self._lock = Lock()

    def explain(self, rows: Sequence[Mapping[str, Any]]) -> list[Contributions]:
        """See `Explains.explain`."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            made = self._made
        return made.explain(rows)


def asks_explanation(query: bytes) -> bool:
    """Whether a query asks for explanations: `explain=true`, `1` or `yes`, or `explain` alone.

    Args:
        query: What follows the path's question mark; other names in it are passed over.

    Raises:
        InvalidInputError: `explain` has another value, or several.
    """
    if b"explain" not in query:
        return False
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True).get("explain", ["false"])
    value = given[0].lower() if len(given) == 1 else ""
    if len(given) == 1 and value in _YES | _NO:
        return value in _YES
    raise InvalidInputError(
        f"Expected explain=true or explain=false, found explain={', '.join(given)[:100]}.",
        hint="With explain=true each row is answered with what each column contributed.",
    )


def explained_contract(handler: object, query: bytes) -> Contract | None:
    """The contract by which a request is answered with explanations; None when it asks for none.

    Args:
        handler: What answers the path.
        query: What follows the path's question mark.

    Raises:
        InvalidInputError: As for `asks_explanation`.
    """
    if isinstance(handler, Explained):
        return handler.contract
    return handler if query and isinstance(handler, Contract) and asks_explanation(query) else None


def explanations(served: ServedModel, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What each column contributed to each row's answer, as JSON values.

    Args:
        served: The version that answers.
        rows: n checked rows.

    Raises:
        PayloadTooLargeError: There are more than are explained at once.
        InvalidInputError: The version cannot be explained.
    """
    if len(rows) > MAX_ROWS:
        raise PayloadTooLargeError(
            f"Expected at most {MAX_ROWS} rows to explain in one request, found {len(rows):,}.",
            hint="Send them in several requests.",
            details={"rows": len(rows), "maximum": MAX_ROWS},
        )
    if served.explainer is None:
        raise InvalidInputError(f"{served.ref} cannot be explained.", hint="Leave out explain=true.")
    return [each.to_json() for each in served.explainer.explain(rows)]
