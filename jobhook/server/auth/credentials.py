"""The access keys of a one-machine server, in one private file of its data directory."""

import os
import secrets
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from jobhook.server.auth import private_file

FILE_NAME = "credentials.json"

# The alphabet and length of AWS's own access key ids, which their tools expect.
_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ID_PREFIX = "JH"
_ID_LENGTH = 20
_SECRET_BYTES = 30  # 40 characters


class CredentialsRefused(Exception):
    """The credentials file cannot be trusted or read; the message says why and names no secret."""


@dataclass(frozen=True)
class Credential:
    """An access key: its id, its secret (shown once, never in a repr), a free name and when it was made."""

    access_key_id: str
    secret_key: str = field(repr=False)
    name: str
    created_at: datetime


@dataclass(frozen=True)
class ListedCredential:
    """An access key without its secret."""

    access_key_id: str
    name: str
    created_at: datetime


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    access_key_id: str
    secret_key: str = Field(repr=False)
    name: str
    created_at: AwareDatetime


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    credentials: tuple[_Stored, ...] = ()


class _Stamp(NamedTuple):
    """What changes when the file is replaced or edited."""

    inode: int
    modified_ns: int
    size: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        return cls(status.st_ino, status.st_mtime_ns, status.st_size)


class CredentialsFile:
    """The credentials file at `path`. Each change is atomic and durable, under a lock that all processes share.

    A missing file holds no credentials. `CredentialsRefused` where it is open to others or malformed.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._clock = clock
        self._seen: tuple[_Stamp, Mapping[str, _Stored]] | None = None

    @classmethod
    def in_directory(cls, data: Path) -> "CredentialsFile":
        """The credentials file of the data directory `data`."""
        return cls(data / FILE_NAME)

    def add(self, name: str = "") -> Credential:
        """Make and store a new access key; this is the only time that its secret is given out."""
        stored = _Stored(
            access_key_id=_new_id(),
            secret_key=secrets.token_urlsafe(_SECRET_BYTES),
            name=name,
            created_at=self._clock(),
        )
        with private_file.locked(self._path):
            self._write([*self._read(), stored])
        return Credential(stored.access_key_id, stored.secret_key, stored.name, stored.created_at)

    def remove(self, access_key_id: str) -> bool:
        """Remove an access key; whether there was one."""
        if not self._path.exists():
            return False
        with private_file.locked(self._path):
            before = self._read()
            after = [stored for stored in before if stored.access_key_id != access_key_id]
            if len(after) < len(before):
                self._write(after)
        return len(after) < len(before)

    def list(self) -> list[ListedCredential]:
        """Every access key in the order of making, without its secret."""
        return [ListedCredential(stored.access_key_id, stored.name, stored.created_at) for stored in self._read()]

    def find(self, access_key_id: str) -> str | None:
        """The secret key of `access_key_id`, or None. Sees what other processes changed; safe in any thread."""
        stored = self._stored(access_key_id)
        return None if stored is None else stored.secret_key

    def name_of(self, access_key_id: str) -> str:
        """The free name of `access_key_id`; the id itself where it has none, or is not there any more."""
        stored = self._stored(access_key_id)
        return (stored.name if stored else "") or access_key_id

    def _stored(self, access_key_id: str) -> _Stored | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        self._check_private(status)
        seen = self._seen
        if seen is None or seen[0] != _Stamp.of(status):
            # The stamp is older than what is read, so a change in between is read again, never missed.
            seen = (_Stamp.of(status), {stored.access_key_id: stored for stored in self._read()})
            self._seen = seen
        return seen[1].get(access_key_id)

    def _read(self) -> tuple[_Stored, ...]:
        try:
            with self._path.open("rb") as file:
                self._check_private(os.fstat(file.fileno()))
                return _Document.model_validate_json(file.read()).credentials
        except FileNotFoundError:
            return ()
        except ValidationError:
            raise CredentialsRefused(f"{self._path} is not a credentials file that Jobhook wrote.") from None

    def _check_private(self, status: os.stat_result) -> None:
        if private_file.is_open_to_others(status):
            raise CredentialsRefused(
                f"{self._path} is open to other users (mode {stat.S_IMODE(status.st_mode):04o}): it holds secrets. "
                f"Run: chmod 600 {self._path}, and replace its keys if others may have read it."
            )

    def _write(self, credentials: Iterable[_Stored]) -> None:
        document = _Document(credentials=tuple(credentials))
        private_file.replace(self._path, document.model_dump_json(indent=2).encode())


def _new_id() -> str:
    return _ID_PREFIX + "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH - len(_ID_PREFIX)))
