"""Jobs, services, locks and last successes in the table of jobs: items, writes and reads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import Plain, attributes, number, text, text_or_none
from chalicelib.dynamodb.documents import Document, from_text, to_text, whole, whole_or_none, word, word_or_none
from chalicelib.dynamodb.merging import Part, merged
from chalicelib.dynamodb.notification_texts import events_of, policy_of, policy_parts
from chalicelib.dynamodb.operations import Delete, Operation, Put, Update
from chalicelib.dynamodb.reading import Fields, QueryPage, Reader
from chalicelib.dynamodb.tables import BY_LOCK, BY_NAME, BY_SCHEDULE
from jobhook.core.executions.writes import CountService, DropJob, FreeLock, PutJob, SaveLastSuccess, TakeLock
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.job import Job, JobSettings, JobState, LastSuccess, ScheduledJob, Service
from jobhook.core.jobs.pause import Pause
from jobhook.core.paging import Page, Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.dynamodb.attributes import Item, Values


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
            "listing": _listing_text(job),
            "payload": job.settings.payload,
        }
    )


def job_schedule_item(job: Job, expression: str) -> "Values":
    """The item that is the job's place in the index of one of its schedules."""
    place = {"schedule_pk": keys.sharded(expression, job.guid), "scheduled": _scheduled_text(job.scheduled(expression))}
    return job_schedule_key(job.guid, expression) | attributes(place)


def job_schedule_key(guid: str, expression: str) -> "Values":
    """The key of that item."""
    return attributes({"pk": guid, "sk": keys.job_schedule_item(expression)})


def job_of(item: "Item") -> Job:
    """The job of a CONFIG item; without its payload where the item comes from an index."""
    listing = from_text(text(item, "listing"))
    return Job(
        service_name=word(listing, "service_name"),
        job_name=word(listing, "job_name"),
        incarnation=word(listing, "incarnation"),
        settings=_settings_of(listing, text_or_none(item, "payload")),
        version=number(item, "version"),
        created_at_ms=whole(listing, "created_at_ms"),
        updated_at_ms=whole(listing, "updated_at_ms"),
        effective_from_ms=whole(listing, "effective_from_ms"),
        guid=text(item, "pk"),
        pause=_pause_of(listing),
        created_by=word_or_none(listing, "created_by"),
        updated_by=word_or_none(listing, "updated_by"),
        more_from_ms=tuple(since_ms for _, since_ms in _pairs(listing, "more_schedules")),
    )


def scheduled_job_of(item: "Item") -> ScheduledJob:
    """What the index by schedule holds of a job."""
    scheduled = from_text(text(item, "scheduled"))
    return ScheduledJob(
        service_name=word(scheduled, "service_name"),
        job_name=word(scheduled, "job_name"),
        guid=text(item, "pk"),
        incarnation=word(scheduled, "incarnation"),
        ttl_seconds=whole(scheduled, "ttl_seconds"),
        timeout_seconds=whole(scheduled, "timeout_seconds"),
        effective_from_ms=whole(scheduled, "effective_from_ms"),
        pause=_pause_of(scheduled),
        span=_span_of(scheduled),
        retention_days=whole_or_none(scheduled, "retention_days"),
        others=_pairs(scheduled, "others"),
        notify_on=events_of(word_or_none(scheduled, "notify_on")),
    )


def last_success_item(guid: str, incarnation: str, success: LastSuccess) -> "Values":
    """The LAST item of an incarnation that has succeeded."""
    return attributes(
        {
            "pk": guid,
            "sk": keys.last_item(incarnation),
            "scheduled_time_ms": success.scheduled_time_ms,
            "service_invoked_at_ms": success.service_invoked_at_ms,
            "state": success.state,
            "summary": success.summary,
        }
    )


def last_success_of(item: "Item") -> LastSuccess | None:
    """The last success of a LAST item; None for the empty one that a job begins with."""
    if "scheduled_time_ms" not in item:
        return None
    incarnation = text(item, "sk").removeprefix(keys.last_item(""))
    scheduled_time_ms = number(item, "scheduled_time_ms")
    return LastSuccess(
        execution_id=ExecutionKey(text(item, "pk"), incarnation, scheduled_time_ms).id,
        scheduled_time_ms=scheduled_time_ms,
        service_invoked_at_ms=number(item, "service_invoked_at_ms") if "service_invoked_at_ms" in item else None,
        state=text_or_none(item, "state"),
        summary=text_or_none(item, "summary"),
    )


