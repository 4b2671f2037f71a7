"""The options that name the fields of a job, shared by `jobhook job put` and `patch`."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from jobhook.cli.files.paths import text_of
from jobhook.cli.jobs.notify import notify_field
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail
from jobhook.cli.output.instants import later
from jobhook.documents.kinds import Event, Format

Fields = dict[str, Any]
"""What a body of the API says of a job."""


def with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """A command that has these options beside its own, and is given as `fields` what they say."""

    def run(*arguments: object, **given: Any) -> None:
        options = {name: given.pop(name) for name in _OPTIONS}
        command(*arguments, fields=_chosen_fields(options), **given)

    api, *own = (one for one in inspect.signature(command).parameters.values() if one.name != "fields")
    parameters = [api, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*_OPTIONS.values(), *own))]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it from there
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def over_a_file(file: Path | None, fields: Mapping[str, Any]) -> Fields:
    """What the file says, and the fields over it; leaves with a sentence where the file cannot be used."""
    of_file = _fields_of(file) if file else {}
    within = of_file.get("notify")
    if isinstance(within, dict) and fields.get("notify"):
        fields = {**fields, "notify": within | fields["notify"]}
    if {"schedule", "schedules"} & fields.keys():
        of_file = {name: value for name, value in of_file.items() if name not in ("schedule", "schedules")}
    return of_file | dict(fields)


def payload_of(text: str | None) -> str | None:
    """The payload that an option says; `@FILE` is the file's text."""
    if text is None or not text.startswith("@"):
        return text
    return text_of(Path(text[1:]))


def _options(
    *,
    schedule: Annotated[
        list[str] | None,
        typer.Option(metavar="EXPRESSION", help="rate(...) or cron(...), as AWS writes them, in UTC; once for each."),
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="URL", help="The URL that takes the webhook.")] = None,
    ttl: Annotated[int | None, typer.Option(metavar="SECONDS", help="How long to wait for a sign of life.")] = None,
    timeout: Annotated[int | None, typer.Option(metavar="SECONDS", help="How long the whole run may take.")] = None,
    payload: Annotated[str | None, typer.Option(help="Sent with every webhook; @FILE takes a file's text.")] = None,
    description: Annotated[str | None, typer.Option(help="What the job is for.")] = None,
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; once for each.")] = None,
    external_id: Annotated[str | None, typer.Option(metavar="ID", help="What the job is called elsewhere.")] = None,
    start_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", callback=later, help="No runs before: RFC 3339, epoch ms, or 2h from now."),
    ] = None,
    end_at: Annotated[
        str | None, typer.Option(metavar="TIME", callback=later, help="No runs after; written as --start-at is.")
    ] = None,
    retention_days: Annotated[
        int | None, typer.Option(metavar="DAYS", help="How long its executions are kept.")
    ] = None,
    state_schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The JSON Schema, as JSON or YAML, of a success's state.")
    ] = None,
    response_schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The JSON Schema of the answer that `job test` is to get.")
    ] = None,
    notify: Annotated[
        str | None, typer.Option(metavar="URL", help="Who is told of the ends of its executions: a chat, a pager.")
    ] = None,
    notify_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EVENTS",
            help=f"Of which ends, with commas between: some of {', '.join(get_args(Event))}.",
        ),
    ] = None,
    notify_format: Annotated[
        Format | None, typer.Option(help="What is sent: Jobhook's document, or what Slack takes.")
    ] = None,
) -> None:
    """The options."""


_OPTIONS = dict(inspect.signature(_options).parameters)
_NAMED_OTHERWISE = {"target": "invocation_target", "ttl": "ttl_seconds", "timeout": "timeout_seconds"}
_OF_NOTIFY = ("notify", "notify_on", "notify_format")


def _chosen_fields(options: Mapping[str, Any]) -> Fields:
    """The fields that were given. Several schedules are `schedules`, one is `schedule`."""
    given = {name: value for name, value in options.items() if value not in (None, []) and name not in _OF_NOTIFY}
    fields = {_NAMED_OTHERWISE.get(name, name): value for name, value in given.items()}
    if "payload" in fields:
        fields["payload"] = payload_of(fields["payload"])
    for name in ("state_schema", "response_schema"):
        if name in fields:
            fields[name] = _mapping(fields[name], "a JSON Schema")
    if notify := notify_field(*(options[name] for name in _OF_NOTIFY)):
        fields["notify"] = notify
    schedules = fields.pop("schedule", None)
    if schedules:
        _not_a_crontabs(schedules)
        fields |= {"schedule": schedules[0]} if len(schedules) == 1 else {"schedules": schedules}
    return fields


def _not_a_crontabs(schedules: Iterable[str]) -> None:
    from jobhook.cli.crontab.crontab_hint import meant

    for text in schedules:
        if expressions := meant(text):
            options = " ".join(f"--schedule '{expression}'" for expression in expressions)
            fail(f"{text!r} is how a crontab writes it; as AWS does, and in UTC, it is {options}", ExitCode.USAGE)


def _fields_of(file: Path) -> Fields:
    fields = _mapping(file, "the fields of a job")
    if {"service", "jobs"} <= fields.keys():
        fail(f"{file} has the jobs of a service; `jobhook apply -f {file}` takes it", ExitCode.USAGE)
    return fields


def _mapping(file: Path, what: str) -> Fields:
    from jobhook.cli.files.yaml_text import YamlRefused, read_yaml

    try:
        documents = read_yaml(text_of(file))
    except YamlRefused as refused:
        fail(f"{file}: {refused}", ExitCode.USAGE)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        fail(f"{file} must hold one mapping: {what}", ExitCode.USAGE)
    return documents[0]
