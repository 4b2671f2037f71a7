"""The parameters of paths, queries and headers."""

from dataclasses import dataclass

from jobhook.api.bodies.field_types import INSTANT_SCHEMA
from jobhook.api.openapi.schemas import Schema
from jobhook.core.executions.stats import Dimension
from jobhook.core.identities import EXECUTION_ID_PATTERN, MAX_NAME_LENGTH, NAME_PATTERN
from jobhook.core.paging import DEFAULT_LIMIT, MAX_CURSOR_LENGTH, MAX_LIMIT


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; those of a path are always required."""

    name: str
    place: str
    schema: Schema
    description: str
    required: bool = False
    example: object = None


_NAME: Schema = {"type": "string", "pattern": f"^{NAME_PATTERN}$", "minLength": 1, "maxLength": MAX_NAME_LENGTH}
_JOB: Schema = {
    "type": "string",
    "pattern": f"^{NAME_PATTERN}/{NAME_PATTERN}$",
    "maxLength": 2 * MAX_NAME_LENGTH + 1,
}

PATH = {
    parameter.name: parameter
    for parameter in (
        Parameter("service", "path", _NAME, "The service's name.", True, "reports"),
        Parameter("job", "path", _NAME, "The job's name.", True, "nightly"),
        Parameter(
            "execution_id",
            "path",
            {"type": "string", "pattern": f"^{EXECUTION_ID_PATTERN}$"},
            "The execution's id, from an answer or a webhook.",
            True,
            "3f39591f-af52-52cc-b0f3-a10137f4268f_gzrn0j4ayy1c_1795249458887",
        ),
        Parameter("guid", "path", {"type": "string"}, "The job's guid, from the webhook's `callback_url`.", True),
        Parameter(
            "token", "path", {"type": "string"}, "The attempt's secret, from the webhook's `callback_url`.", True
        ),
    )
}
"""The parameters of paths, by their names."""

LIMIT = Parameter(
    "limit",
    "query",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "The most results of a page.",
)
CURSOR = Parameter(
    "cursor",
    "query",
    {"type": "string", "minLength": 1, "maxLength": MAX_CURSOR_LENGTH, "format": "cursor"},
    "The `next_cursor` of the previous page of the same listing.",
)
PAGE = (LIMIT, CURSOR)
STATUS = Parameter("status", "query", {"$ref": "#/components/schemas/Status"}, "Only executions of this status.")
SINCE = Parameter("since", "query", INSTANT_SCHEMA, "Only results of this instant or later.")
UNTIL = Parameter("until", "query", INSTANT_SCHEMA, "Only results of this instant or earlier; not before `since`.")
DRY_RUN = Parameter(
    "dry_run", "query", {"type": "boolean", "default": False}, "Answer with what would be stored, and store nothing."
)
WHICH_JOB = Parameter("job", "query", _JOB, "The job, as `<service>/<job>`.", True, "reports/nightly")
AT = Parameter("at", "query", INSTANT_SCHEMA, "The answer is about the minute of this instant.", True)
COUNTED_SINCE = Parameter(
    "since", "query", INSTANT_SCHEMA, "Since when executions are counted; by default, in the last hour."
)
_DAY: Schema = {"anyOf": [{"type": "string", "format": "date"}, *INSTANT_SCHEMA["anyOf"]]}
_DIMENSION = "|".join(Dimension)
BY = Parameter(
    "by",
    "query",
    {"type": "string", "pattern": f"^({_DIMENSION})(,({_DIMENSION})){{0,2}}$"},
    "The dimensions of the counts, each once, with commas between them; by default `status`.",
    example="status,day",
)
SINCE_DAY = Parameter(
    "since", "query", _DAY, "The first day (UTC), or an instant in it; by default six days before `until`."
)
UNTIL_DAY = Parameter("until", "query", _DAY, "The last day (UTC), or an instant in it; by default today.")
OF_SERVICE = Parameter("service", "query", {"type": "string"}, "Only executions of this service.")

IF_MATCH = Parameter(
    "If-Match", "header", {"type": "string"}, "Only if the job still has one of these ETags; `*`: if there is a job."
)
IF_NONE_MATCH = Parameter(
    "If-None-Match", "header", {"type": "string"}, "Only if the job has none of these ETags; `*`: if there is no job."
)
