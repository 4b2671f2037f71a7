"""Jobs, services, locks and last successes in the table of jobs: their items, writes and reads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import ValidationError

from chalicelib.dynamodb import keys, old_items
from chalicelib.dynamodb.attributes import Plain, attributes, number, text, text_or_none
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.operations import Delete, Operation, Put, Update
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.tables import BY_LOCK, BY_NAME, BY_SCHEDULE
from jobhook.core.executions.writes import CountService, DropJob, FreeLock, PutJob, SaveLastSuccess, TakeLock
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import Job, JobState, LastSuccess, ScheduledJob, Service
from jobhook.core.paging import Page, Position
from jobhook.core.record import SCHEDULED_JOBS, Form

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Item, Values


_JOBS = Form(Job, ("guid", "version"))
"""Unlike `job_record` it has the incarnation, which the index by name does not project as an attribute."""
_LAST_SUCCESSES = Form(LastSuccess, ("execution_id", "scheduled_time_ms", "state"))
"""The time is in a condition, the id follows from the key, and a state is JSON that should not be escaped."""


def job_item(job: Job) -> "Values":
    """The CONFIG item."""
    return attributes(
        {
            "pk": job.guid,
            "sk": keys.CONFIG,
            "name_pk": keys.sharded("JOBS", job.service_name),
            "name_sk": keys.name_place(job.service_name, job.job_name),
            "version": job.version,
            "incarnation": job.incarnation,
            "listing": _JOBS.encode(job),
            "payload": job.settings.payload,
        }
    )


def job_schedule_item(job: Job, expression: str) -> "Values":
    """The item that is the job's place in the index of one of its schedules."""
    place = {
        "schedule_pk": keys.sharded(expression, job.guid),
        "scheduled": SCHEDULED_JOBS.encode(job.scheduled(expression)),
    }
    return job_schedule_key(job.guid, expression) | attributes(place)


def job_schedule_key(guid: str, expression: str) -> "Values":
    """The key of that item."""
    return attributes({"pk": guid, "sk": keys.job_schedule_item(expression)})


def job_of(item: "Item") -> Job:
    """The job of a CONFIG item; without its payload where the item comes from an index."""
    listing, columns = text(item, "listing"), {"guid": text(item, "pk"), "version": number(item, "version")}
    try:
        job = _JOBS.decode(listing, columns)
    except ValidationError:  # an old text has no settings of its own
        job = _JOBS.decode(old_items.job_record(listing), columns)
    payload = text_or_none(item, "payload")
    return job if payload is None else replace(job, settings=replace(job.settings, payload=payload))


def scheduled_job_of(item: "Item") -> ScheduledJob:
    """The scheduled job of an item of the index by schedule."""
    return SCHEDULED_JOBS.decode(old_items.scheduled_record(text(item, "scheduled")), {"guid": text(item, "pk")})


def last_success_item(guid: str, incarnation: str, success: LastSuccess) -> "Values":
    """The LAST item of an incarnation that has succeeded."""
    return attributes(
        {
            "pk": guid,
            "sk": keys.last_item(incarnation),
            "scheduled_time_ms": success.scheduled_time_ms,
            "record": _LAST_SUCCESSES.encode(success),
            "state": success.state,
        }
    )


def last_success_of(item: "Item") -> LastSuccess | None:
    """The last success of a LAST item; None for the empty one that a job begins with."""
    if "scheduled_time_ms" not in item:
        return None
    incarnation = text(item, "sk").removeprefix(keys.last_item(""))
    scheduled_time_ms = number(item, "scheduled_time_ms")
    columns = {
        "execution_id": ExecutionKey(text(item, "pk"), incarnation, scheduled_time_ms).id,
        "scheduled_time_ms": scheduled_time_ms,
        "state": text_or_none(item, "state"),
    }
    record = text(item, "record") if "record" in item else old_items.last_success_record(item)
    return _LAST_SUCCESSES.decode(record, columns)


def lock_key(key: ExecutionKey) -> "Values":
    """The key of the lock that the execution takes, or holds."""
    return attributes({"pk": key.guid, "sk": keys.lock_item(key.incarnation)})


def service_of(item: "Item") -> Service:
    """A service's own item."""
    return Service(text(item, "name_sk"), number(item, "jobs"))


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
    """The LOCK item: it exists exactly while an execution holds the lock."""
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


_BETWEEN_NAMES = "#name_pk = :partition AND #name_sk BETWEEN :low AND :high"


