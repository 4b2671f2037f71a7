"""The client's methods for jobs: read, change, pause and test them, and list their occurrences to come."""

from collections.abc import Iterator, Mapping
from types import EllipsisType
from typing import Any, NamedTuple, cast

from jobhook.client.calls import MOST_PER_PAGE, Calls, Instant, job_path, wire_instant
from jobhook.documents.jobs import Job, JobSummary, PlannedJob, Service, TestCall
from jobhook.documents.schedules import Occurrence
from jobhook.documents.settings import JobSettings

_MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


class TaggedJob(NamedTuple):
    """A job, and its tag for `if_match`."""

    job: Job
    etag: str


class JobCalls(Calls):
    """The methods for jobs and services.

    `if_match` is a tag of `get_tagged_job`: without a job of that tag, nothing changes and Conflict is raised.
    `if_absent` creates the job only where there is none of that name.
    """

    def put_job(
        self, service: str, job: str, settings: JobSettings, *, if_match: str | None = None, if_absent: bool = False
    ) -> Job:
        """Create a job or replace its whole configuration. Returns the stored job."""
        headers = _conditions(if_match, if_absent=if_absent)
        return cast(Job, self._transport.call("PUT", *job_path(service, job), body=settings, headers=headers))

    def patch_job(self, service: str, job: str, changes: Mapping[str, Any], *, if_match: str | None = None) -> Job:
        """Change the fields that are named, by JSON merge patch: None resets one. Returns the stored job."""
        headers = {**_MERGE_PATCH, **_conditions(if_match)}
        return cast(Job, self._transport.call("PATCH", *job_path(service, job), body=changes, headers=headers))

    def plan_put_job(
        self, service: str, job: str, settings: JobSettings, *, if_match: str | None = None, if_absent: bool = False
    ) -> PlannedJob:
        """What `put_job` would store, and the next times of the job then. Changes nothing."""
        headers = _conditions(if_match, if_absent=if_absent)
        return self._plan("PUT", service, job, settings, headers)

    def plan_patch_job(
        self, service: str, job: str, changes: Mapping[str, Any], *, if_match: str | None = None
    ) -> PlannedJob:
        """What `patch_job` would store, and the next times of the job then. Changes nothing."""
        return self._plan("PATCH", service, job, changes, {**_MERGE_PATCH, **_conditions(if_match)})

    def get_job(self, service: str, job: str) -> Job:
        """A job with its payload."""
        return self.get_tagged_job(service, job).job

    def get_tagged_job(self, service: str, job: str) -> TaggedJob:
        """A job with its payload, and its tag for `if_match`."""
        answer = self._transport.send("GET", *job_path(service, job))
        return TaggedJob(cast(Job, answer.document), answer.etag or "")

    def delete_job(self, service: str, job: str, *, if_match: str | None = None) -> None:
        """Remove a job. A run in progress goes on."""
        self._transport.call("DELETE", *job_path(service, job), headers=_conditions(if_match))

    def pause_job(self, service: str, job: str, reason: str, until: Instant | None = None) -> Job:
        """Skip the job's occurrences until that time, or until it is resumed. Each is recorded with the reason."""
        body = {"reason": reason, "until": wire_instant(until)}
        return cast(Job, self._transport.call("POST", *job_path(service, job, "pause"), body=body))

    def resume_job(self, service: str, job: str) -> Job:
        """End a job's pause. Skipped occurrences are not run late."""
        return cast(Job, self._transport.call("POST", *job_path(service, job, "resume")))

    def test_job(self, service: str, job: str, *, payload: str | EllipsisType | None = ...) -> TestCall:
        """Send the job's target a webhook that is marked as a test, and judge the answer. Nothing is recorded."""
        body = None if isinstance(payload, EllipsisType) else {"payload": payload}
        return cast(TestCall, self._transport.call("POST", *job_path(service, job, "test"), body=body))

    def list_jobs(self, service: str | None = None, *, page_size: int = MOST_PER_PAGE) -> Iterator[JobSummary]:
        """The jobs of a service, or of all, by name."""
        path = ("jobs",) if service is None else ("services", service, "jobs")
        return cast(Iterator[JobSummary], self._pages(path, {}, page_size))

    def list_services(self, *, page_size: int = MOST_PER_PAGE) -> Iterator[Service]:
        """The services that have jobs, by name."""
        return cast(Iterator[Service], self._pages(("services",), {}, page_size))

    def list_upcoming(
        self,
        service: str | None = None,
        job: str | None = None,
        *,
        until: Instant | None = None,
        page_size: int = MOST_PER_PAGE,
    ) -> Iterator[Occurrence]:
        """The occurrences to come of a job, or of all jobs, the earliest first.

        `until` is included. Without it the iterator has no end: take as many as you need.
        """
        if (service is None) != (job is None):
            raise ValueError("a job is found by its service and its name: give both, or none for all jobs")
        path = ("upcoming",) if service is None or job is None else job_path(service, job, "upcoming")
        return cast(Iterator[Occurrence], self._pages(path, {"until": wire_instant(until)}, page_size))

    def _plan(
        self, method: str, service: str, job: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> PlannedJob:
        query = {"dry_run": True}
        return cast(
            PlannedJob,
            self._transport.call(method, *job_path(service, job), query=query, body=body, headers=headers),
        )


def _conditions(if_match: str | None, *, if_absent: bool = False) -> dict[str, str]:
    return ({"If-Match": if_match} if if_match is not None else {}) | ({"If-None-Match": "*"} if if_absent else {})
