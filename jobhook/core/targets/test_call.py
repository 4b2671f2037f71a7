"""A test call: a job's webhook, sent once without an execution, and what its answer shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from jobhook.core.executions.execution import Attempt, Execution
from jobhook.core.executions.manual_runs import RunRequest, free_time, request_run
from jobhook.core.executions.tokens import CallbackToken
from jobhook.core.jobs.job import Job
from jobhook.core.targets.answer import ANSWER_READ_BYTES, Answer, Failure, Verdict, kept_response
from jobhook.core.targets.target import Target
from jobhook.core.targets.webhook import webhook_body
from jobhook.core.work_limit import WorkLimit

_STEPS = (
    ("url_allowed", Failure.NOT_ALLOWED, "webhooks may go there"),
    ("resolves", Failure.NOT_RESOLVED, "the host has an address"),
    ("connects", Failure.NOT_CONNECTED, "the service takes connections"),
    ("answers_in_time", Failure.NO_ANSWER, "a whole answer came in time"),
)
_NOT_LOOKED_AT = "not looked at: an earlier criterion is not met"


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something that a service must satisfy; `met` is None where it was not looked at, or nothing is asked for."""

    name: str
    met: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class TestCall:
    """A webhook that was sent for a test, its answer, and how long that took (None where nothing was sent).

    `limited` bounds the check of the answer by the job's `response_schema`.
    """

    __test__ = False  # no test of pytest's, whatever its name says

    job: Job
    answer: Answer
    duration_ms: int | None
    limited: WorkLimit

    @property
    def document(self) -> dict[str, object]:
        """How it looks on the wire."""
        found = list(criteria(self.job.settings.target, self.answer, self.job.settings.response_schema, self.limited))
        return {
            "passed": all(criterion.met is not False for criterion in found),
            "criteria": [{"name": one.name, "met": one.met, "detail": one.detail} for one in found],
            "http_status": self.answer.http_status,
            "duration_ms": self.duration_ms,
            "response": kept_response(self.answer),
        }


def webhook_for_test(job: Job, request: RunRequest, base_url: str, secret: str, now_ms: int) -> dict[str, object]:
    """The webhook's document, as a run now would send it, with `"test": true`.

    Nothing is stored of it, so its callback URL is one that no execution takes callbacks at.
    """
    execution = request_run(job, request, free_time(now_ms))
    token = CallbackToken(execution.key, 1, secret)
    callback_url = f"{base_url}/callback/{token.path}"
    return {"test": True, **webhook_body(_attempted(execution, token), None, callback_url, now_ms)}


def criteria(
    target: Target, answer: Answer, response_schema: Mapping[str, object] | None, limited: WorkLimit
) -> Iterator[Criterion]:
    """What the answer shows of each criterion, in the order in which a webhook meets them."""
    reached = True
    failed_at = answer.failure or (Failure.NO_ANSWER if answer.http_status is None else None)
    for name, failure, detail in _STEPS:
        if not reached:
            yield Criterion(name, None, _NOT_LOOKED_AT)
        elif failed_at is failure:
            reached = False
            yield Criterion(name, False, answer.error or failure.value)
        else:
            yield Criterion(name, True, detail)
    if not reached:
        yield Criterion("status_2xx", None, _NOT_LOOKED_AT)
    else:
        reached = target.judge(answer) is Verdict.STARTED
        yield Criterion(
            "status_2xx", reached, target.failure_text(answer) or f"the service answered {answer.http_status}"
        )
    yield _response_criterion(answer, response_schema, limited, reached=reached)


def _response_criterion(
    answer: Answer, schema: Mapping[str, object] | None, limited: WorkLimit, *, reached: bool
) -> Criterion:
    name = "response_schema"
    if schema is None:
        return Criterion(name, None, "the job has no response_schema")
    if not reached:
        return Criterion(name, None, _NOT_LOOKED_AT)
    problem = _response_problem(answer.body, schema, limited)
    return Criterion(name, problem is None, problem or "the response satisfies it")


def _response_problem(body: bytes, schema: Mapping[str, object], limited: WorkLimit) -> str | None:
    from jobhook.core.json_schema.state_schema import violations  # slow to import, and few jobs have a schema

    if len(body) >= ANSWER_READ_BYTES:
        return f"response: must be shorter than {ANSWER_READ_BYTES} bytes to be checked"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "response: must be a text of JSON in UTF-8"
    found = violations(schema, text, "response", limited)
    return "; ".join(f"{problem.field}: {problem.message}" for problem in found) or None


def _attempted(execution: Execution, token: CallbackToken) -> Execution:
    return replace(execution, attempts=(Attempt(1, execution.key.scheduled_time_ms, token.hash),))
