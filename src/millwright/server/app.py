"""Joins the layers: what stands in front, who may come in, and the applications that answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from millwright.server.auth.authentication import Authentication, Authenticator, Everyone
from millwright.server.auth.authorization import RoleAuthorizer, wire_identity
from millwright.server.front import Front
from millwright.server.mlflow.application import MlflowApp, WireOptions
from millwright.server.mlflow.routes import all_routes
from millwright.server.options import ServerOptions
from millwright.server.principal import owner
from millwright.server.security import Guard
from millwright.server.traffic.compression import Compression
from millwright.server.traffic.limit import Limits, RequestRate
from millwright.server.traffic.metrics import RequestMetrics
from millwright.server.traffic.monitor_metrics import MonitorCollector
from millwright.server.traffic.observation import Observation
from millwright.server.traffic.origin import Origins
from millwright.server.transfer import Transfers

if TYPE_CHECKING:
    from millwright.server.asgi import App
    from millwright.server.auth.attempt import Attempts
    from millwright.server.auth.oidc import OidcLogin
    from millwright.server.auth.session import Sessions
    from millwright.server.mlflow.route import Route
    from millwright.server.service import Services


def build_app(services: Services, options: ServerOptions | None = None, attempts: Attempts | None = None) -> App:
    """The whole server as an ASGI application.

    From the outside: `Observation` (request id, counts, log), `Guard` (hosts, headers), `Origins` (CORS), `Limits`,
    `Compression`, `Authentication`, `Front`; behind that MLflow's wire, or the native API and the pages.

    Args:
        services: What handlers read from and write to.
        options: How the server is to run; the defaults when None.
        attempts: Counts failed logins over all workers; over this application alone when None.
    """
    options = options or ServerOptions()
    transfers = Transfers(
        options.secret,
        public_url=options.public_url,
        asks_who=options.asks_who,
        max_bytes=options.max_artifact_bytes,
    )
    wire_options = WireOptions(
        max_body_bytes=options.max_body_bytes,
        identify=wire_identity,
        authorizer=RoleAuthorizer(services.stores),
        transfers=transfers,
    )
    sessions = _sessions(services, options)
    authenticator = _authenticator(services, sessions, attempts, transfers) if options.asks_who else None
    wire = MlflowApp(services, all_routes(_user_routes(authenticator)), wire_options)
    known = {path for route in wire.router.routes for path, _ in route.paths() if "{" not in path}
    metrics = RequestMetrics(known, [MonitorCollector(services.stores, services.clock)])
    app: App = Front(wire, partial(_pages, services), audit=services.stores.audit, metrics=metrics.text)
    if authenticator is None:
        app = Everyone(app, owner(services.actor))
    else:
        oidc = _oidc(services, options) if options.oidc.issuer else None
        app = _account_pages(app, services)
        app = Authentication(_login(app, authenticator, sessions, oidc), authenticator)
    app = Compression(app)
    rate = RequestRate(options.requests_per_minute)
    app = Limits(app, rate, max_body_bytes=options.max_body_bytes, max_artifact_bytes=options.max_artifact_bytes)
    app = Guard(Origins(app, options.cors_origins), options.known_hosts, any_address=options.asks_who)
    return Observation(app, metrics, access_log=options.access_log)


def _pages(services: Services) -> App:
    # Here, so that the server answers before Litestar is loaded.
    from millwright.server.site import build_site

    return build_site(services)


def _authenticator(
    services: Services, sessions: Sessions, attempts: Attempts | None, transfers: Transfers
) -> Authenticator:
    from millwright.server.auth.attempt import Attempts as OwnAttempts
    from millwright.server.auth.password import PasswordCheck

    accounts, clock = services.stores.accounts, services.clock
    return Authenticator(accounts, clock, sessions, PasswordCheck(), attempts or OwnAttempts(), transfers)


def _user_routes(authenticator: Authenticator | None) -> tuple[Route, ...]:
    """MLflow's endpoints of users; they are not there where nobody is asked who they are."""
    if authenticator is None:
        return ()
    from millwright.server.auth.mlflow_role import ROUTES
    from millwright.server.auth.mlflow_user import user_routes

    return (*user_routes(authenticator), *ROUTES)


def _account_pages(app: App, services: Services) -> App:
    from millwright.server.auth.account_page import AccountPages

    return AccountPages(app, services.stores, services.clock)


def _login(app: App, authenticator: Authenticator, sessions: Sessions, oidc: OidcLogin | None) -> App:
    from millwright.server.auth.login import Login

    return Login(app, authenticator, sessions, oidc)


def _oidc(services: Services, options: ServerOptions) -> OidcLogin:
    from millwright.server.auth.oidc import OidcLogin as ProviderLogin

    return ProviderLogin(options, services)


def _sessions(services: Services, options: ServerOptions) -> Sessions:
    from millwright.server.auth.session import Sessions as BrowserSessions

    secure = options.public_url.startswith("https://")
    return BrowserSessions(services.stores.accounts, services.clock, hours=options.session_hours, secure=secure)
