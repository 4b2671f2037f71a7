"""An account in memory whose Lambda and SQS have the guards of the real ones.

Lambda follows the chain of invocations that lead to each other through SQS, and drops a message whose function has been
invoked about 16 times in its chain. SQS bounds messages and batches, delivers what failed again after its visibility
timeout, and moves it to the dead letters after some deliveries. A function that runs out of time dies where it is.
An asynchronous invocation that fails is retried twice.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from mypy_boto3_sqs import SQSClient

from chalicelib import events
from chalicelib.sqs import SqsStartQueue
from infra.template.events import BATCH
from infra.template.queues import STARTER_TIMEOUT_SECONDS, TRIES, VISIBILITY_SECONDS
from jobhook.adapters.stepwise_effects import CommitStore, StepwiseEffects
from jobhook.adapters.work_limit import within
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.core.targets.http import HttpTarget
from jobhook.core.work_limit import WorkLimit
from jobhook.ports import Sender, Settings
from tests.fakes.backend import START_MS
from tests.fakes.ports import CountingIds, FakeClock, FakeRules, FakeWorkflows, ScriptedWebhooks
from tests.fakes.store import MemoryStore
from tests.fakes.tripwire import Tripwire

LOOP_GUARD = 16
"""Invocations of one function in one chain; Lambda drops the next."""
MOST_IN_BATCH = 10
MOST_BYTES = 256 * 1_024  # of a message, of a batch that is sent, and of an asynchronous invocation
MOST_EVENT_BYTES = 6 * 1_024 * 1_024  # of a synchronous invocation, as SQS's batches are
RECONCILE_EVERY_MS = 300_000
ASYNCHRONOUS_RETRY_MS = (60_000, 120_000)


class OutOfTime(BaseException):
    """Lambda has killed the function: no rule may catch it."""


class PacedWorkflows(FakeWorkflows):
    """Takes so many starts a second, and lets the clock move on by that; `calls` are all that were tried.

    `refusals` says how often a run is refused before it starts. A function dies before the starts numbered in `deaths`.
    """

    def __init__(self, clock: FakeClock, starts_a_second: int) -> None:
        super().__init__(Tripwire())
        self.calls: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.deaths: set[int] = set()
        self.stop_at_ms: int | None = None
        self._clock = clock
        self._starts_a_second = starts_a_second
        self._begun = 0

    async def start(self, runs: Sequence[ExecutionInput]) -> Sequence[ExecutionInput]:
        unstarted: list[ExecutionInput] = []
        for run in runs:
            self._wait()
            self.calls[run.execution_id] += 1
            if self.refusals[run.execution_id] > 0:
                self.refusals[run.execution_id] -= 1
                unstarted.append(run)
            else:
                unstarted.extend(await super().start((run,)))
        return unstarted

    def _wait(self) -> None:
        began, self._begun = self._begun, self._begun + 1
        pace = self._starts_a_second
        self._clock.time_ms += self._begun * 1_000 // pace - began * 1_000 // pace
        if self._begun in self.deaths:
            self.deaths.discard(self._begun)
            raise OutOfTime
        if self.stop_at_ms is not None and self._clock.time_ms >= self.stop_at_ms:
            raise OutOfTime


@dataclass(slots=True)
class Message:
    """A message of the queue. `chain` counts the invocations of each function that led to it."""

    id: str
    body: str
    chain: Counter[str]
    visible_at_ms: int
    deliveries: int = 0


class Queue:
    """SQS's client of one queue; `chain` is that of the invocation that sends."""

    def __init__(self, clock: FakeClock) -> None:
        self.messages: dict[str, Message] = {}
        self.chain: Counter[str] = Counter()
        self.sent = 0
        self._clock = clock

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, str]]) -> dict[str, object]:  # noqa: N803
        sizes = [len(entry["MessageBody"].encode()) for entry in Entries]
        assert 0 < len(Entries) <= MOST_IN_BATCH, "SQS refuses the batch"
        assert sum(sizes) <= MOST_BYTES, "SQS refuses the batch"
        assert len({entry["Id"] for entry in Entries}) == len(Entries), "SQS refuses the batch"
        for entry in Entries:
            self.sent += 1
            message = Message(f"m{self.sent}", entry["MessageBody"], self.chain.copy(), self._clock.time_ms)
            self.messages[message.id] = message
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries], "Failed": []}

    def change_message_visibility_batch(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        Entries: Sequence[Mapping[str, Any]],  # noqa: N803
    ) -> dict[str, object]:
        assert 0 < len(Entries) <= MOST_IN_BATCH, "SQS refuses the batch"
        for entry in Entries:
            self.messages[entry["ReceiptHandle"]].visible_at_ms = (
                self._clock.time_ms + entry["VisibilityTimeout"] * 1_000
            )
        return {"Successful": [], "Failed": []}

    def visible(self) -> list[Message]:
        """What a poll finds now, the oldest first."""
        return [message for message in self.messages.values() if message.visible_at_ms <= self._clock.time_ms]


