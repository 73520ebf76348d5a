"""What a caller must be allowed to do before a route's handler runs. Every route has a rule; there is no default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from millwright.server.mlflow.call import Call


class Access(StrEnum):
    """What is done to something."""

    PUBLIC = "public"  # nothing that needs protection: even callers whom nobody knows get it
    KNOWN = "known"  # whoever proves who they are, even without a role; the handler decides by that
    READ = "read"
    WRITE = "write"
    APPROVE = "approve"  # decides which model version carries an alias or stage
    ADMIN = "admin"


class ResourceKind(StrEnum):
    """What kind of thing a request names; each belongs to a project."""

    EXPERIMENT = "experiment"  # by id
    EXPERIMENT_NAME = "experiment name"
    RUN = "run"
    LOGGED_MODEL = "logged model"
    MODEL = "registered model"  # by name
    TRACE = "trace"
    EVALUATION_DATASET = "evaluation dataset"
    FILE = "file"  # by path in the tree of artifacts
    PROJECT = "project"  # by name; what is about to be made belongs to it
    VISIBLE = "visible"  # a listing: the handler shows what `Call.projects` allows, and nothing else
    SERVER = "server"  # the whole server, of no project


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that a request names.

    Attributes:
        name: Its id, name or path; empty for `VISIBLE` and `SERVER`.
    """

    kind: ResourceKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route needs.

    Attributes:
        access: What is done.
        resources: The things that a call (with its decoded body) does it to; access is needed to every one.
    """

    access: Access
    resources: Callable[[Call, Any], Sequence[Resource]]


class Authorizer(Protocol):
    """Decides on calls; `server.auth` has the one that knows users and roles."""

    async def check(self, rule: Rule, call: Call, body: Any) -> None:
        """Pass if the caller may.

        Raises:
            WireError: They may not (403), or nobody knows who they are (401).
        """
        ...


class AllowAll:
    """The authorizer of a server on loopback without accounts: whoever can reach it owns the machine's session."""

    async def check(self, rule: Rule, call: Call, body: Any) -> None:
        """Pass."""


def field(kind: ResourceKind, name: str) -> Callable[[Call, Any], Sequence[Resource]]:
    """The one thing that a field of the body names.

    Args:
        kind: Its kind.
        name: The body's field.
    """
    return lambda _call, body: (Resource(kind, getattr(body, name)),)


def fields(kind: ResourceKind, name: str) -> Callable[[Call, Any], Sequence[Resource]]:
    """The things that a list in the body names; a listing when it is empty."""

    def resources(_call: Call, body: Any) -> Sequence[Resource]:
        return tuple(Resource(kind, each) for each in getattr(body, name)) or (Resource(ResourceKind.VISIBLE),)

    return resources


def segment(kind: ResourceKind, name: str) -> Callable[[Call, Any], Sequence[Resource]]:
    """The one thing that a segment of the path names."""
    return lambda call, _body: (Resource(kind, call.path[name]),)


def own_project(call: Call, _body: Any) -> Sequence[Resource]:
    """The project that the caller works in, for what is about to be made."""
    return (Resource(ResourceKind.PROJECT, call.project),)


def visible(_call: Call, _body: Any) -> Sequence[Resource]:
    """A listing, of which the caller gets what they may see."""
    return (Resource(ResourceKind.VISIBLE),)


def server(_call: Call, _body: Any) -> Sequence[Resource]:
    """The whole server."""
    return (Resource(ResourceKind.SERVER),)
