"""Where each item lives: keys of the three tables and of their indexes, and the shards that spread the load."""

import zlib

from jobhook.core.identities import ExecutionKey
from jobhook.core.schedules.rows import expression_hash

SHARDS = 4
"""How many partitions share the writes of an index: 4,000 a second in all. A merged read queries each of them."""

TALLY_SHARDS = 32
"""How many items share the counts of a service and a day; docs/decisions/0011-counters.md has the arithmetic."""

CONFIG = "CONFIG"
SERVICE = "SERVICE"
SCHEDULE = "SCHEDULE"
OPEN_FIRES = "OPEN"

TIME_DIGITS = 15  # as an execution's id allows
FIRST = "!"  # sorts before every name and time
LAST = "~"  # sorts after them


def shard_of(name: str) -> int:
    """The shard of a name; the same for ever, so it must never depend on the process."""
    return zlib.crc32(name.encode()) % SHARDS


def sharded(prefix: str, name: str) -> str:
    """The partition of an index that holds the items of `name`."""
    return f"{prefix}#{shard_of(name)}"


def shards(prefix: str) -> list[str]:
    """All partitions with that prefix."""
    return [f"{prefix}#{shard}" for shard in range(SHARDS)]


def lock_item(incarnation: str) -> str:
    """The sort key of a job's lock. It outlives the job where its holder does."""
    return f"LOCK#{incarnation}"


def last_item(incarnation: str) -> str:
    """The sort key of a job's last success."""
    return f"LAST#{incarnation}"


def job_schedule_item(expression: str) -> str:
    """The sort key of a job's place in the index of one of its schedules. CONFIG, LAST and LOCK sort before it."""
    return f"{SCHEDULE}#{expression_hash(expression)}"


def service_partition(service_name: str) -> str:
    """The partition of a service's own item."""
    return f"SERVICE#{service_name}"


def changes_partition(guid: str) -> str:
    """The partition of all changes of the jobs that had that guid. It is not the job's, which each attempt reads."""
    return f"CHANGES#{guid}"


def guid_of_changes(partition: str) -> str:
    """The guid that `changes_partition` was made of."""
    return partition.removeprefix("CHANGES#")


def executions_partition(guid: str, incarnation: str) -> str:
    """The partition of all executions of a job's incarnation."""
    return f"{guid}#{incarnation}"


def execution_key(partition: str, scheduled_time_ms: int) -> ExecutionKey:
    """The key that `executions_partition` was made of."""
    guid, incarnation = partition.split("#")
    return ExecutionKey(guid, incarnation, scheduled_time_ms)


def padded(time_ms: int) -> str:
    """A time as text that sorts as the number does."""
    return f"{time_ms:0{TIME_DIGITS}d}"


def listing_place(scheduled_time_ms: int, execution_id: str) -> str:
    """The sort key of an execution in listings: by scheduled time, then id."""
    return f"{padded(scheduled_time_ms)}#{execution_id}"


def name_place(service_name: str, job_name: str) -> str:
    """The sort key of a job in listings. `#` sorts before all that a name may hold, so services stay together."""
    return f"{service_name}#{job_name}"


def tally_shard_of(execution_id: str) -> int:
    """The shard in which an execution's end is counted; the same for ever."""
    return zlib.crc32(execution_id.encode()) % TALLY_SHARDS


def tally_partition(shard: int) -> str:
    """The partition of a shard's counters."""
    return f"TALLY#{shard}"


def tally_place(day: str, service_name: str) -> str:
    """The sort key of the counters of a service and a day."""
    return f"{day}#{service_name}"


def tally_of(place: str) -> tuple[str, str]:
    """The day and the service that `tally_place` was made of."""
    day, _, service_name = place.partition("#")
    return day, service_name


def fires_partition(expression: str) -> str:
    """The partition of a schedule's fires."""
    return f"FIRE#{expression_hash(expression)}"
