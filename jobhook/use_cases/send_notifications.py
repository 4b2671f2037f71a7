"""Tells targets of the ends of executions: claim an attempt, send it, note what came of it.

Each is told at least once, under an id that stays the same: a sender may die after the target has taken it.
"""

from collections.abc import Container
from dataclasses import dataclass

from jobhook.core.executions.decisions import Decision
from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.attempts import Begun, begin_notification, judge_notification
from jobhook.core.notifications.message import notification_body
from jobhook.core.notifications.policy import NotificationPolicy
from jobhook.core.targets.answer import Answer
from jobhook.core.targets.http import HttpTarget
from jobhook.core.times import SECOND_MS
from jobhook.ports import Backend
from jobhook.use_cases.retry import retry_on_conflict

AT_ONCE = 100
"""So many are looked at by one sweep."""
WITHIN_SECONDS = 60
"""A sweep begins no attempt after so long; one takes at most as long as a webhook."""

_UNSENT = Answer(None, error="not sent: the target's host had just given no answer to another notification")


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt was made: at which host, and whether that gave any answer."""

    host: str
    answered: bool


async def send_notification(backend: Backend, key: ExecutionKey, silent: Container[str] = ()) -> Sent | None:
    """Make the attempt that is due of an execution's notification; None where none is, or it was given up.

    A host that is `silent` is not waited for once more: the attempt counts as one that it did not answer. Raises
    Conflict, Unavailable; after either it is due again, or will be.
    """
    begun = await retry_on_conflict(backend, lambda: _begin(backend, key))
    if begun is None or begun.policy is None:
        return None
    host = HttpTarget(begun.policy.target).host
    answer = _UNSENT if host in silent else await _post(backend, begun.write.execution, begun.policy)
    await _note(backend, begun.write.execution, answer)
    return Sent(host, answer.http_status is not None)


async def send_due_notifications(backend: Backend, before_ms: int) -> int:  # noqa: ARG001 - a step of the reconciler
    """Make the attempts that are due, a bounded number in a bounded time; how many were made.

    A target that does not answer costs one wait, however much it is to be told.
    """
    now_ms = backend.clock.now_ms()
    silent: set[str] = set()
    made = 0
    for due in await backend.store.list_due_notifications(now_ms + 1, AT_ONCE):
        if backend.clock.now_ms() >= now_ms + WITHIN_SECONDS * SECOND_MS:
            break
        sent = await send_notification(backend, due.key, silent)
        if sent is not None:
            made += 1
            silent |= set() if sent.answered else {sent.host}
    return made


async def _begin(backend: Backend, key: ExecutionKey) -> Begun | None:
    execution = await backend.store.read_execution(key)
    if execution is None or execution.notification is None:
        return None
    job = await backend.store.read_job(key.guid)
    begun = begin_notification(execution, job, backend.clock.now_ms())
    if begun is not None:
        await backend.effects.carry_out(Decision((begun.write,)))
    return begun


async def _post(backend: Backend, execution: Execution, policy: NotificationPolicy) -> Answer:
    assert execution.notification is not None
    document = notification_body(execution, execution.notification.event, policy.format)
    target = HttpTarget(policy.target)
    return await backend.senders[target.kind].send(target.render(document))


async def _note(backend: Backend, sent: Execution, answer: Answer) -> None:
    """Note the answer on the record, which others may have changed meanwhile."""
    known: Execution | None = sent
    claimed = sent.notification
    assert claimed is not None

    async def note() -> None:
        nonlocal known
        execution = known or await backend.store.read_execution(sent.key)
        known = None
        write = None if execution is None else judge_notification(execution, claimed, answer, backend.clock.now_ms())
        if write is not None:
            await backend.effects.carry_out(Decision((write,)))

    await retry_on_conflict(backend, note)
