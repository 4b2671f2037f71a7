"""The one stored form of each kind: JSON that both backends write and read, and that a person can read.

A store keeps keys, conditions and what its indexes need in columns (or attributes) of their own, so that an update
rewrites no index that it does not change. All other fields are in the record. A field that equals its default is not
written; a field that the record lacks takes its default, and one that the reader does not know is skipped. So a new
field with a default needs no change here, none in a store, and no migration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from jobhook.core.executions.execution import Attempt, Execution
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, JobSettings, LastSuccess, ScheduledJob
from jobhook.core.schedules.rows import Fire, ScheduleRow

Value = TypeVar("Value")
SomeExecution = TypeVar("SomeExecution", bound=Execution)
Columns = Mapping[str, object]

_encode = msgspec.json.Encoder().encode
_KEPT_APART: dict[type, frozenset[str]] = {
    JobSettings: frozenset({"payload"}),
    Attempt: frozenset({"token_hash", "response"}),
}
"""Fields of values inside a record that are not written with them, because they are stored in another place."""
_SCALARS = frozenset({str, int, bool})


class _Fields:
    """The fields of a kind that a record has, and how a value is written with them."""

    def __init__(self, kind: type, names: Iterable[str]) -> None:
        wanted = set(names)
        chosen = [field for field in fields(kind) if field.name in wanted]
        self._names = tuple(field.name for field in chosen)
        self._defaults = tuple(_default(field) for field in chosen)
        # attrgetter gives a bare value for one name, and takes no empty list of names.
        self._values = attrgetter(*self._names, "__class__", "__class__")

    def document(self, value: object) -> dict[str, object]:
        """The value as a document, without what is as the default has it."""
        return {
            name: found if type(found) in _SCALARS else _plain(found)
            for name, found, default in zip(self._names, self._values(value), self._defaults, strict=False)
            if found is not default
        }


def _default(field: Field[Any]) -> object:
    """The default of a field; for one that has none, what no value is."""
    return MISSING if field.default is MISSING else field.default


class _FieldsByKind(dict[type, "_Fields | None"]):
    """The fields of each kind that was met inside a record; None for kinds that msgspec writes as they are."""

    def __missing__(self, kind: type) -> "_Fields | None":
        found = None
        if is_dataclass(kind):
            apart = _KEPT_APART.get(kind, frozenset())
            found = _Fields(kind, (field.name for field in fields(kind) if field.name not in apart))
        self[kind] = found
        return found


_FIELDS = _FieldsByKind()


def _plain(value: object) -> object:
    kind = type(value)
    if kind is tuple:
        return [_plain(item) for item in value]  # type: ignore[attr-defined]
    known = _FIELDS[kind]
    return value if known is None else known.document(value)


def _text(document: Mapping[str, object]) -> str | None:
    return _encode(document).decode() if document else None


def _joined(*objects: str | None) -> str:
    """One JSON object with the fields of several; each is an object with at least one field, or None."""
    return f"{{{','.join([text[1:-1] for text in objects if text])}}}"


class Form(Generic[Value]):
    """How values of one kind are stored: `columns` name the fields that the store keeps outside the record."""

    def __init__(self, kind: type[Value], columns: Iterable[str] = ()) -> None:
        apart = frozenset(columns)
        self._fields = _Fields(kind, (field.name for field in fields(kind) if field.name not in apart))  # type: ignore[arg-type]
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, value: Value) -> str:
        """The record: a JSON object of all fields that are neither columns nor as their default has them."""
        return _encode(self._fields.document(value)).decode()

    def decode(self, record: str, columns: Columns | None = None) -> Value:
        """The value of a record and the fields kept outside it. Raises msgspec.DecodeError for what is no record."""
        if not columns:
            return self._decoder.decode(record)
        head = _encode(columns).decode()
        return self._decoder.decode(head if record == "{}" else _joined(head, record))


CHANGES = Form(Change, ("guid", "at_ms"))
FIRES = Form(Fire, ("expression", "scheduled_time_ms", "state", "created_at_ms", "until_ms", "count"))
LAST_SUCCESSES = Form(LastSuccess)
SCHEDULED_JOBS = Form(ScheduledJob, ("guid",))
SCHEDULES = Form(ScheduleRow, ("expression", "generation", "state", "jobs", "checked_until_ms"))
_JOBS = Form(Job, ("guid", "incarnation", "version"))


def job_record(job: Job) -> str:
    """A job without `guid`, `incarnation` and `version`, and without its payload: what listings show."""
    return _JOBS.encode(job)


def job_of(record: str, guid: str, incarnation: str, version: int, payload: str | None = None) -> Job:
    """The job of a record and of what is kept outside it."""
    job = _JOBS.decode(record, {"guid": guid, "incarnation": incarnation, "version": version})
    if payload is not None:
        _complete(job.settings, "payload", payload)
    return job


class ExecutionParts(NamedTuple):
    """An execution outside its columns, in parts that are read, projected and changed apart from each other.

    `listing` is what listings show, and the only part that an index projects. `work` is what Jobhook needs to run it:
    task token, hashes of the callback tokens, flags, notification. `details` are the state's schema and the start of
    each response. Both are None where they have nothing. `state` and `payload` are the texts themselves: a JSON text
    inside JSON may be six times as long.
    """

    listing: str
    work: str | None = None
    details: str | None = None
    state: str | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class _TokenHashes:
    token_hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Responses:
    responses: tuple[str | None, ...] = ()


_decode_token_hashes = msgspec.json.Decoder(_TokenHashes).decode
_decode_responses = msgspec.json.Decoder(_Responses).decode

EXECUTION_COLUMNS = frozenset({"key", "service_name", "status", "revision", "workflow_reported"})
"""Fields of an execution that no part has. Stores may copy others into columns, for their indexes."""
_WORK = frozenset({"task_token", "holds_lock", "notify_on", "notification"})
_DETAILS = frozenset({"state_schema"})
_TEXTS = frozenset({"state", "payload"})


class ExecutionForm(Generic[SomeExecution]):
    """How executions are stored. A field that is named in no set above is part of the listing."""

    def __init__(self, kind: type[SomeExecution]) -> None:
        names = frozenset(field.name for field in fields(kind))
        self._listing = _Fields(kind, names - EXECUTION_COLUMNS - _WORK - _DETAILS - _TEXTS)
        self._work = _Fields(kind, _WORK)
        self._details = _Fields(kind, _DETAILS)
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, execution: SomeExecution) -> ExecutionParts:
        """The parts of an execution."""
        work, details = self._work.document(execution), self._details.document(execution)
        attempts = execution.attempts
        if attempts:
            work["token_hashes"] = [attempt.token_hash for attempt in attempts]
            responses = [attempt.response for attempt in attempts]
            if any(response is not None for response in responses):
                details["responses"] = responses
        listing = _encode(self._listing.document(execution)).decode()
        return ExecutionParts(listing, _text(work), _text(details), execution.state, execution.payload)

    def decode(self, columns: Columns, parts: ExecutionParts) -> SomeExecution:
        """The execution of its columns (all of EXECUTION_COLUMNS) and parts; what a part lacks takes its default."""
        listing, work, details, state, payload = parts
        execution = self._decoder.decode(_joined(_encode(columns).decode(), listing, work, details))
        if work is not None:
            for attempt, token_hash in zip(execution.attempts, _decode_token_hashes(work).token_hashes, strict=False):
                _complete(attempt, "token_hash", token_hash)
        if details is not None:
            for attempt, response in zip(execution.attempts, _decode_responses(details).responses, strict=False):
                _complete(attempt, "response", response)
        if state is not None:
            _complete(execution, "state", state)
        if payload is not None:
            _complete(execution, "payload", payload)
        return execution


EXECUTIONS = ExecutionForm(Execution)


def _complete(value: object, name: str, content: str | None) -> None:
    """Set a field of a frozen value that was decoded just now and that no other code has seen."""
    object.__setattr__(value, name, content)
