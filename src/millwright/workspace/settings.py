"""Settings: from `millwright.toml` (or `[tool.millwright]` in `pyproject.toml`), a profile, and the environment.

Later ones win: defaults, file, `[profile.NAME]` of the file, `MILLWRIGHT_*` variables, command line. An unknown key is
an error that names the nearest known one.
"""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from millwright.core.errors import ConfigurationError, closest
from millwright.workspace.alert_settings import (
    AlertSettings,
    ChannelSettings,
    RouteSettings,
    refuse_unknown_channels,
)
from millwright.workspace.model_settings import ModelSettings
from millwright.workspace.monitor_settings import MonitorDeclaration, MonitorSettings, RetrainSettings
from millwright.workspace.online_settings import OnlineSettings
from millwright.workspace.worker_settings import WorkerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic_settings import PydanticBaseSettingsSource

FILE_NAME = "millwright.toml"


class ServeSettings(BaseModel):
    """How real-time servers answer."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on; anything but loopback must be asked for.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    max_body_mb: float = Field(default=16.0, gt=0, description="Largest request body in MiB.")
    max_rows: int = Field(default=10_000, ge=1, description="Most rows in one request.")
    max_requests: int = Field(
        default=1_000, ge=1, description="Most requests at once in a process; what comes beyond is refused (503)."
    )
    request_seconds: float = Field(
        default=60.0, ge=0, description="Longest time that a request may take, in seconds; 0 for no limit."
    )
    poll_seconds: float = Field(default=0.5, gt=0, description="How often a server looks whether its alias moved.")
    swap_seconds: float = Field(
        default=120.0,
        gt=0,
        description="How long the processes of a server may take to load and try a version before it is given up.",
    )
    min_workers: int = Field(
        default=1, ge=0, le=64, description="Fewest processes with --workers auto; with 0 all end when nobody asks."
    )
    max_workers: int = Field(
        default=0, ge=0, le=64, description="Most processes with --workers auto; 0 means one per core."
    )
    target_in_flight: float = Field(
        default=4.0, gt=0, description="Requests at once for which one process is meant, with --workers auto."
    )
    target_latency_ms: float = Field(
        default=0.0,
        ge=0,
        description="Average time of a request above which --workers auto adds a process; 0 for no such limit.",
    )
    calm_seconds: float = Field(
        default=30.0, ge=0, description="For how long fewer processes must do before --workers auto stops one."
    )
    idle_seconds: float = Field(
        default=60.0, gt=0, description="For how long nobody must ask before the last process ends, with 0 at least."
    )
    warm_explanations: bool = Field(
        default=False,
        description="Load what explains predictions with the model, in place of by the first who asks, who waits "
        "for seconds; it may take some hundred megabytes.",
    )
    durable_log: bool = Field(
        default=False, description="Answer only after the prediction is on disk; slower, loses nothing on a crash."
    )
    feature_lookup: bool = Field(
        default=True,
        description="Look up the features that requests leave out, for models trained with a feature service.",
    )


class RegistrySettings(BaseModel):
    """Who has to agree before a version carries an alias."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    approvals_needed: int = Field(default=0, ge=0, description="How many people have to approve a version.")
    four_eyes: bool = Field(
        default=False, description="Whether approvals by those who registered or trained a version do not count."
    )
    approver_roles: tuple[str, ...] = Field(
        default=(), description="Roles of which an approver needs one; anyone may approve when empty."
    )
    protected_aliases: tuple[str, ...] = Field(
        default=("champion",),
        description="Aliases that MLflow's clients move only if the policy agrees, in models with packages.",
    )


