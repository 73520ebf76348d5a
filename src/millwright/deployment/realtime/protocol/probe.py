"""Kubernetes' three probes.

| path | asks | answers 503 |
|---|---|---|
| `/livez` | should the process be killed? | never: who cannot answer does not answer |
| `/readyz` | should it get requests? | from the moment it was asked to stop |
| `/startupz` | has it started? | never: the port listens only when all models are loaded and tried |

While a model is loaded, for the first time or to take over from another, nothing of this changes: the former goes on
answering, and before the first one the connection is refused, which a start-up probe takes for "not yet".

The names and the texts are those of Kubernetes' own servers:
https://kubernetes.io/docs/reference/using-api/health-checks/; what the probes are for:
https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.answer import TEXT, Answer
from millwright.deployment.realtime.route import Route, answers_text

if TYPE_CHECKING:
    from millwright.deployment.realtime.call import Call

_SERVICE_UNAVAILABLE = 503


def answer_alive(call: Call) -> Answer:
    """The process runs, and its event loop goes round."""
    del call
    return Answer(b"ok", content_type=TEXT)


def answer_prepared(call: Call) -> Answer:
    """Whether the process takes requests."""
    if call.state.draining:
        return Answer(b"draining", status=_SERVICE_UNAVAILABLE, content_type=TEXT)
    return Answer(b"ok", content_type=TEXT)


def routes() -> tuple[Route, ...]:
    """The probes' paths."""
    probes = (
        ("/livez", "livez", "liveness probe", answer_alive),
        ("/readyz", "readyz", "readiness probe", answer_prepared),
        ("/startupz", "startupz", "start-up probe", answer_alive),
    )
    return tuple(
        Route(path=path, label=label, about=about, handlers={"GET": handler}, describe=answers_text("text/plain"))
        for path, label, about, handler in probes
    )
