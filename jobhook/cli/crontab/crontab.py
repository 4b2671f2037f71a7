"""A crontab as jobs, with warnings where its meaning cannot be kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from jobhook.cli.crontab.expressions import convert
from jobhook.cli.crontab.fields import FieldRefused
from jobhook.cli.crontab.job_names import job_name
from jobhook.cli.crontab.lines import Entry, Setting, Unreadable, read_lines
from jobhook.core.schedules.expression import ScheduleError, parse

_ZONES = frozenset({"CRON_TZ", "TZ"})
_UTC = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "UCT", "Zulu"})
_UNESCAPED_PERCENT = re.compile(r"(?<!\\)%")


@dataclass(frozen=True)
class ImportedJob:
    """A job that an entry became."""

    name: str
    schedule: str
    command: str
    entry: Entry


@dataclass
class Imported:
    """All jobs of a crontab, and what a person should know of them."""

    jobs: list[ImportedJob] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def import_crontab(text: str, *, user_column: bool) -> Imported:
    """The jobs that run when the crontab's entries would, its times taken as UTC."""
    imported = Imported()
    users: set[str] = set()
    for line in read_lines(text, user_column=user_column):
        if isinstance(line, Unreadable):
            imported.warnings.append(f"line {line.number}: left out, as cron would not understand it: {line.text}")
        elif isinstance(line, Setting):
            imported.warnings.append(_about_setting(line))
        else:
            users |= {line.user} if line.user else set()
            _take(line, imported)
    if users:
        imported.warnings.append(
            f"the user column ({', '.join(sorted(users))}) is left out: jobs run as the user that their service runs as"
        )
    return imported


def _take(entry: Entry, imported: Imported) -> None:
    where = f"line {entry.number}"
    try:
        said = convert(entry.times)
        _check(said.expressions)
    except FieldRefused as refused:
        imported.warnings.append(f"{where}: left out: {refused}")
        return
    imported.warnings += [f"{where}: {note}" for note in said.notes]
    if _UNESCAPED_PERCENT.search(entry.command):
        imported.warnings.append(
            f"{where}: the command has text for its standard input after a %; it is kept as it stands"
        )
    command = entry.command if _UNESCAPED_PERCENT.search(entry.command) else entry.command.replace("\\%", "%")
    taken = {job.name for job in imported.jobs}
    for name, schedule in zip(_names(entry, len(said.expressions), taken), said.expressions, strict=True):
        imported.jobs.append(ImportedJob(name, schedule, command, entry))


def _check(expressions: tuple[str, ...]) -> None:
    """Raises FieldRefused for what is too long for AWS, and for what never comes due."""
    now_ms = int(datetime.now(UTC).timestamp() * 1_000)
    for expression in expressions:
        try:
            following = parse(expression).next_after(now_ms)
        except ScheduleError as error:
            raise FieldRefused(str(error)) from error
        if following is None:
            raise FieldRefused("it never comes due")


def _names(entry: Entry, count: int, taken: set[str]) -> Iterator[str]:
    """As many names as there are jobs, none of them taken."""
    base = job_name(entry.command) or f"line-{entry.number}"
    candidates = ["by-day", "by-weekday"] if count == 2 else [""]
    for suffix in candidates:
        name = f"{base}-{suffix}" if suffix else base
        number = 2
        unique = name
        while unique in taken:
            unique = f"{name}-{number}"
            number += 1
        taken.add(unique)
        yield unique


def _about_setting(setting: Setting) -> str:
    where = f"line {setting.number}: {setting.name}={setting.value}"
    if setting.name not in _ZONES:
        return f"{where} is left out: the environment is the service's own"
    if setting.value in _UTC:
        return f"{where} is left out: Jobhook's times are UTC anyway"
    return f"{where} is left out: the times below it are kept as they stand, but mean UTC now; shift them by hand"
