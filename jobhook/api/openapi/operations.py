"""The description of each view's operation, by the view's name. The tests fail for a route without one."""

from collections.abc import Mapping

from jobhook.api import errors
from jobhook.api.errors import Fault
from jobhook.api.openapi import parameters as given
from jobhook.api.openapi.operation import JSON, MERGE_PATCH, Body, Link, Operation, Success
from jobhook.api.openapi.parameters import Parameter
from jobhook.documents.callbacks import CallbackAnswer
from jobhook.documents.executions import Execution, ExecutionPage
from jobhook.documents.insight import ChangePage, Health, Stats, Why
from jobhook.documents.jobs import Job, JobPage, PlannedJob, ServicePage, TestCall
from jobhook.documents.schedules import OccurrencePage, SchedulePage

_SAME_JOB = {"service": "$request.path.service", "job": "$request.path.job"}
_SAME_EXECUTION = {"execution_id": "$response.body#/id"}

_OF_JOB = tuple(
    Link(view, _SAME_JOB)
    for view in (
        "get_job",
        "patch_job",
        "run_job",
        "test_job",
        "pause_job",
        "resume_job",
        "list_job_executions",
        "list_job_upcoming",
        "delete_job",
    )
)
_OF_EXECUTION = tuple(Link(view, _SAME_EXECUTION) for view in ("get_execution", "cancel_execution", "retry_execution"))

_STORED = (
    errors.INVALID_JSON,
    errors.INVALID_JOB,
    errors.INVALID_SCHEDULE,
    errors.INVALID_QUERY,
    errors.CONFLICT,
    errors.PRECONDITION_FAILED,
    errors.MEDIA_TYPE,
    errors.IMPOSSIBLE,
    errors.TARGET,
)
_NO_BODY = (errors.INVALID_QUERY, errors.INVALID_JSON, errors.INVALID_REQUEST, errors.MEDIA_TYPE)
_NOTHING = Body("NoBody", required=False)


def _listing(page: type, *parameters: Parameter, missing: tuple[Fault, ...] = ()) -> Operation:
    return Operation(
        {
            200: Success(
                "A page. Even a short or empty one may have a `next_cursor`; only null is the end.",
                (page,),
            )
        },
        (errors.INVALID_QUERY, *missing),
        parameters=(*given.PAGE, *parameters),
    )


def _reading(description: str, document: type, missing: Fault, *, etag: bool = False) -> Operation:
    return Operation({200: Success(description, (document,), etag)}, (errors.INVALID_QUERY, missing))


