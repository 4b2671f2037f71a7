"""Callback tokens: they name one attempt of one execution and hold 256 random bits; only their hash is kept."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from jobhook.core.identities import ExecutionKey

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOKEN = re.compile(r"([0-9a-z]{1,16})\.([0-9]{1,15})\.([0-9]{1,6})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class CallbackToken:
    """What a callback URL says: the execution, the attempt, and the secret that proves it. Its repr has no secret."""

    key: ExecutionKey
    attempt: int
    secret: str

    def __repr__(self) -> str:
        return f"CallbackToken({self.key.id}, attempt={self.attempt})"

    @property
    def path(self) -> str:
        """`<job guid>/<callback token>`, as in the callback URL."""
        return f"{self.key.guid}/{self.key.incarnation}.{self.key.scheduled_time_ms}.{self.attempt}.{self.secret}"

    @property
    def hash(self) -> str:
        """What is stored. The secret is random, so a plain SHA-256 cannot be turned back."""
        return hashlib.sha256(self.secret.encode("ascii")).hexdigest()

    def proves(self, stored_hash: str) -> bool:
        """Whether this is the token that `stored_hash` was made of; takes the same time whatever differs."""
        return hmac.compare_digest(self.hash, stored_hash)


def parse_token(guid: str, token: str) -> CallbackToken | None:
    """The token in a callback URL's last two parts; None for what cannot be one of ours."""
    match = _TOKEN.fullmatch(token)
    if match is None or _GUID.fullmatch(guid) is None:
        return None
    parsed = CallbackToken(ExecutionKey(guid, match[1], int(match[2])), int(match[3]), match[4])
    return parsed if parsed.path == f"{guid}/{token}" else None
