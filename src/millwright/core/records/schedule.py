"""What starts runs by itself: schedules, and triggers on data, code, alerts and calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.records.code import CodeRecord


class CatchUp(StrEnum):
    """What becomes of times that passed while no worker looked."""

    NONE = "none"  # they are left out
    LAST = "last"  # the last of them is made up for
    ALL = "all"  # each is made up for, the newest so many of them


class ActiveState(StrEnum):
    """Whether a schedule or trigger starts anything."""

    ACTIVE = "active"  # entered on creation, and when it is resumed
    PAUSED = "paused"  # entered by hand: what happens meanwhile starts nothing, then or later


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchTarget:
    """What is run, and how.

    Attributes:
        name: The pipeline's name.
        pipeline: `/absolute/file.py:function`, or `package.module:function`.
        project_dir: The folder that relative paths begin at.
        params: The pipeline's parameters, JSON values.
        priority: Of its requests.
        code: The project's code as it was registered, for machines that lack the file.
    """

    name: str
    pipeline: str
    project_dir: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    code: CodeRecord | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleRecord:
    """A pipeline that runs at certain times.

    Attributes:
        name: Unique in the project.
        target: What is run.
        cron: Five fields, `0 2 * * *`, or six with seconds in front.
        tz: The time zone in which they are meant, such as `Europe/Berlin`.
        catch_up: What becomes of missed times.
        catch_up_limit: Most missed times that are made up for at once.
        next_at: The next time; None when there is none any more.
        last_at: The last time that started a run.
    """

    name: str
    target: LaunchTarget
    cron: str
    created_at: datetime
    created_by: str
    tz: str = "UTC"
    catch_up: CatchUp = CatchUp.LAST
    catch_up_limit: int = 10
    state: ActiveState = ActiveState.ACTIVE
    next_at: datetime | None = None
    last_at: datetime | None = None


class TriggerKind(StrEnum):
    """What a trigger listens to."""

    DATASET = "dataset"  # a new version of a dataset
    CODE = "code"  # a change of code that a step of the pipeline reaches
    ALERT = "alert"  # an alert of an endpoint or model
    WEBHOOK = "webhook"  # a call with its secret token
    API = "api"  # calls of people and programs that may run pipelines


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerRecord:
    """A pipeline that runs when something happens.

    Attributes:
        name: Unique in the project.
        kind: What it listens to.
        subject: Of what: the dataset, the endpoint or model, the webhook's name; empty for code.
        target: What is run.
        only: For alerts: their kinds; all of them when empty.
        cooldown_s: Seconds after it fired in which it does not fire again; what happens meanwhile counts afterwards.
        position: How far it has looked: a version, a digest, a moment.
        fired_at: When it started a run last.
        token_hash: Of a webhook's token; None for others. The token itself is not kept.
    """

    name: str
    kind: TriggerKind
    subject: str
    target: LaunchTarget
    created_at: datetime
    created_by: str
    only: tuple[str, ...] = ()
    cooldown_s: float = 0.0
    state: ActiveState = ActiveState.ACTIVE
    position: str = ""
    fired_at: datetime | None = None
    token_hash: str | None = field(default=None, repr=False)
