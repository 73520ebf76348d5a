"""Passwords: Argon2id, through argon2-cffi."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from functools import cache
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from argon2 import PasswordHasher

SHORTEST = 8
LONGEST = 1024
_KEPT = 1024
_AT_ONCE = 2  # each verification takes 64 MiB


@cache
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher as Hasher
    except ImportError as error:
        raise MissingExtraError("argon2-cffi", "server") from error
    return Hasher()


@cache
def _stranger() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """The hash to store.

    Raises:
        InvalidInputError: The password is too short, too long, or no valid Unicode.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(
            f"Expected a password of {SHORTEST} to {LONGEST} characters, found {len(password)}.",
            hint="Several words in a row are easy to remember and hard to guess.",
        )
    try:
        return _hasher().hash(password)
    except UnicodeEncodeError as error:
        raise InvalidInputError("Expected a password in valid Unicode, found lone surrogates.") from error


class PasswordCheck:
    """Verifies passwords, and remembers for a while those that were right: clients send theirs with each request.

    Args:
        keep_s: How long a right password is remembered, as a keyed hash that only this process can compute.
        now: The time in seconds, never going back.
    """

    def __init__(self, keep_s: float = 300.0, now: Callable[[], float] = time.monotonic) -> None:
        self._keep_s = keep_s
        self._now = now
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_AT_ONCE)

    def knows(self, password: str, stored: str | None) -> bool:
        """Whether this password was found right for this hash a short while ago."""
        with self._lock:
            until = self._right.get(self._trace(password, stored or ""))
        return until is not None and self._now() < until

    def is_right(self, password: str, stored: str | None) -> bool:
        """Whether the password gives the stored hash; takes as long when there is none (some 50 ms)."""
        if stored is not None and self.knows(password, stored):
            return True
        if len(password) > LONGEST:
            return False
        with self._slots:
            right = _verify(stored or _stranger(), password) and stored is not None
        if right:
            self._remember(self._trace(password, stored or ""))
        return right

    def _remember(self, trace: bytes) -> None:
        with self._lock:
            self._right.pop(trace, None)
            self._right[trace] = self._now() + self._keep_s
            if len(self._right) > _KEPT:
                self._right.popitem(last=False)

    def _trace(self, password: str, stored: str) -> bytes:
        text = f"{stored}\x00{password}".encode(errors="surrogatepass")
        return hmac.digest(self._key, text, hashlib.sha256)


def _verify(stored: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