def lock_key(key: ExecutionKey) -> "Values":
    """The key of the lock that the execution takes, or holds."""
    return attributes({"pk": key.guid, "sk": keys.lock_item(key.incarnation)})


def service_of(item: "Item") -> Service:
    """A service's own item."""
    return Service(text(item, "name_sk"), number(item, "jobs"))


def _scheduled_text(job: ScheduledJob) -> str:
    return to_text(
        {
            "service_name": job.service_name,
            "job_name": job.job_name,
            "incarnation": job.incarnation,
            "ttl_seconds": job.ttl_seconds,
            "timeout_seconds": job.timeout_seconds,
            "effective_from_ms": job.effective_from_ms,
            "pause": _pause_parts(job.pause),
            "start_at_ms": job.span.start_ms,
            "end_at_ms": job.span.end_ms,
            "retention_days": job.retention_days,
            "others": job.others or None,
            "notify_on": ",".join(job.notify_on) or None,
        }
    )


def _listing_text(job: Job) -> str:
    settings = job.settings
    return to_text(
        {
            "service_name": job.service_name,
            "job_name": job.job_name,
            "incarnation": job.incarnation,
            "created_at_ms": job.created_at_ms,
            "updated_at_ms": job.updated_at_ms,
            "created_by": job.created_by,
            "updated_by": job.updated_by,
            "effective_from_ms": job.effective_from_ms,
            "pause": _pause_parts(job.pause),
            "invocation_target": settings.invocation_target,
            "invocation_type": settings.invocation_type,
            "schedule": settings.schedule,
            "ttl_seconds": settings.ttl_seconds,
            "timeout_seconds": settings.timeout_seconds,
            "enabled": settings.enabled,
            "exclusive": settings.exclusive,
            "state_schema": settings.state_schema,
            "response_schema": settings.response_schema,
            "description": settings.description,
            "tags": settings.tags or None,
            "external_id": settings.external_id,
            "start_at_ms": settings.span.start_ms,
            "end_at_ms": settings.span.end_ms,
            "retention_days": settings.retention_days,
            "notify": policy_parts(settings.notify),
            "more_schedules": list(zip(settings.more_schedules, job.more_from_ms, strict=True)) or None,
        }
    )


def _pairs(document: Document, name: str) -> tuple[tuple[str, int], ...]:
    """Schedules, each with since when it is in effect; none where the document has none."""
    pairs = cast("list[tuple[str, int]]", document.get(name, []))
    return tuple((expression, since_ms) for expression, since_ms in pairs)


def _pause_parts(pause: Pause | None) -> list[str | int | None] | None:
    return None if pause is None else [pause.reason, pause.from_ms, pause.until_ms]


def _pause_of(document: Document) -> Pause | None:
    parts = cast("tuple[str, int, int | None] | None", document.get("pause"))
    return None if parts is None else Pause(*parts)


def _span_of(document: Document) -> Span:
    return Span(whole_or_none(document, "start_at_ms"), whole_or_none(document, "end_at_ms"))


def _settings_of(listing: Document, payload: str | None) -> JobSettings:
    return JobSettings(
        invocation_target=word(listing, "invocation_target"),
        invocation_type=word(listing, "invocation_type"),
        schedule=word(listing, "schedule"),
        ttl_seconds=whole(listing, "ttl_seconds"),
        timeout_seconds=whole(listing, "timeout_seconds"),
        enabled=listing["enabled"] is True,
        exclusive=listing["exclusive"] is True,
        payload=payload,
        state_schema=cast("Mapping[str, object] | None", listing.get("state_schema")),
        response_schema=cast("Mapping[str, object] | None", listing.get("response_schema")),
        description=word_or_none(listing, "description"),
        tags=tuple(cast("list[str]", listing.get("tags", []))),
        external_id=word_or_none(listing, "external_id"),
        span=_span_of(listing),
        retention_days=whole_or_none(listing, "retention_days"),
        more_schedules=tuple(expression for expression, _ in _pairs(listing, "more_schedules")),
        notify=policy_of(listing),
    )


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
