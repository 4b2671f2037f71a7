"""The target `http`: an absolute http or https URL that takes a POST of JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlsplit

from jobhook.core import limits
from jobhook.core.json_text import compact
from jobhook.core.targets.answer import Answer, Failure, Verdict
from jobhook.core.targets.networks import TargetNetworks, parse_host


class TargetTooLong(ValueError):
    """The text of a target is beyond its limit; the message says which."""


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """A POST of `body` as application/json. Both fields may hold secrets, so its repr has neither."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """The URL that takes a job's webhooks, or its notifications."""

    kind: ClassVar[str] = "http"

    url: str = field(repr=False)  # it may hold a secret

    @classmethod
    def parse(cls, text: str) -> "HttpTarget":
        """The target that a caller asks for. Raises TargetTooLong, or ValueError that says what is wrong."""
        if (problem := target_length_problem(text)) is not None:
            raise TargetTooLong(problem)
        if (problem := target_problem(text)) is not None:
            raise ValueError(problem)
        return cls(text)

    @property
    def host(self) -> str:
        """The host and port that its messages go to, as one word."""
        return host_of(self.url)

    def refusal(self, networks: TargetNetworks) -> str | None:
        """Why nothing may be sent to it from an installation that may reach `networks`; None where that may be."""
        return refusal(self.url, networks)

    def render(self, document: Mapping[str, object]) -> HttpMessage:
        """The message that carries the document."""
        return HttpMessage(self.url, compact(document).encode())

    def judge(self, answer: Answer) -> Verdict:
        """Whether the answer is a start, may be another one after a retry, or is final."""
        return judge(answer)

    def failure_text(self, answer: Answer, who: str = "the service") -> str | None:
        """Why the message was not taken, in words; None where it was."""
        return failure_text(answer, who)


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


def refusal(url: str, networks: TargetNetworks) -> str | None:
    """Why nothing may be sent to a valid URL whose host is plainly an address that is closed; None otherwise.

    What a name resolves to is judged when a message is sent: it may be another address by then.
    """
    address = parse_host(urlsplit(url).hostname or "")
    kind = None if address is None else networks.refusal(address)
    if kind is None:
        return None
    opened = ", ".join(str(network) for network in networks.opened)
    also = f" and addresses in {opened}" if opened else ""
    return f"is a {kind} address; webhooks may go to public addresses{also}"


def judge(answer: Answer) -> Verdict:
    """Any 2xx is a start; no answer, 429 and 5xx are tried again; anything else, 3xx included, is final.

    So is a target that may not be reached: nothing was sent, and trying again would not change whether it may.
    """
    if answer.failure is Failure.NOT_ALLOWED:
        return Verdict.REFUSED
    status = answer.http_status
    if status is None or status == 429 or status >= 500:
        return Verdict.UNAVAILABLE
    return Verdict.STARTED if 200 <= status < 300 else Verdict.REFUSED


def failure_text(answer: Answer, who: str = "the service") -> str | None:
    """Why an attempt failed, in words; None where it did not. `who` was to answer."""
    verdict = judge(answer)
    if verdict is Verdict.STARTED:
        return None
    if answer.http_status is None:
        return answer.error or "no answer"
    advice = "; redirects are not followed" if 300 <= answer.http_status < 400 else ""
    return f"{who} answered {answer.http_status}{advice}"