class ServerSettings(BaseModel):
    """How `mw server` answers, and whom."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on; others than loopback need users or OIDC.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Worker processes; 0 means 1 on SQLite, and one per core up to 4 on PostgreSQL.",
    )
    auth: Literal["auto", "on", "off"] = Field(
        default="auto", description="Whether callers must say who they are; auto: unless only this machine reaches it."
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(), description="Names that requests may carry as Host, such as a proxy's."
    )
    public_url: str = Field(
        default="",
        description="Where browsers reach it through a proxy, such as https://mill.example.",
    )
    cors_origins: tuple[str, ...] = Field(default=(), description="Origins whose web pages may use the server.")
    max_body_mb: float = Field(default=64.0, gt=0, description="Largest request body in MiB; artifacts have their own.")
    max_artifact_mb: float = Field(default=0.0, ge=0, description="Largest uploaded artifact in MiB; 0 for any size.")
    requests_per_minute: int = Field(
        default=0, ge=0, description="Most requests of one client and worker in a minute; 0 for any number."
    )
    session_hours: float = Field(default=12.0, gt=0, description="How long a login in a browser lasts.")
    access_log: bool = Field(default=False, description="Write a line for every request, not only for failed ones.")
    oidc_issuer: str = Field(default="", description="URL of an OpenID provider; empty for none.")
    oidc_client_id: str = Field(default="", description="What that provider calls this server.")
    oidc_client_secret: str = Field(default="", description="The secret agreed with it; better set by the environment.")
    oidc_scopes: str = Field(default="openid profile email", description="What is asked of it.")
    oidc_name_claim: str = Field(default="preferred_username", description="The claim that names a new user.")
    oidc_roles_claim: str = Field(default="groups", description="The claim that lists groups.")
    oidc_roles: dict[str, str] = Field(
        default={}, description="Group to role: ROLE for all projects, or ROLE:PROJECT; separated by commas."
    )


class WebhookSettings(BaseModel):
    """How events are delivered to webhooks."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    allow_private: bool = Field(
        default=False, description="Let webhooks lead to loopback and private addresses, and use plain http."
    )
    max_attempts: int = Field(default=12, ge=1, le=100, description="After so many failed attempts one is given up.")
    backoff_seconds: float = Field(
        default=5.0, gt=0, description="Rest after the first failed attempt; doubled after each further one, up to 1 h."
    )
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="Longest time that one attempt may take.")


class TrackSettings(BaseModel):
    """What a tracked run notes without being asked."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    system_metrics: bool = Field(default=True, description="Measure CPU, memory, disk, network and GPUs during a run.")
    code: bool = Field(default=True, description="Note the Git revision and the uncommitted changes, secrets masked.")
    environment: bool = Field(default=True, description="Note the interpreter, packages and hardware.")
    interval_seconds: float = Field(default=10.0, gt=0, description="Time between two measurements of the machine.")


class CollectionSettings(BaseModel):
    """How long `mw gc` keeps what nobody sees any more."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    retention_days: float = Field(
        default=30.0,
        ge=0,
        description="How long deleted experiments, runs and models can be restored, and the queue lists what ended.",
    )
    evidence_days: float = Field(
        default=90.0,
        ge=0,
        description="How long it is kept what servers have counted of rollouts that have ended, what was told of "
        "alerts, and what was sent to webhooks.",
    )
    hour_summaries_days: int = Field(
        default=35, ge=1, description="Days for which hours of the prediction log are kept summarised."
    )
    day_summaries_days: int = Field(default=400, ge=1, description="Likewise days of it.")
    grace_hours: float = Field(
        default=24.0, ge=3, description="How long a blob is kept that no record names (yet); at least 3."
    )


class RetentionSettings(BaseModel):
    """Which versions of datasets `mw data vacuum` keeps for their age alone; what was used stays anyway."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    keep_versions: int = Field(default=0, ge=0, description="Keep so many of the newest versions; 0 says nothing.")
    keep_days: float = Field(
        default=0.0, ge=0, description="Keep versions younger than this; 0 says nothing. With both 0, all are kept."
    )


class EngineSettings(BaseModel):
    """Where transformations of datasets are computed."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    name: Literal["auto", "polars", "streaming", "duckdb", "spark"] = Field(
        default="auto", description="The engine; auto: by the size of the inputs' files."
    )
    memory_gb: float = Field(
        default=1.0, ge=0, description="Files up to this size, in GB, are computed in memory by auto."
    )
    spark_gb: float = Field(
        default=0.0, ge=0, description="Files above this size, in GB, go to Spark by auto; 0 for never."
    )
    limit_gb: float = Field(
        default=0.0, ge=0, description="What DuckDB and a local Spark may use, in GB; 0 for half of the memory."
    )
    scratch: str = Field(default="", description="Folder for what does not fit; by default the system's temporary one.")
    spark_master: str = Field(default="local[*]", description="Where Spark runs, such as spark://host:7077.")
    spark_partitions: int = Field(default=8, ge=1, description="In how many parts Spark cuts what it sorts and groups.")


class SecretsSettings(BaseModel):
    """Where the secrets of steps come from."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    provider: str = Field(
        default="env", description="env, file, or a provider that a package registers in millwright.secrets."
    )
    path: str = Field(
        default="", description="For file: a folder with a file for each secret, or a file of NAME=value lines."
    )
    options: dict[str, str] = Field(default={}, description="What a provider of a package reads.")


class PricesSettings(BaseModel):
    """What the machine costs, for estimates; all 0 for none."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    cpu_hour: float = Field(default=0.0, ge=0, description="One core for an hour.")
    gb_hour: float = Field(default=0.0, ge=0, description="One GB of memory for an hour.")
    gpu_hour: float = Field(default=0.0, ge=0, description="One GPU for an hour.")
    currency: str = Field(default="USD", min_length=1, description="The currency of these prices.")


