"""Where a webhook may be sent: an absolute http or https URL, and no address that is closed to webhooks."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from jobhook.core import limits
from jobhook.core.errors import Problem, TargetNotAllowed
from jobhook.core.targets.networks import TargetNetworks, parse_host


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


def host_of(url: str) -> str:
    """The host and port that a target's webhooks go to, as one word; empty for what is no URL."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def check_targets(targets: Mapping[str, str], networks: TargetNetworks) -> None:
    """Raises TargetNotAllowed where the host of a valid target is plainly an address that may not be reached.

    `targets` are URLs by the field that has them. What a name resolves to is judged when a webhook is sent: it may be
    another address by then.
    """
    problems = [
        Problem(field, message) for field, url in targets.items() if (message := _refusal(url, networks)) is not None
    ]
    if problems:
        raise TargetNotAllowed(problems)


def _refusal(url: str, networks: TargetNetworks) -> str | None:
    address = parse_host(urlsplit(url).hostname or "")
    kind = None if address is None else networks.refusal(address)
    if kind is None:
        return None
    opened = ", ".join(str(network) for network in networks.opened)
    also = f" and addresses in {opened}" if opened else ""
    return f"is a {kind} address; webhooks may go to public addresses{also}"
