"""Against a provider that this test runs: real HTTP, real signatures."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.core.records.account import Role
from millwright.server.auth.oidc import OidcLogin, mapped_roles
from millwright.server.options import OidcOptions, ServerOptions
from millwright.server.service import services_of

GROUPS = {"ml-admins": "admin", "churn-team": "contributor:churn, viewer", "auditors": "viewer:default"}


class Provider(ThreadingHTTPServer):
    """Issues a code at `/authorize` for whoever stands in `person`, and an ID token at `/token`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.keys = [RSAKey.generate_key(2048, {"kid": "one"})]
        self.person: dict[str, Any] = {}
        self.changes: dict[str, Any] = {}
        self.signer = self.keys[0]
        self.codes: dict[str, dict[str, str]] = {}

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "mill", "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims |= {"sub": "42", "preferred_username": "Ada", **self.person} | self.changes
        header = {"alg": "RS256", "kid": self.signer.kid}
        return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, self.signer)


class _Answers(BaseHTTPRequestHandler):
    server: Provider
    protocol_version: ClassVar[str] = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        url = self.server.issuer
        if self.path == "/.well-known/openid-configuration":
            self._send({"issuer": url, "authorization_endpoint": f"{url}/authorize", "token_endpoint": f"{url}/token",
                        "jwks_uri": f"{url}/keys"})  # fmt: skip
        elif self.path == "/keys":
            self._send(KeySet(self.server.keys).as_dict(private=False))
        else:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            self.server.codes["code-1"] = asked
            back = {"code": "code-1", "state": asked["state"]}
            self.send_response(302)
            self.send_header("location", f"{asked['redirect_uri']}?{urlencode(back)}")
            self.send_header("content-length", "0")
            self.end_headers()

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        asked = self.server.codes.pop(form["code"][0], None)
        credentials = base64.b64decode(self.headers["authorization"].split()[1]).decode()
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or credentials != "mill:hush" or challenge != asked["code_challenge"]:
            self._send({"error": "invalid_grant"}, 400)
            return
        assert form["redirect_uri"][0] == asked["redirect_uri"]
        self._send({"access_token": "x", "token_type": "Bearer", "id_token": self.server.id_token(asked)})

    def _send(self, content: object, status: int = 200) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture(scope="module")
def provider():
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def mill(empty_workspace, provider, run_server):
    provider.person, provider.changes, provider.signer = {"groups": ["churn-team"]}, {}, provider.keys[0]
    oidc = OidcOptions(issuer=provider.issuer, client_id="mill", client_secret="hush", roles=GROUPS)
    with run_server(empty_workspace, ServerOptions(port=0, auth=True, oidc=oidc)) as url:
        yield url


def log_in(url: str, path: str = "/models") -> tuple[httpx.Response, dict[str, str]]:
    """What a browser gets at the end of the way to the provider and back, and its cookies then."""
    with httpx.Client(base_url=url, headers={"accept": "text/html"}, timeout=20) as browser:
        sent = browser.get(f"/login/oidc?next={path}")
        assert sent.status_code == 303, sent.text
        back = httpx.get(sent.headers["location"])
        return browser.get(back.headers["location"]), dict(browser.cookies)


def grants(workspace, name: str = "ada") -> dict[str, Role]:
    return {each.project: each.role for each in workspace.stores.accounts.list_grants(name)}


def test_login_makes_a_user_with_the_roles_of_the_groups(mill, empty_workspace, provider):
    answer, cookies = log_in(mill)
    assert (answer.status_code, answer.headers["location"]) == (303, "/models")
    user = empty_workspace.stores.accounts.find_user("ada")
    assert (user.issuer, user.subject, user.password_hash) == (provider.issuer, "42", None)
    assert grants(empty_workspace) == {"*": Role.VIEWER, "churn": Role.CONTRIBUTOR}
    assert httpx.get(f"{mill}/models", cookies=cookies).status_code == 200
    assert "Log in with your organisation" in httpx.get(f"{mill}/login").text
    assert {event.actor for event in empty_workspace.stores.audit.list()} == {"oidc"}


def test_roles_follow_the_groups_and_those_of_an_admin_stay(mill, empty_workspace, provider):
    from millwright.server.auth.account import Accounts

    log_in(mill)
    Accounts(empty_workspace.stores, empty_workspace.clock, "root").grant("ada", Role.APPROVER, "pricing")
    provider.person["groups"] = ["ml-admins"]
    log_in(mill)
    assert grants(empty_workspace) == {"*": Role.ADMIN, "pricing": Role.APPROVER}
    provider.person["groups"] = []
    log_in(mill)
    assert grants(empty_workspace) == {"pricing": Role.APPROVER}