class OpenLineageSettings(BaseModel):
    """Where runs of pipelines are told as OpenLineage events; nowhere while both `url` and `file` are empty."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        default="", description="Where events are posted, such as https://lineage.example; else OPENLINEAGE_URL."
    )
    file: str = Field(default="", description="File that events are appended to, as JSON lines.")
    namespace: str = Field(default="", description="Namespace of jobs; else OPENLINEAGE_NAMESPACE, else default.")
    api_key: str = Field(
        default="", description="Token sent with events; better set by the environment. Else OPENLINEAGE_API_KEY."
    )
    source_code: bool = Field(default=False, description="Send the text of the pipeline's file along.")
    timeout_seconds: float = Field(default=5.0, gt=0, le=60, description="Longest time of one attempt to send.")
    flush_seconds: float = Field(
        default=5.0, ge=0, le=300, description="How long the end of a command waits for events on their way."
    )


class PipelineSettings(BaseModel):
    """How pipelines run."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    executor: Literal["inline", "processes", "ray"] = Field(
        default="inline",
        description="What executes steps: this process, several processes of this machine, or Ray.",
    )
    max_parallel: int | None = Field(
        default=None, ge=1, description="How many steps of a run are executed at once at most."
    )
    cores: int | None = Field(
        default=None, ge=1, description="Cores that the steps of a run use together in processes; by default all."
    )
    ray_address: str = Field(
        default="", description="Ray cluster: ray://host:10001 or auto; by default a Ray of the run's own."
    )
    limits: dict[str, int] = Field(
        default={}, description="Resource that steps name in limits=[…] → how many of them use it at once, in all runs."
    )
    allow_pickle: bool = Field(
        default=False,
        description="Pickle values between steps that have no open form, and read pickles, which can run any code.",
    )


