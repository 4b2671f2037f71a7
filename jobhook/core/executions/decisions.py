"""What a rule decides: the writes, and what the state machine hears before and after them."""

from dataclasses import dataclass

from jobhook.core.executions.writes import Write
from jobhook.core.identities import ExecutionKey


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """What ends a waiting task: success, or failure where there is an error name. Holds a task token: never log it."""

    key: ExecutionKey
    task_token: str
    error: str | None = None
    cause: str | None = None

    def __repr__(self) -> str:
        return f"Tell({self.key.id}, error={self.error!r})"


@dataclass(frozen=True, slots=True)
class Decision:
    """Carried out in this order: the heartbeat to the task whose token `heartbeat` is, the writes, the end of the task.

    The heartbeat comes first because a task that is gone must not look extended; the end comes last because an
    outcome that only the state machine knew could be lost.
    """

    writes: tuple[Write, ...] = ()
    heartbeat: str | None = None
    completion: CompleteTask | None = None

    def __repr__(self) -> str:
        names = ", ".join(type(write).__name__ for write in self.writes)
        return f"Decision(writes=[{names}], heartbeat={self.heartbeat is not None}, completion={self.completion!r})"