def test_somebody_without_a_role_is_not_let_in(mill, empty_workspace, provider):
    provider.person["groups"] = ["others"]
    answer, _ = log_in(mill)
    assert answer.status_code == 403
    assert "None of your groups has a role here" in answer.text
    assert empty_workspace.stores.accounts.list_users() == []


def test_user_of_the_same_name_is_not_taken_over(mill, empty_workspace):
    from millwright.server.auth.account import Accounts

    accounts = Accounts(empty_workspace.stores, empty_workspace.clock, "root")
    accounts.add("ada")
    answer, cookies = log_in(mill)
    assert answer.status_code == 403
    assert "does not vouch" in answer.text
    assert not [name for name in cookies if "session" in name]


def test_disabled_user_stays_out(mill, empty_workspace):
    log_in(mill)
    empty_workspace.stores.accounts.set_disabled("ada", disabled=True)
    assert log_in(mill)[0].status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"exp": 1},
        {"nonce": "replayed"},
        {"nonce": None},
        {"sub": None},
        {"exp": None},
    ],
)
def test_token_that_is_not_for_this_login_is_refused(mill, provider, changes):
    provider.changes = changes
    answer, cookies = log_in(mill)
    assert answer.status_code == 401
    assert "ID token is not valid" in answer.text
    assert not [name for name in cookies if "session" in name]


def test_token_that_another_key_has_signed_is_refused(mill, provider):
    provider.signer = RSAKey.generate_key(2048, {"kid": "one"})
    assert log_in(mill)[0].status_code == 401


def test_new_key_of_the_provider_is_fetched(mill, provider):
    log_in(mill)
    provider.signer = RSAKey.generate_key(2048, {"kid": "two"})
    provider.keys.append(provider.signer)
    assert log_in(mill)[0].status_code == 303
    provider.keys.pop()


def test_answer_without_the_cookie_or_with_another_state_is_refused(mill):
    with httpx.Client(base_url=mill) as browser:
        back = httpx.get(browser.get("/login/oidc").headers["location"]).headers["location"]
        assert httpx.get(back).status_code == 401
        forged = back.replace("state=", "state=x")
        assert browser.get(forged).status_code == 401
        cookie = browser.cookies["mw_login"]
        assert (
            httpx.get(back, cookies={"mw_login": cookie[:-1] + ("1" if cookie[-1] == "0" else "0")}).status_code == 401
        )
        assert browser.get("/login/oidc/callback?error=access_denied").status_code == 401


def test_refusal_of_the_provider_is_told(mill):
    with httpx.Client(base_url=mill) as browser:
        asked = parse_qs(urlsplit(browser.get("/login/oidc").headers["location"]).query)
        answer = browser.get(f"/login/oidc/callback?error=access_denied&state={asked['state'][0]}")
        assert answer.status_code == 403
        assert "access_denied" in answer.text


@pytest.mark.parametrize("issuer", ["http://id.example", "ftp://id.example", "id.example"])
def test_provider_without_https_is_refused(empty_workspace, issuer):
    with pytest.raises(ConfigurationError, match="https"):
        OidcLogin(ServerOptions(oidc=OidcOptions(issuer=issuer)), services_of(empty_workspace))


def test_roles_are_read_from_the_settings():
    assert mapped_roles("admin") == {"*": Role.ADMIN}
    assert mapped_roles(" viewer , approver:churn,") == {"*": Role.VIEWER, "churn": Role.APPROVER}
    assert mapped_roles("") == {}
    with pytest.raises(InvalidInputError, match="Expected a role"):
        mapped_roles("boss")


def test_login_goes_on_after_a_restart_and_at_another_server(mill, empty_workspace, provider, run_server):
    oidc = OidcOptions(issuer=provider.issuer, client_id="mill", client_secret="hush", roles=GROUPS)
    again = ServerOptions(port=0, auth=True, oidc=oidc, public_url=mill)
    with run_server(empty_workspace, again) as second, httpx.Client() as browser:
        back = httpx.get(browser.get(f"{mill}/login/oidc").headers["location"]).headers["location"]
        answer = browser.get(back.replace(mill, second))
        assert answer.status_code == 303, answer.text
        assert "session" in answer.headers["set-cookie"]


def test_login_is_signed_by_the_secret_of_this_provider_and_client(empty_workspace):
    def signed(**changes: str) -> str:
        oidc = OidcOptions(**{"issuer": "https://a.example", "client_id": "mill", "client_secret": "hush", **changes})
        return OidcLogin(ServerOptions(oidc=oidc), services_of(empty_workspace))._signature("x")

    assert signed() == signed()
    others = [signed(client_secret="hush2"), signed(client_id="b"), signed(issuer="https://b.example")]
    assert len({signed(), *others, signed(client_secret=""), signed(client_secret="")}) == 6
