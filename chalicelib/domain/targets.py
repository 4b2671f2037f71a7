"""Where a webhook may be sent: an absolute http or https URL."""

from urllib.parse import urlsplit

from chalicelib.domain import limits


def target_problem(url: str) -> str | None:
    """What is wrong with `url` as a target; None where nothing is."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "must be ASCII without spaces or control characters; percent-encode others"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a valid URL"
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return "must be an absolute http or https URL, such as https://reports.example.com/hooks/nightly"
    if port == 0:
        return "must not name port 0"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user or password"
    if parts.fragment:
        return "must not have a #fragment"
    return None


def target_length_problem(url: str) -> str | None:
    """What to say of a URL beyond the limit; None within it."""
    return f"must be at most {limits.URL} bytes" if limits.utf8_length(url) > limits.URL else None
