"""Logging in by an OpenID provider: the authorization code flow with PKCE, through Authlib.

The browser is sent to the provider with a random state, a nonce and the digest of a random verifier; all three stand in
a signed cookie until it comes back. The code that it brings is exchanged for an ID token, whose signature, issuer,
audience, time and nonce are verified. Only then there is a user: by issuer and subject, never by name or address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from millwright.core.errors import (
    ConfigurationError,
    ForbiddenError,
    MillwrightError,
    MissingExtraError,
    ServiceUnavailableError,
    UnauthenticatedError,
)
from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.server.asgi import header_of
from millwright.server.auth.account import Accounts, parse_role, valid_name
from millwright.server.auth.session import cookie_header, cookie_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.account import UserRecord
    from millwright.server.asgi import Header, Scope
    from millwright.server.options import ServerOptions
    from millwright.server.service import Services

ACTOR = "oidc"  # in the audit log, and as who granted what the provider's claims gave
_COOKIE = "mw_login"
_LASTS_S = 600
_PATIENCE_S = 10.0
_KEEP_S = 3600.0
_LEEWAY_S = 60
_ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
]  # none that shares a secret, and not `none`
_AGAIN = "Begin again at /login."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Flow:
    """What has to come back unchanged."""

    state: str
    nonce: str
    verifier: str
    target: str


class OidcLogin:
    """Sends browsers to a provider, and makes users of those who come back.

    Args:
        options: The provider, and how browsers reach this server.
        services: Where users are kept.
    """

    def __init__(self, options: ServerOptions, services: Services) -> None:
        self._oidc = options.oidc
        self._secret = _signing_key(options)
        self._public_url = options.public_url
        self._stores = services.stores
        self._accounts = Accounts(services.stores, services.clock, ACTOR)
        self._provider: tuple[dict[str, Any], Any, float] | None = None
        _require_safe(self._oidc.issuer)

    def begin(self, scope: Scope, target: str) -> tuple[str, Header]:
        """Where to send the browser, and the cookie to give it.

        Args:
            scope: The request.
            target: The path to go to after the login.

        Raises:
            ServiceUnavailableError: The provider does not answer.
        """
        flow = _Flow(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            target=target,
        )
        metadata, _ = self._metadata()
        with self._client(scope) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
            )
        return url, self._cookie(self._sealed(flow), _LASTS_S)

    def finish(self, scope: Scope) -> tuple[str, str, Header]:
        """Who came back, where to go next, and the header that takes the cookie away.

        Raises:
            UnauthenticatedError: What came back does not belong to a login that began here, or is not valid.
            ForbiddenError: The provider refused, or knows nobody who has a role here.
            ServiceUnavailableError: The provider does not answer.
        """
        flow = self._opened(cookie_of(scope, _COOKIE))
        given = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        if not hmac.compare_digest(given.get("state", "").encode(), flow.state.encode()):
            raise UnauthenticatedError("Expected an answer to a login that began here, found another.", hint=_AGAIN)
        if "code" not in given:
            reason = given.get("error_description") or given.get("error", "no reason")
            raise ForbiddenError(f"The OpenID provider refused: {reason[:200]}.", hint=_AGAIN)
        claims = self._claims(self._id_token(scope, given["code"], flow), flow.nonce)
        user = self._user(claims)
        return user.name, flow.target, self._cookie("", 0)

    def _id_token(self, scope: Scope, code: str, flow: _Flow) -> str:
        from authlib.common.errors import AuthlibBaseError
        from httpx2 import HTTPError

        metadata, _ = self._metadata()
        try:
            with self._client(scope) as client:
                token = client.fetch_token(
                    metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=flow.verifier
                )
        except AuthlibBaseError as error:
            raise UnauthenticatedError(f"The OpenID provider refused the code: {error.error}.", hint=_AGAIN) from error
        except HTTPError as error:
            raise _no_answer(self._oidc.issuer, error) from error
        found = token.get("id_token")
        if not isinstance(found, str):
            raise UnauthenticatedError("Expected an ID token from the provider, found none.", hint=_AGAIN)
        return found

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        for fresh in (False, True):  # keys are rotated: an unknown one may be new
            _, keys = self._metadata(fresh=fresh)
            try:
                claims = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
                rules = jwt.JWTClaimsRegistry(
                    leeway=_LEEWAY_S,
                    iss={"essential": True, "value": self._oidc.issuer},
                    aud={"essential": True, "value": self._oidc.client_id},
                    exp={"essential": True},
                    sub={"essential": True},
                    nonce={"essential": True, "value": nonce},
                )
                rules.validate(claims)
            except (JoseError, ValueError) as error:
                if fresh:
                    raise UnauthenticatedError(
                        f"The provider's ID token is not valid: {error}.", hint=_AGAIN
                    ) from error
            else:
                return dict(claims)
        raise AssertionError

    def _user(self, claims: Mapping[str, Any]) -> UserRecord:
        issuer, subject = self._oidc.issuer, str(claims["sub"])
        roles = self._roles(claims)
        with self._stores.transactions.transaction():
            user = self._stores.accounts.find_identity(issuer, subject)
            if user is None:
                if not roles:
                    raise ForbiddenError(
                        "None of your groups has a role here.", hint="Ask whoever runs the server: server.oidc_roles."
                    )
                name = self._name(claims, subject)
                if self._stores.accounts.find_user(name) is not None:
                    raise ForbiddenError(
                        f"There is a user '{name}' already, for whom this provider does not vouch.",
                        hint="An admin has to remove or rename one of the two.",
                    )
                user = self._accounts.add(name, identity=(issuer, subject))
            if user.disabled:
                raise ForbiddenError("This user is disabled.", hint="Ask an admin.")
            self._give(user.name, roles)
        return user

    def _give(self, name: str, roles: Mapping[str, Role]) -> None:
        """The roles of the claims, in place of those of the last login; what an admin gave stays."""
        held = {grant.project: grant for grant in self._stores.accounts.list_grants(name)}
        for project, grant in held.items():
            if grant.granted_by == ACTOR and project not in roles:
                self._accounts.withdraw(name, project)
        for project, role in roles.items():
            present = held.get(project)
            if present is None or (present.granted_by == ACTOR and present.role is not role):
                self._accounts.grant(name, role, project)

    def _roles(self, claims: Mapping[str, Any]) -> dict[str, Role]:
        groups = claims.get(self._oidc.roles_claim, [])
        named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        found: dict[str, Role] = {}
        for group in named:
            for project, role in mapped_roles(self._oidc.roles.get(str(group), "")).items():
                best = found.get(project)
                found[project] = role if best is None or role.covers(best) else best
        return found

    def _name(self, claims: Mapping[str, Any], subject: str) -> str:
        for claim in (self._oidc.name_claim, "email"):
            try:
                return valid_name(str(claims.get(claim, "")))
            except MillwrightError:
                continue
        return f"oidc-{hashlib.sha256(subject.encode()).hexdigest()[:12]}"

    def _metadata(self, *, fresh: bool = False) -> tuple[dict[str, Any], Any]:
        if self._provider is not None and not fresh and time.monotonic() < self._provider[2]:
            return self._provider[:2]
        from httpx2 import Client, HTTPError

        issuer = self._oidc.issuer
        try:
            with Client(timeout=_PATIENCE_S) as client:
                url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                metadata = client.get(url).raise_for_status().json()
                if metadata.get("issuer") != issuer:
                    raise ConfigurationError(
                        f"Expected the OpenID provider '{issuer}', found one that calls itself "
                        f"'{str(metadata.get('issuer'))[:200]}'.",
                        hint="Set server.oidc_issuer to that name, letter by letter, if it is the right one.",
                    )
                keys = client.get(metadata["jwks_uri"]).raise_for_status().json()
        except (HTTPError, ValueError, KeyError) as error:
            raise _no_answer(issuer, error) from error
        self._provider = (metadata, keys, time.monotonic() + _KEEP_S)
        return metadata, keys

    def _client(self, scope: Scope) -> Any:
        try:
            from authlib.integrations.httpx_client import OAuth2Client
        except ImportError as error:
            raise MissingExtraError("authlib", "server") from error
        base = self._public_url or f"http://{header_of(scope, b'host')}"
        return OAuth2Client(
            client_id=self._oidc.client_id,
            client_secret=self._oidc.client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if self._oidc.client_secret else "none",
            scope=self._oidc.scopes,
            redirect_uri=f"{base}/login/oidc/callback",
            code_challenge_method="S256",
            timeout=_PATIENCE_S,
        )

    def _cookie(self, value: str, seconds: int) -> Header:
        return cookie_header(_COOKIE, value, seconds, secure=self._public_url.startswith("https://"))

    def _sealed(self, flow: _Flow) -> str:
        content = [flow.state, flow.nonce, flow.verifier, flow.target, int(time.time()) + _LASTS_S]
        text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
        return f"{text}.{self._signature(text)}"

    def _opened(self, sealed: str) -> _Flow:
        text, _, signature = sealed.rpartition(".")
        if not text or not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            raise UnauthenticatedError("Expected a login that began in this browser, found none.", hint=_AGAIN)
        state, nonce, verifier, target, until = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if time.time() > until:
            raise UnauthenticatedError("The login took longer than ten minutes.", hint=_AGAIN)
        return _Flow(state=state, nonce=nonce, verifier=verifier, target=target)

    def _signature(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def mapped_roles(text: str) -> dict[str, Role]:
    """Roles by project, from `ROLE` (for all projects) or `ROLE:PROJECT`, separated by commas.

    Raises:
        InvalidInputError: One is no role.
    """
    found: dict[str, Role] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        role, _, project = part.partition(":")
        found[project or EVERY_PROJECT] = parse_role(role)
    return found


def _signing_key(options: ServerOptions) -> bytes:
    """What signs the cookie of a login that is under way.

    Made from the client's secret, so that it outlives restarts and is the same on every machine; by scrypt, since the
    cookie goes to strangers who could guess at the secret. Without such a secret it lasts until the server ends.
    """
    oidc = options.oidc
    if not oidc.client_secret:
        return options.secret
    salt = f"millwright login {oidc.issuer} {oidc.client_id}".encode()
    return hashlib.scrypt(oidc.client_secret.encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=32)


def _require_safe(issuer: str) -> None:
    parts = urlsplit(issuer)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme == "https" or (parts.scheme == "http" and local):
        return
    raise ConfigurationError(
        f"Expected server.oidc_issuer to be an https URL, found '{issuer}'.",
        hint="Only providers on this machine may use http.",
    )


def _no_answer(issuer: str, error: Exception) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"The OpenID provider '{issuer}' does not answer as it should: {type(error).__name__}.",
        hint="Try again; whoever runs the server finds more in its log.",
    )
