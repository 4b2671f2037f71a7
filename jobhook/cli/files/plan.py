"""What has to change so that the jobs are as a file says; pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jobhook.cli.files.job_file import JobFile, WantedJob

Kind = Literal["create", "change", "delete", "keep"]


@dataclass(frozen=True)
class FieldChange:
    """A field of a job, before and after."""

    name: str
    old: object
    new: object


@dataclass(frozen=True)
class Change:
    """What is done to one job; `body` is what to PUT."""

    kind: Kind
    service: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    body: Mapping[str, Any] | None = None

    @property
    def path(self) -> str:
        """The job's name among all."""
        return f"{self.service}/{self.name}"


def plan(file: JobFile, stored: Mapping[str, Mapping[str, Any]], *, prune: bool) -> list[Change]:
    """The changes, by service and name; `stored` has the jobs of the file's services by their paths."""
    wanted = {job.path: job for job in file.jobs}
    changes = [_change(job, stored.get(path)) for path, job in wanted.items()]
    if prune:
        changes += [
            Change("delete", job["service_name"], job["job_name"]) for path, job in stored.items() if path not in wanted
        ]
    return sorted(changes, key=lambda change: (file.services.index(change.service), change.name))


def to_do(changes: Sequence[Change]) -> list[Change]:
    """Those that do something, deletions last."""
    done = [change for change in changes if change.kind != "keep"]
    return sorted(done, key=lambda change: change.kind == "delete")


def _change(job: WantedJob, stored: Mapping[str, Any] | None) -> Change:
    if stored is None:
        created = tuple(FieldChange(name, None, value) for name, value in job.body.items())
        return Change("create", job.service, job.name, created, job.body)
    fields = tuple(_differences(job, stored))
    return Change("change" if fields else "keep", job.service, job.name, fields, job.body)


def _differences(job: WantedJob, stored: Mapping[str, Any]) -> Iterator[FieldChange]:
    """Fields that the server does not know yet count only where the file gives them."""
    for name, new in job.settings.items():
        if name == "schedules" and len(new) == 1 == len(stored.get(name) or new):
            continue  # one schedule is told of as `schedule`
        if (name in stored or name in job.body) and _json(stored.get(name)) != _json(new):
            yield FieldChange(name, stored.get(name), new)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
