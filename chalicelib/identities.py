"""The clock and the source of ids on Lambda."""

import secrets
import string
import time

_ALPHABET = string.ascii_lowercase + string.digits


class SystemClock:
    """The `Clock` port."""

    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000


class RandomIds:
    """The `Ids` port, out of the system's randomness."""

    def incarnation(self) -> str:
        """12 characters: 62 bits."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(12))

    def secret(self) -> str:
        """32 bytes as 43 characters of base64url."""
        return secrets.token_urlsafe(32)
