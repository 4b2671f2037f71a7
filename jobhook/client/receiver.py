"""The receiver's side of a webhook: heartbeats during the work, and success or fail at its end.

Needs nothing but the standard library, so that a small Lambda function can use it.
"""

import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Literal, Self

from jobhook.client.callbacks import Said, say
from jobhook.client.errors import ExecutionEnded, JobhookError, Refused, Unreachable

Say = Callable[[str, Said], None]

_LEAST_PAUSE_SECONDS = 1.0
_LAST_TRIES = 5
_ERROR_BYTES = 4_096
_SUMMARY_BYTES = 4_096


def callback(webhook: Mapping[str, object], *, say: Say = say) -> "Run":
    """Answer a webhook for the length of a `with` block.

        with jobhook.callback(webhook) as run:
            for number, row in enumerate(rows):
                work(row)
                run.progress(100 * number // len(rows))
            run.summary = f"{len(rows)} rows"

    While the block runs, a thread sends a heartbeat every third of the webhook's `ttl_seconds`. At its end `success` is
    sent with `run.state`, `run.summary` and `run.correlation_id`; when it raises, `fail` with the error, which is then
    raised further. Once Jobhook has ended the run, `run.ended` is true and the next `run.progress` raises
    ExecutionEnded, as does the end of the block. A test call (`is_test`) gets no callbacks, as no run waits for them.
    `say` replaces the sending of a callback. Raises ValueError where `webhook` is not a webhook of Jobhook.
    """
    return Run(webhook, say)


def is_test(webhook: Mapping[str, object]) -> bool:
    """Whether the webhook is a test call (`jobhook job test`): answer it with 2xx, and do not do the work."""
    return webhook.get("test") is True


class Run:
    """A run of a job on the service's side. Its callback URL is a secret: no repr, log or error has it."""

    def __init__(self, webhook: Mapping[str, object], say: Say) -> None:
        try:
            self._url = str(webhook["callback_url"])
            self.execution_id = str(webhook["execution_id"])
            self.service_name = str(webhook["service_name"])
            self.job_name = str(webhook["job_name"])
            self._ttl_seconds = float(str(webhook["ttl_seconds"]))
        except (KeyError, TypeError, ValueError):
            raise ValueError("this is not a webhook of Jobhook") from None
        payload, last = webhook.get("payload"), webhook.get("last_successful_execution")
        state = last.get("state") if isinstance(last, Mapping) else None
        self.payload = payload if isinstance(payload, str) else None
        self.last_state = state if isinstance(state, str) else None
        """The `state` of the job's last success; None before the first."""
        self.state: str | None = None
        self.summary: str | None = None
        self.correlation_id: str | None = None
        self._say: Say = _say_nothing if is_test(webhook) else say
        self._progress: int | None = None
        self._ended: ExecutionEnded | None = None
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._heartbeat, name=f"jobhook {self.job_name}", daemon=True)

    def __repr__(self) -> str:
        return f"<Run {self.execution_id} of {self.service_name}/{self.job_name}>"

    @property
    def ended(self) -> bool:
        """Whether Jobhook has ended this run: it timed out, was cancelled, or got another final callback."""
        return self._ended is not None

    def progress(self, percent: float) -> None:
        """Report the progress, 0 to 100. It is sent in the background, at most once a second.

        Raises ExecutionEnded once Jobhook has ended the run: stop working then.
        """
        if not 0 <= percent <= 100:
            raise ValueError("progress must be 0 to 100")
        self._raise_if_ended()
        with self._changed:
            self._progress = int(percent)
            self._changed.notify()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> Literal[False]:
        self._stop()
        if error is None:
            self._succeed()
        elif self._ended is None:
            self._fail(error)
        return False

    def _raise_if_ended(self) -> None:
        if self._ended is not None:
            raise ExecutionEnded(self._ended.status)

    def _succeed(self) -> None:
        self._raise_if_ended()
        try:
            self._insist(self._saying("success", state=self.state, summary=_cut(self.summary, _SUMMARY_BYTES)))
        except Refused as refused:  # a state that its schema does not allow, or that is too long
            self._fail(refused)
            raise

    def _fail(self, error: BaseException) -> None:
        """Report the failure if possible: the error of the block matters more than an error in here."""
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        try:
            self._insist(
                self._saying("fail", summary=_cut(self.summary, _SUMMARY_BYTES), error=_cut(said, _ERROR_BYTES))
            )
        except JobhookError:
            pass

    def _saying(self, status: str, **fields: str | int | None) -> Said:
        given = {**fields, "correlation_id": self.correlation_id, "progress": self._progress}
        return {"status": status, **{name: value for name, value in given.items() if value is not None}}

    def _insist(self, said: Said) -> None:
        """Send it until Jobhook has it, within the time that Jobhook waits. A duplicate does no harm."""
        for number in range(_LAST_TRIES - 1):
            try:
                return self._say_once(said)
            except Unreachable:
                time.sleep(min(2.0**number, self._ttl_seconds / _LAST_TRIES))
        return self._say_once(said)

    def _say_once(self, said: Said) -> None:
        try:
            self._say(self._url, said)
        except ExecutionEnded as ended:
            self._ended = ended
            raise

    def _heartbeat(self) -> None:
        """Run in the thread: a heartbeat each third of the ttl, and one soon after a change of the progress."""
        pause = self._ttl_seconds / 3
        sent: int | None = None
        while self._wait_until_due(sent, pause):
            sent = self._progress
            try:
                self._say_once(self._saying("heartbeat"))
            except ExecutionEnded:
                return
            except JobhookError:
                pass  # not reached or refused: the next one is soon enough

    def _wait_until_due(self, sent: int | None, pause: float) -> bool:
        """Wait for the next heartbeat; false when the block is over."""
        began = time.monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._progress != sent, pause)
            # A burst of progress is one heartbeat a second.
            least = min(_LEAST_PAUSE_SECONDS, pause) if sent is not None else 0.0
            self._changed.wait_for(lambda: self._stopping, max(0.0, began + least - time.monotonic()))
            return not self._stopping

    def _stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()


def _say_nothing(_url: str, _fields: Said) -> None:
    """Send nothing: no run waits for callbacks of a test call."""


def _cut(text: str | None, limit: int) -> str | None:
    """`text` within `limit` bytes of UTF-8, so that a long one is not refused."""
    if text is None:
        return None
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
