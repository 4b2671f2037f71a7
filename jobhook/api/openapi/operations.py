"""Every view's part of the description, by the view's name. A route without one fails the tests."""

from collections.abc import Mapping

from pydantic import BaseModel

from jobhook.api.openapi import faults, insight, jobs, schedules
from jobhook.api.openapi import parameters as given
from jobhook.api.openapi.changes import ChangePage
from jobhook.api.openapi.executions import CallbackAnswer, Execution, ExecutionPage
from jobhook.api.openapi.faults import Fault
from jobhook.api.openapi.operation import JSON, MERGE_PATCH, Body, Link, Operation, Success
from jobhook.api.openapi.parameters import Parameter
from jobhook.api.openapi.stats import Stats

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
    faults.INVALID_JSON,
    faults.INVALID_JOB,
    faults.INVALID_SCHEDULE,
    faults.INVALID_QUERY,
    faults.CONFLICT,
    faults.PRECONDITION_FAILED,
    faults.MEDIA_TYPE,
    faults.IMPOSSIBLE,
    faults.TARGET,
)
_NO_BODY = (faults.INVALID_QUERY, faults.INVALID_JSON, faults.INVALID_REQUEST, faults.MEDIA_TYPE)
_NOTHING = Body("NoBody", required=False)


def _listing(page: type[BaseModel], *parameters: Parameter, missing: tuple[Fault, ...] = ()) -> Operation:
    return Operation(
        {200: Success("A page; it may be short, even empty, while there are more.", (page,))},
        (faults.INVALID_QUERY, *missing),
        parameters=(*given.PAGE, *parameters),
    )


def _reading(model: type[BaseModel], missing: Fault, *, etag: bool = False) -> Operation:
    return Operation({200: Success("It is as follows.", (model,), etag)}, (faults.INVALID_QUERY, missing))


