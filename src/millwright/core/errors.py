"""The errors that a user can meet, each with a stable code.

Every message says what was expected, what was found and what to do next. The command line prints them as one
line; HTTP servers send them as one JSON shape. Anything else that escapes is a bug in Millwright.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class MillwrightError(Exception):
    """Base of all errors that Millwright raises on purpose.

    Args:
        message: What went wrong: what was expected and what was found.
        hint: What to do next, as an instruction; empty when there is nothing to do.
        details: Machine-readable facts, all JSON values.
    """

    code: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def as_dict(self) -> dict[str, Any]:
        """The one error shape of every command (`--json`) and HTTP answer."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint, "details": self.details}}


class InvalidInputError(MillwrightError):
    """An argument, file or request is not what was asked for."""

    code = "invalid_input"
    http_status = 422


class UnanswerableError(InvalidInputError):
    """Values fit a model's signature and still are none that it can answer, such as token ids beyond its vocabulary.

    Args:
        reasons: Why, by the row's place from 0; under 0 when there is one row, or nobody knows which it is.
        rows: How many there were.
    """

    code = "unanswerable"

    def __init__(self, reasons: Mapping[int, str], *, rows: int = 1) -> None:
        first = min(reasons)
        where = f"Row {first}: the" if rows > 1 else "The"
        more = f" And {len(reasons) - 1} more rows: see the details." if len(reasons) > 1 else ""
        shown = sorted(reasons)[:20]
        expected = "values that the model can answer"
        super().__init__(
            f"{where} values fit the signature, but the model cannot answer them: {reasons[first]}.{more}",
            hint="Sizes have to fit each other, and numbers have to be those that the model knows, as token ids are.",
            details={
                "violations": [
                    {"row": row, "column": "", "expected": expected, "found": reasons[row]} for row in shown
                ],
                "violation_count": len(reasons),
                "rows": shown,
                "row_count": len(reasons),
            },
        )
        self.reasons = dict(reasons)


class NotFoundError(MillwrightError):
    """What was named does not exist."""

    code = "not_found"
    http_status = 404


class AlreadyExistsError(MillwrightError):
    """What should be created is there already."""

    code = "already_exists"
    http_status = 409


class ConflictError(MillwrightError):
    """Someone else changed the same thing meanwhile, or holds it."""

    code = "conflict"
    http_status = 409


class ConfigurationError(MillwrightError):
    """A setting is unknown, or its value is not allowed."""

    code = "configuration"
    http_status = 500


class StorageError(MillwrightError):
    """A store cannot be read or written."""

    code = "storage"
    http_status = 503


class StoreVersionError(StorageError):
    """The store was written by a newer Millwright than this one."""

    code = "store_version"


class IntegrityError(MillwrightError):
    """Stored bytes or history differ from the digest recorded for them."""

    code = "integrity"


class UnsafeArtifactError(MillwrightError):
    """An artifact could run code when loaded, and so is refused."""

    code = "unsafe_artifact"
    http_status = 422


class StateTransitionError(MillwrightError):
    """A record cannot go from its present state to the one asked for."""

    code = "state_transition"
    http_status = 409


class PromotionRefusedError(MillwrightError):
    """The policy has objections to a model version carrying an alias; `details` lists them."""

    code = "promotion_refused"
    http_status = 409


class ContractViolationError(MillwrightError):
    """Data broke its contract by more than the contract allows."""

    code = "contract_violation"
    http_status = 422


class LeakageError(MillwrightError):
    """A feature is not known at the moment of prediction."""

    code = "leakage"
    http_status = 422


class PipelineDefinitionError(MillwrightError):
    """A pipeline's graph is wrong; found before anything ran."""

    code = "pipeline_definition"
    http_status = 422


class StepFailedError(MillwrightError):
    """A step's code raised; the cause is chained."""

    code = "step_failed"


class ModelFailedError(MillwrightError):
    """A model's own code raised, or answered something else than a model may; the cause is chained."""

    code = "model_failed"


class ServiceUnavailableError(MillwrightError):
    """A server or port is not there or cannot be had."""

    code = "unavailable"
    http_status = 503


class OverloadedError(ServiceUnavailableError):
    """A server has as much to do as it takes on; it will have time again."""

    code = "overloaded"


class RequestTimeoutError(ServiceUnavailableError):
    """A request took longer than the server gives one."""

    code = "request_timeout"


class PayloadTooLargeError(MillwrightError):
    """A request body is larger than the server takes."""

    code = "payload_too_large"
    http_status = 413


class MalformedRequestError(MillwrightError):
    """A request body cannot be read at all: broken JSON, or not the shape of the protocol."""

    code = "malformed_request"
    http_status = 400


class UnauthenticatedError(MillwrightError):
    """Nobody knows who sends the request: it carries no credentials, or none that are valid."""

    code = "unauthenticated"
    http_status = 401


class ForbiddenError(MillwrightError):
    """Whoever sends the request may not do this."""

    code = "forbidden"
    http_status = 403


class TooManyRequestsError(MillwrightError):
    """More was asked for, or tried, than one caller may in that time."""

    code = "too_many_requests"
    http_status = 429


class MethodNotAllowedError(MillwrightError):
    """The path exists, but not for this HTTP method."""

    code = "method_not_allowed"
    http_status = 405


class MisdirectedRequestError(MillwrightError):
    """The request names a host that this server does not answer for."""

    code = "misdirected_request"
    http_status = 421


class UnsupportedMediaTypeError(MillwrightError):
    """The request's content type is not one that the path reads."""

    code = "unsupported_media_type"
    http_status = 415


class MissingExtraError(MillwrightError):
    """An optional library is needed and not installed."""

    code = "missing_extra"

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(
            f"This needs {library}, which is not installed.",
            hint=f"Install it with: pip install 'millwright[{extra}]'",
            details={"library": library, "extra": extra},
        )


def closest(name: str, known: Iterable[str]) -> str:
    """A sentence naming the nearest known name, or the known names when none is near.

    Args:
        name: What the user wrote.
        known: What would have been right; any number of names.

    Returns:
        "Did you mean 'x'?", or "Known: a, b, c." (at most ten), or "" when nothing is known.
    """
    names = sorted(set(known))
    by_folded = {candidate.casefold(): candidate for candidate in names}
    near = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{by_folded[near[0]]}'?"
    if not names:
        return ""
    shown = ", ".join(names[:10])
    return f"Known: {shown}{', …' if len(names) > 10 else ''}."