OPERATIONS: Mapping[str, Operation] = {
    "put_job": Operation(
        {
            200: Success(
                "The job was there, and is stored as shown; for `dry_run`, what would be stored.",
                (Job, PlannedJob),
                True,
            ),
            201: Success("The job was created, and is stored as shown.", (Job,), True, _OF_JOB),
        },
        _STORED,
        Body("JobBody"),
        (given.DRY_RUN, given.IF_MATCH, given.IF_NONE_MATCH),
        "The body is the whole configuration: a field that is left out gets its default. The same body again changes "
        "nothing. The last success, a pause and a run in progress stay as they are.",
    ),
    "patch_job": Operation(
        {200: Success("The job as it is stored now; for `dry_run`, what would be stored.", (Job, PlannedJob), True)},
        (*_STORED, errors.JOB_NOT_FOUND),
        Body("JobPatch", media_types=(MERGE_PATCH, JSON)),
        (given.DRY_RUN, given.IF_MATCH, given.IF_NONE_MATCH),
        "A JSON merge patch (RFC 7396): it changes the fields that it names; null resets a field to its default.",
    ),
    "get_job": _reading("The job as it is stored.", Job, errors.JOB_NOT_FOUND, etag=True),
    "delete_job": Operation(
        {204: Success("The job is deleted.", content=False)},
        (errors.INVALID_QUERY, errors.JOB_NOT_FOUND, errors.CONFLICT, errors.PRECONDITION_FAILED),
        parameters=(given.IF_MATCH, given.IF_NONE_MATCH),
        description="A run in progress goes on, takes its callbacks and ends normally.",
    ),
    "list_service_jobs": _listing(JobPage),
    "list_jobs": _listing(JobPage),
    "list_services": _listing(ServicePage),
    "list_job_upcoming": _listing(OccurrencePage, given.UNTIL, missing=(errors.JOB_NOT_FOUND,)),
    "list_upcoming": _listing(OccurrencePage, given.UNTIL),
    "list_schedules": _listing(SchedulePage),
    "run_job": Operation(
        {202: Success("The new execution, which is stored and starts.", (Execution,), links=_OF_EXECUTION)},
        (
            errors.INVALID_JSON,
            errors.INVALID_RUN,
            errors.INVALID_QUERY,
            errors.JOB_NOT_FOUND,
            errors.CONFLICT,
            errors.MEDIA_TYPE,
        ),
        Body("RunBody", required=False),
        description="Its scheduled time is now, with milliseconds. A disabled job may be run too.",
    ),
    "test_job": Operation(
        {200: Success("The criteria that the target met or failed; 200 also where it failed some.", (TestCall,))},
        (errors.INVALID_JSON, errors.INVALID_TEST, errors.INVALID_QUERY, errors.JOB_NOT_FOUND, errors.MEDIA_TYPE),
        Body("TestBody", required=False),
        description='The webhook with `"test": true`, sent once and waited for up to 10 s. Nothing is recorded.',
    ),
    "pause_job": Operation(
        {200: Success("The job with its pause.", (Job,), True)},
        (
            errors.INVALID_JSON,
            errors.INVALID_PAUSE,
            errors.INVALID_QUERY,
            errors.JOB_NOT_FOUND,
            errors.CONFLICT,
            errors.MEDIA_TYPE,
        ),
        Body("PauseBody"),
        description="Occurrences from now on are recorded as skipped. Pausing it again replaces reason and `until`.",
    ),
    "resume_job": Operation(
        {200: Success("The job without a pause.", (Job,), True)},
        (*_NO_BODY, errors.JOB_NOT_FOUND, errors.CONFLICT),
        _NOTHING,
        description="Occurrences that the pause has skipped are not run late.",
    ),
    "cancel_execution": Operation(
        {200: Success("The execution, which has ended as `cancelled`.", (Execution,), links=_OF_EXECUTION)},
        (*_NO_BODY, errors.EXECUTION_NOT_FOUND, errors.CONFLICT, errors.ENDED),
        _NOTHING,
        description="The service's next callback is answered with 410. Cancelling it again changes nothing.",
    ),
    "retry_execution": Operation(
        {202: Success("The new execution, linked to the old one.", (Execution,), links=_OF_EXECUTION)},
        (*_NO_BODY, errors.EXECUTION_NOT_FOUND, errors.JOB_NOT_FOUND, errors.CONFLICT, errors.NOT_RETRYABLE),
        _NOTHING,
        description="It has the payload of the old one, and the job's present configuration otherwise.",
    ),
    "list_job_executions": _listing(
        ExecutionPage, given.STATUS, given.SINCE, given.UNTIL, missing=(errors.JOB_NOT_FOUND,)
    ),
    "list_service_executions": _listing(ExecutionPage, given.STATUS, given.SINCE, given.UNTIL),
    "list_executions": _listing(ExecutionPage, given.STATUS, given.SINCE, given.UNTIL),
    "get_execution": _reading("The execution's whole record.", Execution, errors.EXECUTION_NOT_FOUND),
    "list_job_changes": _listing(ChangePage, given.SINCE, given.UNTIL, missing=(errors.JOB_NOT_FOUND,)),
    "list_changes": _listing(ChangePage, given.SINCE, given.UNTIL),
    "stats": Operation(
        {200: Success("A result for each combination that has executions.", (Stats,))},
        (errors.INVALID_QUERY,),
        parameters=(given.BY, given.SINCE_DAY, given.UNTIL_DAY, given.OF_SERVICE),
    ),
    "why": Operation(
        {200: Success("The answer, and the records that show it.", (Why,))},
        (errors.INVALID_QUERY, errors.JOB_NOT_FOUND),
        parameters=(given.WHICH_JOB, given.AT),
    ),
    "health": Operation(
        {200: Success("The store answers; `status` says whether any work is late.", (Health,))},
        (errors.INVALID_QUERY,),
        parameters=(given.COUNTED_SINCE,),
    ),
    "openapi": Operation({200: Success("An OpenAPI 3.1 document.")}, (errors.INVALID_QUERY,)),
    "post_callback": Operation(
        {200: Success("The callback is stored durably; the execution's status after it.", (CallbackAnswer,))},
        (
            errors.INVALID_JSON,
            errors.INVALID_CALLBACK,
            errors.INVALID_STATE,
            errors.CALLBACK_NOT_FOUND,
            errors.CONFLICT,
            errors.ENDED,
            errors.MEDIA_TYPE,
        ),
        Body("CallbackBody"),
        description="The path is the webhook's `callback_url`, which is the credential: no signature is needed. "
        "Success and fail end the execution; a heartbeat extends it by another `ttl_seconds`.",
    ),
}
