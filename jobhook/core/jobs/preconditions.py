"""Optimistic concurrency by HTTP's conditional requests: change a job only as it was read (RFC 9110, 13.1)."""

from dataclasses import dataclass

from jobhook.core.errors import PreconditionFailed
from jobhook.core.jobs.job import Job

ANY = "*"


def job_etag(job: Job) -> str:
    """The job's entity tag: another one after each change, and after a delete and a new beginning."""
    return f'"{job.incarnation}-{job.version}"'


@dataclass(frozen=True, slots=True)
class Precondition:
    """`match`: the tags of If-Match, or ANY, of which the job must have one.

    `absent`: If-None-Match: *, no job yet; `unlike`: the tags of If-None-Match, of which the job must have none.
    """

    match: tuple[str, ...] = ()
    absent: bool = False
    unlike: tuple[str, ...] = ()

    def check(self, job: Job | None) -> None:
        """Raises PreconditionFailed where the job is not as the caller believes."""
        if job is not None and (self.absent or job_etag(job) in self.unlike):
            raise PreconditionFailed(f"there is a job of that name already, with the ETag {job_etag(job)}")
        if not self.match or (job is not None and (ANY in self.match or job_etag(job) in self.match)):
            return
        now = "there is no job of that name" if job is None else f"the job has changed; its ETag is {job_etag(job)}"
        raise PreconditionFailed(f"{now}; read it again, and decide again")
