"""The lines of a crontab: entries, settings of the environment, and what is neither."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SETTING = re.compile(r"""\s*(["']?)([A-Za-z_][A-Za-z0-9_]*)\1\s*=\s*(.*)""")
_TIMES = re.compile(r"\s*(@\S+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(\S.*)")
_SYSTEM_USER = "root"


@dataclass(frozen=True)
class Entry:
    """A line that runs something. `times` is five fields, or a word that begins with @; `user` None: no column."""

    number: int
    text: str
    times: str
    user: str | None
    command: str


@dataclass(frozen=True)
class Setting:
    """A line such as `MAILTO=ops`."""

    number: int
    name: str
    value: str


@dataclass(frozen=True)
class Unreadable:
    """A line that cron would not understand either."""

    number: int
    text: str


Line = Entry | Setting | Unreadable


def read_lines(text: str, *, user_column: bool) -> Iterator[Line]:
    """The lines that say something, numbered from 1."""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield _line(number, stripped, user_column=user_column)


def has_user_column(path: str, text: str) -> bool:
    """Whether entries name a user, as in /etc/crontab and /etc/cron.d: told by the path, else by an entry of root's."""
    if path == "/etc/crontab" or path.rpartition("/")[0].endswith("cron.d"):
        return True
    entries = (line for line in read_lines(text, user_column=True) if isinstance(line, Entry))
    return any(entry.user == _SYSTEM_USER for entry in entries)


def _line(number: int, text: str, *, user_column: bool) -> Line:
    setting = _SETTING.fullmatch(text)
    if setting:
        return Setting(number, setting[2], _unquoted(setting[3].strip()))
    entry = _TIMES.fullmatch(text)
    if entry is None:
        return Unreadable(number, text)
    times, rest = " ".join(entry[1].split()), entry[2]
    if not user_column:
        return Entry(number, text, times, None, rest)
    user, _, command = rest.replace("\t", " ").partition(" ")
    return Entry(number, text, times, user, command.strip()) if command.strip() else Unreadable(number, text)


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
