"""The ports beside the store: rules, state machine, webhooks, queue, clock and ids."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from chalicelib.rule_repair import ListedRule
from jobhook.core.errors import Unavailable
from jobhook.core.executions.decisions import CompleteTask
from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.identities import ExecutionKey
from jobhook.core.schedules.pages import PageKey
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.core.targets.answer import Answer
from jobhook.core.targets.http import HttpMessage
from jobhook.ports import RuleRefused, TaskGone, WorkflowEnd
from tests.fakes.tripwire import Tripwire

Answering = Callable[[str, bytes], Awaitable[Answer]]


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self, now_ms: int) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms

    def advance(self, seconds: float) -> None:
        self.time_ms += round(seconds * 1_000)


class CountingIds:
    """Ids and secrets of the right shape, in order."""

    def __init__(self) -> None:
        self._count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def incarnation(self) -> str:
        return f"i{self._next():011d}"

    def secret(self) -> str:
        return f"secret-{self._next():036d}"


class FakeRules:
    """The rules that exist, by suffix, as on AWS: they can be lost.

    Those in `disabled` and `aimless` (without a target) fire nothing; `looked_at` are those whose target was asked for.
    """

    def __init__(self, tripwire: Tripwire) -> None:
        self.standing: dict[str, str] = {}
        self.puts: list[str] = []
        self.refusal: str | None = None
        self.refused: set[str] = set()
        self.unavailable = False
        self.disabled: set[str] = set()
        self.aimless: set[str] = set()
        self.looked_at: list[str] = []
        self._tripwire = tripwire

    async def put(self, row: ScheduleRow) -> None:
        async with self._tripwire.around():
            if self.refusal is not None or row.expression in self.refused:
                raise RuleRefused(self.refusal or "no room for it")
            self.standing[row.rule_suffix] = row.expression
            self.disabled.discard(row.rule_suffix)
            self.aimless.discard(row.rule_suffix)
            self.puts.append(row.rule_suffix)

    async def remove(self, rule_suffix: str) -> None:
        async with self._tripwire.around():
            if self.unavailable:
                raise Unavailable("the rules do not answer")
            self.standing.pop(rule_suffix, None)

    async def list_rules(self) -> Sequence[ListedRule]:
        return [ListedRule(suffix, suffix not in self.disabled) for suffix in self.standing]

    async def has_target(self, rule_suffix: str) -> bool:
        self.looked_at.append(rule_suffix)
        return rule_suffix not in self.aimless


class FakeWorkflows:
    """Runs by execution id, and which task token each waits on."""

    def __init__(self, tripwire: Tripwire) -> None:
        self.started: dict[str, ExecutionInput] = {}
        self.starts: list[str] = []
        self.refused: set[str] = set()
        self.waiting: dict[str, str] = {}
        self.beats: list[str] = []
        self.reported: list[CompleteTask] = []
        self.ends: dict[str, WorkflowEnd] = {}
        self._tokens = 0
        self._tripwire = tripwire

    def new_task(self, execution_id: str) -> str:
        """The token of the run's next task; the one before it is gone."""
        self.lose(execution_id)
        self._tokens += 1
        token = f"task-{self._tokens}"
        self.waiting[token] = execution_id
        return token

    def lose(self, execution_id: str) -> None:
        """The run waits on no task any more."""
        self.waiting = {token: waiter for token, waiter in self.waiting.items() if waiter != execution_id}

    async def start(self, runs: Sequence[ExecutionInput]) -> Sequence[ExecutionInput]:
        unstarted = []
        for run in runs:
            async with self._tripwire.around():
                if run.execution_id in self.refused:
                    unstarted.append(run)
                elif run.execution_id not in self.started:
                    self.started[run.execution_id] = run
                    self.starts.append(run.execution_id)
        return unstarted

    async def heartbeat(self, task_token: str) -> None:
        async with self._tripwire.around():
            if task_token not in self.waiting:
                raise TaskGone
            self.beats.append(task_token)

    async def complete_task(self, end: CompleteTask) -> None:
        async with self._tripwire.around():
            execution_id = self.waiting.pop(end.task_token, None)
            if execution_id is None:
                raise TaskGone
            self.reported.append(end)
            self.ends[execution_id] = WorkflowEnd(end.error, end.cause)

    async def describe_end(self, execution_id: str) -> WorkflowEnd | None:
        if execution_id not in self.started:
            return WorkflowEnd("Unknown")
        return self.ends.get(execution_id)

    async def list_failed(self, since_ms: int) -> Sequence[str]:
        return [execution_id for execution_id, end in self.ends.items() if end.error is not None]

    def is_waiting(self, key: ExecutionKey) -> bool:
        """Whether the run waits on a task."""
        return key.id in self.waiting.values()


class ScriptedWebhooks:
    """Answers each POST with the next of `answers`, which may act first; 200 when they run out."""

    def __init__(self, tripwire: Tripwire) -> None:
        self.posts: list[tuple[str, bytes]] = []
        self.answers: deque[Answer | Answering] = deque()
        self._tripwire = tripwire

    async def send(self, message: HttpMessage) -> Answer:
        url, body = message.url, message.body
        async with self._tripwire.around():
            self.posts.append((url, body))
            answer = self.answers.popleft() if self.answers else Answer(200)
            return answer if isinstance(answer, Answer) else await answer(url, body)


class ListedStartQueue:
    """Keeps the pages until they are taken."""

    def __init__(self, tripwire: Tripwire) -> None:
        self.pages: deque[PageKey] = deque()
        self._tripwire = tripwire

    async def send(self, pages: Sequence[PageKey]) -> None:
        async with self._tripwire.around():
            self.pages.extend(pages)
