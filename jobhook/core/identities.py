"""Names and ids: what a service or job may be called, and how an execution's id holds its key."""

import re
import uuid
from dataclasses import dataclass
from functools import lru_cache

MAX_NAME_LENGTH = 64
NAME_RULE = "must be 1 to 64 characters of a-z, 0-9 and single hyphens between them"
NAME_PATTERN = "[a-z0-9]+(?:-[a-z0-9]+)*"
EXECUTION_ID_PATTERN = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([0-9a-z]{1,16})_([0-9]{1,15})"

_NAME = re.compile(NAME_PATTERN)
_EXECUTION_ID = re.compile(EXECUTION_ID_PATTERN)


def is_name(text: str) -> bool:
    """Whether a service or job may be called `text`.

    No `--`, or services `a` and `a--b` with jobs `b--c` and `c` would share a guid.
    """
    return len(text) <= MAX_NAME_LENGTH and _NAME.fullmatch(text) is not None


def job_guid(service_name: str, job_name: str) -> str:
    """The job's guid: UUIDv5 over the URL namespace of `service--job`, as the original system had it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{service_name}--{job_name}"))


@dataclass(frozen=True, slots=True, order=True)
class ExecutionKey:
    """Which occurrence an execution runs: the job (guid and incarnation) and its scheduled time in epoch ms."""

    guid: str
    incarnation: str
    scheduled_time_ms: int

    @property
    def id(self) -> str:
        """The execution's id; at most 69 characters, all of which Step Functions takes in a name (80 at most)."""
        return f"{self.guid}_{self.incarnation}_{self.scheduled_time_ms}"

    @staticmethod
    @lru_cache(maxsize=4_096)  # one execution's id is parsed at each of its steps, mostly soon after one another
    def parse(execution_id: str) -> "ExecutionKey | None":
        """The key that `execution_id` holds; None for what is no id of ours."""
        match = _EXECUTION_ID.fullmatch(execution_id)
        if match is None:
            return None
        key = ExecutionKey(match[1], match[2], int(match[3]))
        return key if key.id == execution_id else None
