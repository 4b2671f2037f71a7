"""What comes back from a target, and the verdicts over it."""

from dataclasses import dataclass
from enum import Enum

ANSWER_WITHIN_SECONDS = 10
ANSWER_READ_BYTES = 64 * 1024
ANSWER_KEPT_BYTES = 4 * 1024


class Failure(Enum):
    """How far a webhook came that was not answered: each is a step that was not taken."""

    NOT_ALLOWED = "not allowed"
    NOT_RESOLVED = "not resolved"
    NOT_CONNECTED = "not connected"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status and the start of the body, or (`http_status` None) why nothing did.

    `error` names a kind of failure in a few words and holds nothing of what was sent.
    """

    http_status: int | None
    body: bytes = b""
    error: str | None = None
    failure: Failure | None = None


def not_allowed(kind: str) -> Answer:
    """The answer in place of a webhook whose host has an address of that kind, which may not be reached.

    The address itself is not told: who may put jobs could otherwise look up names of a network that is not theirs.
    """
    article = "an" if kind[0] in "aeiou" else "a"
    error = f"target not allowed: resolves to {article} {kind} address"
    return Answer(None, error=error, failure=Failure.NOT_ALLOWED)


class Verdict(Enum):
    """How an answer is judged: the job has started, trying again may help, or it cannot."""

    STARTED = "started"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"


def kept_response(answer: Answer) -> str | None:
    """The start of the answer's body as text, as it is kept with the attempt."""
    if answer.http_status is None:
        return None
    text = answer.body[:ANSWER_KEPT_BYTES].decode("utf-8", errors="replace")
    return text.encode()[:ANSWER_KEPT_BYTES].decode("utf-8", errors="ignore")  # a replaced byte takes three