class JobReads:
    """The table of jobs, read."""

    def __init__(self, reader: Reader, table: str) -> None:
        self._reader = reader
        self._table = table

    def job(self, guid: str) -> Job | None:
        """By key."""
        item = self._reader.item(self._table, attributes({"pk": guid, "sk": keys.CONFIG}))
        return job_of(item) if item else None

    def state(self, guid: str) -> JobState | None:
        """All that is read of a job is one range of its partition, and one query: a megabyte holds it."""
        values: Fields = {"guid": guid, "schedules": keys.SCHEDULE}
        page = self._reader.query(self._table, None, "#pk = :guid AND #sk < :schedules", values)
        items = {text(item, "sk"): item for item in page.items}
        if keys.CONFIG not in items:
            return None
        job = job_of(items[keys.CONFIG])
        lock = items.get(keys.lock_item(job.incarnation))
        last = items.get(keys.last_item(job.incarnation))
        return JobState(job, text(lock, "holder") if lock else None, last_success_of(last) if last else None)

    def lock_holder(self, guid: str, incarnation: str) -> str | None:
        """By key; the lock is there while it is held."""
        item = self._reader.item(self._table, lock_key(ExecutionKey(guid, incarnation, 0)))
        return text(item, "holder") if item else None

    def jobs(self, service_name: str | None, after: Position | None, limit: int) -> Page[Job]:
        """One query for a service, one a shard for all."""
        if service_name is None:
            partitions, low, high = keys.shards("JOBS"), keys.FIRST, keys.LAST
        else:
            partitions = [keys.sharded("JOBS", service_name)]
            low, high = keys.name_place(service_name, keys.FIRST), keys.name_place(service_name, keys.LAST)
        seen = None if after is None else keys.name_place(str(after[0]), str(after[1]))
        parts = [self._jobs_part(partition, max(low, seen or low), high, seen, limit) for partition in partitions]
        return merged(parts, lambda job: (job.service_name, job.job_name), limit, newest_first=False)

    def services(self, after: Position | None, limit: int) -> Page[Service]:
        """One query; services that have lost their last job are passed over, so a page may be short."""
        seen = str(after[0]) if after else ""
        page = self._between_names(keys.SERVICE, max(keys.FIRST, seen), keys.LAST, limit)
        found = [service_of(item) for item in page.items]
        services = [service for service in found if service.jobs > 0 and service.service_name != seen]
        part = Part(services, (text(page.more, "name_sk"),) if page.more else None)
        return merged([part], lambda service: (service.service_name,), limit, newest_first=False)

    def scheduled_jobs(
        self, expression: str, after: Position | None, limit: int, until: Position | None = None
    ) -> Page[ScheduledJob]:
        """Shard by shard, so at most one query a shard. Positions: (shard, guid)."""
        shard, guid = (int(after[0]), str(after[1])) if after and len(after) == 2 else (0, "")
        last, last_guid = (int(until[0]), str(until[1])) if until and len(until) == 2 else (keys.SHARDS - 1, keys.LAST)
        jobs: list[ScheduledJob] = []
        for at in range(shard, last + 1):
            low, high = guid if at == shard else "", last_guid if at == last else keys.LAST
            if low >= high:  # the position is the last one; DynamoDB would refuse the range
                break
            page = self._scheduled(expression, at, (low + keys.FIRST, high), limit - len(jobs))
            jobs.extend(scheduled_job_of(item) for item in page.items)
            if page.more and text(page.more, "pk") != high:
                return Page(jobs, (at, text(page.more, "pk")))
            if len(jobs) >= limit and at < last:
                return Page(jobs, (at + 1, ""))
        return Page(jobs, None)

    def locks(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        """One query a shard."""
        condition = "#lock_pk = :partition AND #taken_at_ms < :before_ms"
        held: list[tuple[int, str]] = []
        for partition in keys.shards("LOCKS"):
            values: Fields = {"partition": partition, "before_ms": before_ms}
            page = self._reader.query(self._table, BY_LOCK.name, condition, values, limit=limit)
            held.extend((number(item, "taken_at_ms"), text(item, "holder")) for item in page.items)
        holders = (ExecutionKey.parse(holder) for _, holder in sorted(held)[:limit])
        return [key for key in holders if key is not None]

    def _jobs_part(self, partition: str, low: str, high: str, seen: str | None, limit: int) -> Part[Job]:
        page = self._between_names(partition, low, high, limit)
        return Part([job_of(item) for item in page.items if text(item, "name_sk") != seen], _named_up_to(page))

    def _between_names(self, partition: str, low: str, high: str, limit: int) -> QueryPage:
        if low > high:  # the position is beyond them all; DynamoDB would refuse the range
            return QueryPage([], None)
        values = {"partition": partition, "low": low, "high": high}
        # One more than is asked for: the first may be the one after which the page starts.
        return self._reader.query(self._table, BY_NAME.name, _BETWEEN_NAMES, values, limit=limit + 1)

    def _scheduled(self, expression: str, shard: int, guids: tuple[str, str], limit: int) -> QueryPage:
        condition = "#schedule_pk = :partition AND #pk BETWEEN :low AND :high"
        values = {"partition": f"{expression}#{shard}", "low": guids[0], "high": guids[1]}
        return self._reader.query(self._table, BY_SCHEDULE.name, condition, values, limit=limit)


def _named_up_to(page: QueryPage) -> Position | None:
    more: Item | None = page.more
    return tuple(text(more, "name_sk").split("#")) if more else None