@dataclass
class Ports:
    """The backend of the functions."""

    store: CommitStore
    clock: FakeClock
    workflows: PacedWorkflows
    start_queue: SqsStartQueue
    rules: FakeRules = field(default_factory=lambda: FakeRules(Tripwire()))
    ids: CountingIds = field(default_factory=CountingIds)
    settings: Settings = field(default_factory=lambda: Settings("https://jobs.example.com/api"))
    senders: Mapping[str, Sender] = field(default_factory=lambda: {HttpTarget.kind: ScriptedWebhooks(Tripwire())})
    work_limit: WorkLimit = within

    @property
    def effects(self) -> StepwiseEffects:
        return StepwiseEffects(self.store, lambda: self.workflows)


class Account:
    """Invokes the functions as Lambda does, one after the other, until the queue is empty."""

    def __init__(self, store: MemoryStore, starts_a_second: int = 150) -> None:
        self.store = store
        self.clock = FakeClock(START_MS)
        self.queue = Queue(self.clock)
        self.workflows = PacedWorkflows(self.clock, starts_a_second)
        self.backend = Ports(
            store, self.clock, self.workflows, SqsStartQueue(cast(SQSClient, self.queue), "https://sqs.example.com/q")
        )
        self.loops_dropped: list[Message] = []
        self.dead_letters: list[Message] = []
        self.failed_events: list[Mapping[str, object]] = []
        self.twice = False
        """Whether SQS delivers each message a second time, as it may."""
        self.start_pages = events.start_pages
        self.reconciled = 0
        self._next_reconcile_ms = START_MS + RECONCILE_EVERY_MS

    def fire(self, row: ScheduleRow, timeout_seconds: int = 120) -> None:
        """EventBridge sends a rule's event; Lambda tries it three times."""
        event = {
            "resources": [f"arn:aws:events:eu-west-1:1:rule/jobhook-prod-rule-{row.rule_suffix}"],
            "time": "2026-11-21T08:00:00Z",
        }
        assert len(json.dumps(event)) <= MOST_BYTES
        for wait_ms in (0, *ASYNCHRONOUS_RETRY_MS):
            self.clock.time_ms += wait_ms
            try:
                self._invoke("dispatch", Counter(), timeout_seconds, lambda: events.dispatch(self.backend, event))
            except (Exception, OutOfTime):
                continue
            return
        self.failed_events.append(event)

    def run(self) -> None:
        """Deliver messages, and let the reconciler run at its times, until no message is left."""
        while self.queue.messages:
            visible = self.queue.visible()
            if visible:
                self._deliver(visible[:BATCH])
            else:
                self.clock.time_ms = min(message.visible_at_ms for message in self.queue.messages.values())
            while self.clock.time_ms >= self._next_reconcile_ms:
                self.reconcile()

    def reconcile(self) -> dict[str, object]:
        """The next turn of the reconciler."""
        self.clock.time_ms = max(self.clock.time_ms, self._next_reconcile_ms)
        self._next_reconcile_ms += RECONCILE_EVERY_MS
        self.reconciled += 1
        event = {"detail-type": "Scheduled Event"}
        answer: dict[str, object] = {}
        self._invoke("reconcile", Counter(), 300, lambda: answer.update(events.reconcile(self.backend, event)))
        return answer

    def _deliver(self, batch: Sequence[Message]) -> None:
        taken: list[Message] = []
        for message in batch:
            if message.deliveries >= TRIES:
                self.dead_letters.append(self.queue.messages.pop(message.id))
            elif message.chain["start_page"] >= LOOP_GUARD:
                self.loops_dropped.append(self.queue.messages.pop(message.id))
            else:
                message.deliveries += 1
                message.visible_at_ms = self.clock.time_ms + VISIBILITY_SECONDS * 1_000
                taken.append(message)
        if taken:
            self._start_pages(taken)

    def _start_pages(self, batch: Sequence[Message]) -> None:
        event = json.loads(json.dumps({"Records": [_record(message) for message in batch]}))
        assert len(json.dumps(event)) <= MOST_EVENT_BYTES
        chain: Counter[str] = Counter()
        for message in batch:
            chain |= message.chain
        answers: list[dict[str, object]] = []

        def start() -> None:
            answers.append(self.start_pages(self.backend, event))

        try:
            for _ in range(2 if self.twice else 1):
                self._invoke("start_page", chain, STARTER_TIMEOUT_SECONDS, start)
        except OutOfTime:
            return
        failures = cast(list[dict[str, str]], answers[-1]["batchItemFailures"])
        failed = {failure["itemIdentifier"] for failure in failures}
        assert failed <= {message.id for message in batch}, "Lambda takes the whole batch for failed"
        for message in batch:
            if message.id not in failed:
                del self.queue.messages[message.id]

    def _invoke(self, function: str, chain: Counter[str], timeout_seconds: int, call: Callable[[], None]) -> None:
        self.queue.chain = chain + Counter([function])
        self.workflows.stop_at_ms = self.clock.time_ms + timeout_seconds * 1_000
        try:
            call()
        finally:
            self.workflows.stop_at_ms = None


def _record(message: Message) -> dict[str, object]:
    return {
        "messageId": message.id,
        "receiptHandle": message.id,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.deliveries)},
    }
