"""API tokens: `mw_PREFIX_SECRET`. The prefix finds the record; of the secret only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.records.account import TokenRecord

_FORM = re.compile(r"mw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Token(NamedTuple):
    """A token's two parts."""

    prefix: str
    secret: str

    def __str__(self) -> str:
        return f"mw_{self.prefix}_{self.secret}"


def new_token() -> Token:
    """A token with 256 random bits."""
    return Token(secrets.token_hex(6), secrets.token_urlsafe(32))


def parse_token(text: str) -> Token | None:
    """A token's parts; None when the text has not its form."""
    found = _FORM.fullmatch(text)
    return Token(found[1], found[2]) if found else None


def hash_secret(secret: str) -> str:
    """SHA-256 in hex: enough for what nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_accepted(record: TokenRecord, secret: str, now: datetime) -> bool:
    """Whether a secret is that of a token which is neither expired nor revoked."""
    same = hmac.compare_digest(record.secret_hash, hash_secret(secret))
    return same and record.revoked_at is None and (record.expires_at is None or now < record.expires_at)