class Settings(BaseSettings):
    """Everything that can be set, with its default."""

    model_config = SettingsConfigDict(
        env_prefix="MILLWRIGHT_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    store: str = Field(
        default="",
        description="URL of the records: sqlite:///file.db or postgresql://user@host/db; "
        "by default millwright.db in the workspace's folder.",
    )
    artifacts: str = Field(default="", description="Folder or fsspec URL of artifacts (s3://bucket/path).")
    datasets: str = Field(default="", description="Folder or URL of the datasets' Delta tables.")
    predictions: str = Field(default="", description="Folder or URL of the prediction log.")
    online: str = Field(
        default="",
        description="Online feature store: a folder (embedded), redis://host/0 or postgresql://user@host/db, "
        "with ?prefix=name where several share a server.",
    )
    actor: str = Field(
        default="", description="Who acts, for the audit log; by default the operating system's user name."
    )
    serve: ServeSettings = Field(default=ServeSettings(), description="Real-time serving.")
    server: ServerSettings = Field(default=ServerSettings(), description="The server: pages, API and MLflow's wire.")
    webhooks: WebhookSettings = Field(default=WebhookSettings(), description="Deliveries to webhooks.")
    track: TrackSettings = Field(default=TrackSettings(), description="What tracked runs note by themselves.")
    monitor: MonitorSettings = Field(default=MonitorSettings(), description="Monitoring.")
    monitors: dict[str, MonitorDeclaration] = Field(
        default={}, description="Monitors that workers check by themselves: tables [monitors.NAME]."
    )
    alerts: AlertSettings = Field(default=AlertSettings(), description="Alerts, and notifications of them.")
    channels: dict[str, ChannelSettings] = Field(
        default={}, description="Who is told of alerts: a table [channels.NAME] for each."
    )
    routes: tuple[RouteSettings, ...] = Field(
        default=(), description="Which alerts go to which channels: tables [[routes]]; without any nobody is told."
    )
    learning: dict[str, OnlineSettings] = Field(
        default={}, description="Models of River that learn from labels as they arrive: tables [learning.NAME]."
    )
    retrain: RetrainSettings = Field(default=RetrainSettings(), description="Limits of retraining.")
    registry: RegistrySettings = Field(default=RegistrySettings(), description="Promotions.")
    retention: RetentionSettings = Field(
        default=RetentionSettings(), description="Which versions of datasets are kept."
    )
    engine: EngineSettings = Field(default=EngineSettings(), description="Engines of transformations.")
    secrets: SecretsSettings = Field(default=SecretsSettings(), description="Secrets of steps.")
    prices: PricesSettings = Field(default=PricesSettings(), description="Prices, for estimates of costs.")
    openlineage: OpenLineageSettings = Field(
        default=OpenLineageSettings(), description="OpenLineage events of pipelines' runs."
    )
    worker: WorkerSettings = Field(default=WorkerSettings(), description="Workers, and the queue that they empty.")
    pipelines: PipelineSettings = Field(default=PipelineSettings(), description="Runs of pipelines.")
    models: ModelSettings = Field(default=ModelSettings(), description="Models.")
    gc: CollectionSettings = Field(default=CollectionSettings(), description="Garbage collection.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what the file says (which comes in as constructor arguments)."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


# Environment variables with our prefix that are read elsewhere.
_OTHER_VARIABLES = frozenset(
    f"MILLWRIGHT_{name}" for name in ("HOME", "PROJECT", "PROFILE", "DEBUG", "WEBHOOK_SECRET", "TRACKING", "TOKEN")
)


def load_settings(folder: Path, *, profile: str | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings of a workspace.

    Args:
        folder: Where `millwright.toml` or `pyproject.toml` may be.
        profile: Name of a `[profile.NAME]` table; the variable MILLWRIGHT_PROFILE when None.
        overrides: Values from the command line, which win over everything.

    Raises:
        ConfigurationError: A file is not TOML, a key is unknown, a value is not allowed, or the profile is not there.
    """
    path, table = _read_file(folder)
    profiles = table.pop("profile", {})
    name = profile or os.environ.get("MILLWRIGHT_PROFILE")
    if name:
        if name not in profiles:
            raise ConfigurationError(
                f"There is no profile '{name}' in {path or FILE_NAME}.",
                hint=closest(name, profiles) or f"Add a [profile.{name}] table to {FILE_NAME}.",
            )
        table = _merge(table, profiles[name])
    _refuse_unknown(table, str(path))
    _refuse_unknown_variables()
    try:
        settings = Settings(**table)
        refuse_unknown_channels(settings.channels, settings.routes, settings.monitors)
        return settings.model_copy(update=dict(overrides)) if overrides else settings
    except ValidationError as error:
        raise ConfigurationError(_first_problem(error, path), details={"file": str(path or "")}) from error


def _read_file(folder: Path) -> tuple[Path | None, dict[str, Any]]:
    for file_name, section in ((FILE_NAME, None), ("pyproject.toml", "millwright")):
        path = folder / file_name
        if not path.is_file():
            continue
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{path} is not valid TOML: {error}.", hint="Correct the file at that place."
            ) from error
        if section is None:
            return path, table
        if section in table.get("tool", {}):
            return path, dict(table["tool"][section])
    return None, {}


def _merge(base: dict[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in upper.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def known_keys() -> dict[str, tuple[str, str]]:
    """Every setting as `section.key` → (default as text, description), for the docs and for error messages."""
    keys: dict[str, tuple[str, str]] = {}
    for name, field in Settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for inner, inner_field in annotation.model_fields.items():
                keys[f"{name}.{inner}"] = (repr(inner_field.default), inner_field.description or "")
        else:
            keys[name] = (repr(field.default), field.description or "")
    return keys


def _refuse_unknown(table: Mapping[str, Any], where: str) -> None:
    known = known_keys()
    sections = {key.partition(".")[0] for key in known if "." in key}
    for key, value in table.items():
        names = [f"{key}.{inner}" for inner in value] if key in sections and isinstance(value, dict) else [key]
        for name in names:
            if name not in known and name not in sections:
                raise ConfigurationError(
                    f"Unknown setting '{name}' in {where}.", hint=closest(name, {*known, *sections})
                )


def _refuse_unknown_variables() -> None:
    known = {f"MILLWRIGHT_{key.upper().replace('.', '__')}" for key in known_keys()} | _OTHER_VARIABLES
    for variable in os.environ:
        if variable.startswith("MILLWRIGHT_") and variable.upper() not in known:
            raise ConfigurationError(f"Unknown environment variable {variable}.", hint=closest(variable, known))


def _first_problem(error: ValidationError, path: Path | None) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "model_type":
        return f"Setting '{name}' ({path or 'environment'}): expected a table [{name}]; found {first['input']!r}."
    said = first["msg"].removeprefix("Value error, ").removesuffix(".")  # of validators of ours
    if first["loc"][:1] == ("channels",):  # what was found may be somebody's password
        return f"Setting '{name}' ({path or 'environment'}): {said}."
    return f"Setting '{name}' ({path or 'environment'}): {said}; found {first['input']!r}."
