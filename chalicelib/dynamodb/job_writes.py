"""Writes of jobs, services, locks and last successes, as operations on the table of jobs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import Plain, attributes
from chalicelib.dynamodb.job_items import job_item, job_schedule_item, job_schedule_key, last_success_item, lock_key
from chalicelib.dynamodb.operations import Delete, Operation, Put, Update
from jobhook.core.executions.writes import CountService, DropJob, FreeLock, PutJob, SaveLastSuccess, TakeLock

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Values


def put_job(write: PutJob, table: str) -> list[Operation]:
    """The CONFIG item, and the job's places in the index by schedule; with a job's first version comes an empty LAST.

    The LAST item is there as long as the incarnation is, so that one condition on it says "while the job exists".
    """
    item, places = job_item(write.job), _places(write, table)
    if write.if_version is not None:
        stored = attributes({":version": write.if_version, ":incarnation": write.job.incarnation})
        return [Put(table, item, "#version = :version AND #incarnation = :incarnation", stored), *places]
    empty = _last_key(write.job.guid, write.job.incarnation)
    return [Put(table, item, "attribute_not_exists(#pk)", {}), Put(table, empty, None, {}), *places]


def _places(write: PutJob, table: str) -> list[Operation]:
    """An enabled job has a place for each of its schedules; none for one that it left, or while disabled."""
    job, schedules = write.job, write.job.settings.schedules
    if not job.settings.enabled:
        return [] if write.if_version is None else _without_places(job.guid, (*schedules, *write.left), table)
    places = [Put(table, job_schedule_item(job, expression), None, {}) for expression in schedules]
    return [*places, *_without_places(job.guid, write.left, table)]


def _without_places(guid: str, expressions: Sequence[str], table: str) -> list[Operation]:
    return [Delete(table, job_schedule_key(guid, expression), None, {}) for expression in expressions]


def drop_job(write: DropJob, table: str) -> list[Operation]:
    """The CONFIG item, the LAST item and the places in the index by schedule; a lock stays for its holder."""
    job = write.job
    key = attributes({"pk": job.guid, "sk": keys.CONFIG})
    stored = attributes({":version": job.version, ":incarnation": job.incarnation})
    return [
        Delete(table, key, "#version = :version AND #incarnation = :incarnation", stored),
        Delete(table, _last_key(job.guid, job.incarnation), None, {}),
        *_without_places(job.guid, job.settings.schedules, table),
    ]


def count_service(write: CountService, table: str) -> list[Operation]:
    """The service's own item, made with its first job."""
    change = "SET #name_pk = :services, #name_sk = :name ADD #jobs :delta"
    values = attributes({":services": keys.SERVICE, ":name": write.service_name, ":delta": write.delta})
    key = attributes({"pk": keys.service_partition(write.service_name), "sk": keys.SERVICE})
    return [Update(table, key, change, None, values)]


def take_lock(write: TakeLock, table: str) -> list[Operation]:
    """The LOCK item: there is one exactly while somebody holds the lock."""
    held: dict[str, Plain] = {
        "holder": write.key.id,
        "taken_at_ms": write.taken_at_ms,
        "lock_pk": keys.sharded("LOCKS", write.key.guid),
    }
    return [Put(table, lock_key(write.key) | attributes(held), "attribute_not_exists(#pk)", {})]


def free_lock(write: FreeLock, table: str) -> list[Operation]:
    """Only its holder's."""
    return [Delete(table, lock_key(write.key), "#holder = :holder", attributes({":holder": write.key.id}))]


def save_last_success(write: SaveLastSuccess, table: str) -> list[Operation]:
    """The whole LAST item, if there is an older or an empty one."""
    older_or_empty = "(attribute_not_exists(#scheduled_time_ms) OR #scheduled_time_ms < :this)"
    item = last_success_item(write.guid, write.incarnation, write.success)
    this = attributes({":this": write.success.scheduled_time_ms})
    return [Put(table, item, f"attribute_exists(#pk) AND {older_or_empty}", this)]


def _last_key(guid: str, incarnation: str) -> "Values":
    return attributes({"pk": guid, "sk": keys.last_item(incarnation)})
