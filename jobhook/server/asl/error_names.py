"""Amazon States Language's own error names, and which names a matcher of a Retry or Catch takes in.

Source: "Handling errors in Step Functions workflows" (AWS) and appendix A of the language's specification.
"""

from collections.abc import Sequence
from typing import Final

RESERVED: Final = "States."
ALL: Final = "States.ALL"
DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"
HEARTBEAT_TIMEOUT: Final = "States.HeartbeatTimeout"
PARAMETER_PATH_FAILURE: Final = "States.ParameterPathFailure"
RESULT_PATH_MATCH_FAILURE: Final = "States.ResultPathMatchFailure"
RUNTIME: Final = "States.Runtime"
TASK_FAILED: Final = "States.TaskFailed"
TIMEOUT: Final = "States.Timeout"

# A matcher with another name in the reserved `States.` space is a misspelling. The names of failures that
# only refused states can have (Map, Parallel, Choice, intrinsic functions) are not here either.
MATCHABLE: Final = frozenset(
    {
        ALL,
        DATA_LIMIT_EXCEEDED,
        HEARTBEAT_TIMEOUT,
        PARAMETER_PATH_FAILURE,
        "States.Permissions",
        RESULT_PATH_MATCH_FAILURE,
        RUNTIME,
        TASK_FAILED,
        TIMEOUT,
    }
)
_TERMINAL: Final = frozenset({DATA_LIMIT_EXCEEDED, RUNTIME})
_TIMEOUTS: Final = frozenset({HEARTBEAT_TIMEOUT, TIMEOUT})


def matches(error_equals: Sequence[str], error: str) -> bool:
    """Whether one of these names takes in `error`.

    `States.ALL` is every error but the terminal ones. A lapsed heartbeat is reported as `States.HeartbeatTimeout`;
    AWS defines `States.Timeout` as "ran longer than TimeoutSeconds, or failed to send a heartbeat", so that name
    takes in both, and `States.TaskFailed`, which is everything but a timeout, neither.
    """
    return any(name == error or _is_wildcard_for(name, error) for name in error_equals)


def _is_wildcard_for(name: str, error: str) -> bool:
    if name == ALL:
        return error not in _TERMINAL
    if name == TIMEOUT:
        return error in _TIMEOUTS
    if name == TASK_FAILED:
        return error not in _TERMINAL and error not in _TIMEOUTS
    return False