OPERATIONS: Mapping[str, Operation] = {
    "put_job": Operation(
        {
            200: Success("It was there, or (`dry_run`) nothing was stored.", (jobs.Job, jobs.PlannedJob), True),
            201: Success("It is new.", (jobs.Job,), True, _OF_JOB),
        },
        _STORED,
        Body("JobBody"),
        (given.DRY_RUN, given.IF_MATCH, given.IF_NONE_MATCH),
        "The body is the whole configuration: a field that is left out gets its default. The same body again changes "
        "nothing. Neither the last success, nor a pause, nor a run that is under way is touched.",
    ),
    "patch_job": Operation(
        {200: Success("It is as follows, or (`dry_run`) would be.", (jobs.Job, jobs.PlannedJob), True)},
        (*_STORED, faults.JOB_NOT_FOUND),
        Body("JobPatch", media_types=(MERGE_PATCH, JSON)),
        (given.DRY_RUN, given.IF_MATCH, given.IF_NONE_MATCH),
        "A JSON merge patch (RFC 7396): fields that are named are changed, null sets one back to its default.",
    ),
    "get_job": _reading(jobs.Job, faults.JOB_NOT_FOUND, etag=True),
    "delete_job": Operation(
        {204: Success("It is gone.", content=False)},
        (faults.INVALID_QUERY, faults.JOB_NOT_FOUND, faults.CONFLICT, faults.PRECONDITION_FAILED),
        parameters=(given.IF_MATCH, given.IF_NONE_MATCH),
        description="A run that is under way goes on, takes its callbacks and ends normally.",
    ),
    "list_service_jobs": _listing(jobs.JobPage),
    "list_jobs": _listing(jobs.JobPage),
    "list_services": _listing(jobs.ServicePage),
    "list_job_upcoming": _listing(schedules.OccurrencePage, given.UNTIL, missing=(faults.JOB_NOT_FOUND,)),
    "list_upcoming": _listing(schedules.OccurrencePage, given.UNTIL),
    "list_schedules": _listing(schedules.SchedulePage),
    "run_job": Operation(
        {202: Success("It is stored, and starts.", (Execution,), links=_OF_EXECUTION)},
        (
            faults.INVALID_JSON,
            faults.INVALID_RUN,
            faults.INVALID_QUERY,
            faults.JOB_NOT_FOUND,
            faults.CONFLICT,
            faults.MEDIA_TYPE,
        ),
        Body("RunBody", required=False),
        description="Its scheduled time is now, with milliseconds. A disabled job may be run too.",
    ),
    "test_job": Operation(
        {200: Success("What the service made of it; not `passed` is an answer, too.", (jobs.TestCall,))},
        (faults.INVALID_JSON, faults.INVALID_TEST, faults.INVALID_QUERY, faults.JOB_NOT_FOUND, faults.MEDIA_TYPE),
        Body("TestBody", required=False),
        description='The webhook with `"test": true`, sent once and waited for up to 10 s. Nothing is recorded.',
    ),
    "pause_job": Operation(
        {200: Success("The job with its pause.", (jobs.Job,), True)},
        (
            faults.INVALID_JSON,
            faults.INVALID_PAUSE,
            faults.INVALID_QUERY,
            faults.JOB_NOT_FOUND,
            faults.CONFLICT,
            faults.MEDIA_TYPE,
        ),
        Body("PauseBody"),
        description="Occurrences from now on are recorded as skipped. A pause of a paused job replaces its words.",
    ),
    "resume_job": Operation(
        {200: Success("The job without a pause.", (jobs.Job,), True)},
        (*_NO_BODY, faults.JOB_NOT_FOUND, faults.CONFLICT),
        _NOTHING,
        description="What the pause has skipped is not run late.",
    ),
    "cancel_execution": Operation(
        {200: Success("It has ended as cancelled.", (Execution,), links=_OF_EXECUTION)},
        (*_NO_BODY, faults.EXECUTION_NOT_FOUND, faults.CONFLICT, faults.ENDED),
        _NOTHING,
        description="The service hears of it with its next callback. Again it changes nothing.",
    ),
    "retry_execution": Operation(
        {202: Success("The new execution, linked to the old one.", (Execution,), links=_OF_EXECUTION)},
        (*_NO_BODY, faults.EXECUTION_NOT_FOUND, faults.JOB_NOT_FOUND, faults.CONFLICT, faults.NOT_RETRYABLE),
        _NOTHING,
        description="With the payload of the old one, and all else as the job is configured now.",
    ),
    "list_job_executions": _listing(
        ExecutionPage, given.STATUS, given.SINCE, given.UNTIL, missing=(faults.JOB_NOT_FOUND,)
    ),
    "list_service_executions": _listing(ExecutionPage, given.STATUS, given.SINCE, given.UNTIL),
    "list_executions": _listing(ExecutionPage, given.STATUS, given.SINCE, given.UNTIL),
    "get_execution": _reading(Execution, faults.EXECUTION_NOT_FOUND),
    "list_job_changes": _listing(ChangePage, given.SINCE, given.UNTIL, missing=(faults.JOB_NOT_FOUND,)),
    "list_changes": _listing(ChangePage, given.SINCE, given.UNTIL),
    "stats": Operation(
        {200: Success("A result for each combination that was met.", (Stats,))},
        (faults.INVALID_QUERY,),
        parameters=(given.BY, given.SINCE_DAY, given.UNTIL_DAY, given.OF_SERVICE),
    ),
    "why": Operation(
        {200: Success("The answer, and what it was drawn from.", (insight.Why,))},
        (faults.INVALID_QUERY, faults.JOB_NOT_FOUND),
        parameters=(given.WHICH_JOB, given.AT),
    ),
    "health": Operation(
        {200: Success("The store is reached; `status` says whether anything is late.", (insight.Health,))},
        (faults.INVALID_QUERY,),
        parameters=(given.COUNTED_SINCE,),
    ),
    "openapi": Operation({200: Success("An OpenAPI 3.1 document.")}, (faults.INVALID_QUERY,)),
    "post_callback": Operation(
        {200: Success("It is durable; the execution stands as follows.", (CallbackAnswer,))},
        (
            faults.INVALID_JSON,
            faults.INVALID_CALLBACK,
            faults.INVALID_STATE,
            faults.CALLBACK_NOT_FOUND,
            faults.CONFLICT,
            faults.ENDED,
            faults.MEDIA_TYPE,
        ),
        Body("CallbackBody"),
        description="The path is the webhook's `callback_url`, which is the credential: no signature is asked for. "
        "Success and fail end the execution, a heartbeat buys it another `ttl_seconds`.",
    ),
}
