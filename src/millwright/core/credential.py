"""Credentials in addresses: used to read, and never written anywhere.

Records, lineage, cursors and messages hold an address as `without_credentials` gives it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

# Parameters of signed and keyed addresses: AWS, Google and Azure, databases, and what web services call theirs.
_SECRET = re.compile(
    r"(?:^|[-_.])(?:password|passwd|pwd|passphrase|secret|token|sig|signature|credential|credentials|auth|"
    r"(?:api|access|account|private|sas)?[-_]?key|sslpassword|sslkey)$",
    flags=re.IGNORECASE,
)
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(.*)", flags=re.DOTALL)


def without_credentials(source: str) -> str:
    """A source's address without user, password, and parameters that are keys; paths stay as they are.

    Example:
        >>> without_credentials("postgresql://ann:secret@db.example/shop?sslmode=require")
        'postgresql://db.example/shop?sslmode=require'
        >>> without_credentials("https://host/t.csv?page=2&X-Amz-Signature=abc")
        'https://host/t.csv?page=2'
    """
    found = _ADDRESS.fullmatch(source)
    if not found:
        return source
    scheme, rest = found.groups()
    authority, mark, path = _parted(rest)
    host = authority.rpartition("@")[2]
    path, question, parameters = path.partition("?")
    parameters, hash_sign, fragment = parameters.partition("#")
    kept = [part for part in parameters.split("&") if part and not _SECRET.search(unquote(part.partition("=")[0]))]
    query = question + "&".join(kept) if kept else ""
    return f"{scheme}{host}{mark}{path}{query}{hash_sign}{fragment}"


def secrets_of(source: str) -> tuple[str, ...]:
    """The texts in an address that no message may repeat; longest first."""
    found = _ADDRESS.fullmatch(source)
    if not found:
        return ()
    authority, _, path = _parted(found[2])
    login, at, _ = authority.rpartition("@")
    user, _, password = login.partition(":")
    # A lone user is a token more often than a name: `https://TOKEN@host`.
    secrets = [login, password or user] if at else []
    for part in path.partition("?")[2].partition("#")[0].split("&"):
        name, _, value = part.partition("=")
        if value and _SECRET.search(unquote(name)):
            secrets.append(value)
    whole = {text for secret in secrets for text in (secret, unquote(secret)) if text}
    return tuple(sorted(whole, key=len, reverse=True))


def scrubbed(text: str, source: str) -> str:
    """A message, such as a library's, without what is secret in the source's address."""
    shown = text.replace(source, without_credentials(source))
    for secret in secrets_of(source):
        shown = shown.replace(secret, "***")
    return shown


def _parted(rest: str) -> tuple[str, str, str]:
    """What stands before the path, the sign between, and the path; a password may hold `/` and `?` before its `@`."""
    end = re.search(r"[/?#]", rest)
    if end is None:
        return rest, "", ""
    authority, path = rest[: end.start()], rest[end.start() :]
    if "@" not in authority and ":" in authority and not authority.rpartition(":")[2].isdigit():
        # `user:pa/ss@host/…`: not allowed, yet people write it, and it must not show.
        host = re.match(r"[^@]*@[^/?#@]*", rest)
        if host:
            authority, path = host[0], rest[host.end() :]
    return authority, "", path
