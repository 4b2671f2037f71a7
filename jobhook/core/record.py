"""The one stored form of each kind: JSON that both backends write and read, and that a person can read.

A store keeps keys, conditions and what its indexes need in columns (or attributes) of their own, so that an update
rewrites no index that it does not change. All other fields are in the record. A field that equals its default is not
written; a field that the record lacks takes its default, and one that the reader does not know is skipped. So a new
field with a default needs no change here, none in a store, and no migration.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET

from jobhook.core.executions.execution import Attempt, Execution
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, JobSettings, LastSuccess, ScheduledJob
from jobhook.core.schedules.rows import Fire, ScheduleRow

Value = TypeVar("Value")
SomeExecution = TypeVar("SomeExecution", bound=Execution)
Columns = Mapping[str, object]
Convert = Callable[[Any], object]

_encode = msgspec.json.Encoder().encode
_KEPT_APART: dict[type, frozenset[str]] = {
    JobSettings: frozenset({"payload"}),
    Attempt: frozenset({"token_hash", "response"}),
}
"""Fields of values inside a record that are not written with them, because they are stored in another place."""


class _Fields:
    """The fields of a kind that a record has, and how a value is written with them.

    msgspec would write a dataclass with all its fields. So the values are copied into a struct, whose defaults it
    leaves out. Which fields hold dataclasses is read from their types once, not from each value.
    """

    def __init__(self, kind: type, names: Iterable[str], extra: Sequence[str] = ()) -> None:
        """`extra` names fields that `document` is given apart from the value."""
        wanted, types = set(names), get_type_hints(kind)
        chosen = [field for field in fields(kind) if field.name in wanted]
        converters = [_converter(types[field.name]) for field in chosen]
        self._nested = [
            (at, _default(field), convert)
            for at, (field, convert) in enumerate(zip(chosen, converters, strict=True))
            if convert is not None
        ]
        self._values = _getter([field.name for field in chosen])
        defaults = [
            (field.name, Any, _default(field) if convert is None else UNSET)
            for field, convert in zip(chosen, converters, strict=True)
        ]
        given = [(name, Any, UNSET) for name in extra]
        self._struct = msgspec.defstruct(kind.__name__, [*defaults, *given], omit_defaults=True, gc=False)

    def document(self, value: object, *extra: object) -> msgspec.Struct:
        """The value without what is as the default has it. An extra field that is UNSET is left out."""
        values = [*self._values(value)]
        for at, default, convert in self._nested:
            found = values[at]
            values[at] = UNSET if found is default else convert(found)
        return self._struct(*values, *extra)


def _getter(names: Sequence[str]) -> Callable[[object], Sequence[object]]:
    """Reads several attributes; attrgetter gives a bare value for one name."""
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda value: (get(value),)


def _default(field: Field[Any]) -> object:
    """The default of a field; for one that has none, what no value is."""
    return MISSING if field.default is MISSING else field.default


def _converter(annotation: Any) -> Convert | None:
    """How values of a type become documents; None for types that msgspec writes as they are."""
    if is_dataclass(annotation):
        return _document_of(cast(type, annotation))
    arguments = [argument for argument in get_args(annotation) if argument not in (NoneType, Ellipsis)]
    found = [convert for argument in arguments if (convert := _converter(argument)) is not None]
    if not found:
        return None
    (convert,) = found
    if get_origin(annotation) is tuple:
        return lambda values: [convert(value) for value in values]
    return lambda value: None if value is None else convert(value)


@cache
def _document_of(kind: type) -> Convert:
    apart = _KEPT_APART.get(kind, frozenset())
    return _Fields(kind, (field.name for field in fields(kind) if field.name not in apart)).document


def _text(document: msgspec.Struct) -> str | None:
    """The document's JSON; None for an empty one."""
    text = _encode(document)
    return None if text == b"{}" else text.decode()


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
        self._work = _Fields(kind, _WORK, ("token_hashes",))
        self._details = _Fields(kind, _DETAILS, ("responses",))
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, execution: SomeExecution) -> ExecutionParts:
        """The parts of an execution."""
        attempts = execution.attempts
        token_hashes = [attempt.token_hash for attempt in attempts]
        responses = [attempt.response for attempt in attempts]
        answered = responses.count(None) < len(responses)
        return ExecutionParts(
            _encode(self._listing.document(execution)).decode(),
            _text(self._work.document(execution, token_hashes or UNSET)),
            _text(self._details.document(execution, responses if answered else UNSET)),
            execution.state,
            execution.payload,
        )

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
