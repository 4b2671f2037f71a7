"""Reads of jobs, services and locks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, number, text
from chalicelib.dynamodb.job_items import job_of, last_success_of, lock_key, scheduled_job_of, service_of
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.tables import BY_LOCK, BY_NAME, BY_SCHEDULE
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import Job, JobState, ScheduledJob, Service
from jobhook.core.paging import Page, Position

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Item

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

    def scheduled_jobs(self, expression: str, after: Position | None, limit: int) -> Page[ScheduledJob]:
        """Shard by shard, so at most one query a shard. Positions: (shard, guid)."""
        shard, guid = (int(after[0]), str(after[1])) if after and len(after) == 2 else (0, "")
        jobs: list[ScheduledJob] = []
        for at in range(shard, keys.SHARDS):
            page = self._scheduled(expression, at, guid if at == shard else "", limit - len(jobs))
            jobs.extend(scheduled_job_of(item) for item in page.items)
            if page.more:
                return Page(jobs, (at, text(page.more, "pk")))
            if len(jobs) >= limit and at + 1 < keys.SHARDS:
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

    def _scheduled(self, expression: str, shard: int, guid: str, limit: int) -> QueryPage:
        condition = "#schedule_pk = :partition AND #pk > :guid" if guid else "#schedule_pk = :partition"
        values = {"partition": f"{expression}#{shard}"} | ({"guid": guid} if guid else {})
        return self._reader.query(self._table, BY_SCHEDULE.name, condition, values, limit=limit)


def _named_up_to(page: QueryPage) -> Position | None:
    more: Item | None = page.more
    return tuple(text(more, "name_sk").split("#")) if more else None
