"""Which errors each name of a matcher takes in."""

import pytest

from jobhook.server.asl.error_names import matches

ERRORS = [
    "JobFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.ParameterPathFailure",
    "States.Runtime",
    "States.DataLimitExceeded",
]


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("JobFailed", ["JobFailed"]),
        ("jobfailed", []),
        ("Job", []),
        ("States.ALL", ["JobFailed", "States.Timeout", "States.HeartbeatTimeout", "States.ParameterPathFailure"]),
        ("States.TaskFailed", ["JobFailed", "States.ParameterPathFailure"]),
        ("States.Timeout", ["States.Timeout", "States.HeartbeatTimeout"]),
        ("States.HeartbeatTimeout", ["States.HeartbeatTimeout"]),
        ("States.Runtime", ["States.Runtime"]),
        ("States.DataLimitExceeded", ["States.DataLimitExceeded"]),
    ],
)
def test_a_name_takes_in(name: str, taken: list[str]) -> None:
    assert [error for error in ERRORS if matches((name,), error)] == taken


def test_any_name_of_a_list_will_do() -> None:
    assert matches(("A", "JobFailed"), "JobFailed")
    assert not matches(("A", "B"), "JobFailed")
