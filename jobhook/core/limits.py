"""How long each text may be, in UTF-8 bytes: a job with its last success fits one DynamoDB item (400 KB)."""

PAYLOAD = 128 * 1024
STATE = 128 * 1024
SUMMARY = 4 * 1024
ERROR = 4 * 1024
CORRELATION_ID = 256
PAUSE_REASON = 1_024
URL = 2_048
DESCRIPTION = 1_024
EXTERNAL_ID = 256
STATE_SCHEMA = 32 * 1024

BODY = 1024 * 1024


def utf8_length(text: str) -> int:
    """The length of `text` in UTF-8 bytes."""
    return len(text.encode("utf-8"))
