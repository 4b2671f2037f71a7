"""Ids and secrets from the operating system's randomness."""

import secrets
import string

_ALPHABET = string.ascii_lowercase + string.digits


class RandomIds:
    """The `Ids` port."""

    def incarnation(self) -> str:
        """12 characters: 62 bits."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(12))

    def secret(self) -> str:
        """32 bytes as 43 characters of base64url."""
        return secrets.token_urlsafe(32)
