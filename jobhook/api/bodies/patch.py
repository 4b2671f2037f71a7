"""The body of PATCH /services/{service}/jobs/{job}: a JSON merge patch of what a PUT would say."""

from dataclasses import dataclass

from jobhook.api.bodies.job import job_settings
from jobhook.api.bodies.json_documents import read_json_object
from jobhook.core.errors import InvalidDocument, JobNotFound, Problem
from jobhook.core.jobs.job import Job, JobSettings
from jobhook.core.jobs.settings_document import Document, merged, settings_body

_MEDIA_TYPE = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class JobPatch:
    """What is to be changed; null sets a field back to its default."""

    document: Document

    def apply(self, job: Job | None, service_name: str, job_name: str, now_ms: int) -> JobSettings:
        """The job's settings with the patch. Raises JobNotFound, and as a PUT of the whole does."""
        if job is None:
            raise JobNotFound(f"service {service_name!r} has no job {job_name!r}; PUT it first")
        try:
            document = merged(self._target(job.settings), self.document)
        except RecursionError:
            raise InvalidDocument([Problem("body", "is nested too deeply")], code="InvalidJson") from None
        return job_settings(document, now_ms, [])

    def _target(self, settings: JobSettings) -> Document:
        """What is patched. `schedules` takes the place of `schedule`; where there are several, one alone cannot."""
        body, several = settings_body(settings), self.document.get("schedules")
        if several is not None and "schedule" not in self.document:
            body.pop("schedule", None)
        if "schedules" in self.document or not settings.more_schedules:
            return body
        if self.document.get("schedule", settings.schedule) != settings.schedule:
            count = len(settings.schedules)
            text = f"the job has {count} schedules: give `schedules` with all that it is to have"
            raise InvalidDocument([Problem("schedule", text)], code="InvalidSchedule")
        return body


def parse_patch(media_type: str, body: bytes) -> JobPatch:
    """The patch, declared as a merge patch or as plain JSON. Raises as every parser of bodies does."""
    declared = media_type.partition(";")[0].strip().lower()
    return JobPatch(read_json_object("application/json" if declared == _MEDIA_TYPE else media_type, body))
