import pytest

from infra.verify.bundle import surplus

NEEDED = [
    "app.py",
    "chalicelib/aws/tables.py",
    "chalicelib/domain/schedule/cron.py",
    "aws_lambda_powertools/logging/logger.py",
    "aws_lambda_powertools-3.37.0.dist-info/licenses/LICENSE",
    "jmespath-1.1.0.data/scripts/jp.py",
    "pydantic/main.py",
    "pydantic_core/_pydantic_core.cpython-311-aarch64-linux-gnu.so",
    "rpds_py-2026.9.1.dist-info/METADATA",
    "typing_extensions.py",
]


def test_what_lambda_needs_is_allowed() -> None:
    assert surplus(NEEDED) == []


@pytest.mark.parametrize(
    "name",
    [
        "jobhook/server/clock.py",
        "tests/conftest.py",
        "boto3/session.py",
        "botocore/data/events/2015-10-07/service-2.json.gz",
        "chalicelib/aws/__pycache__/tables.cpython-311.pyc",
        "chalicelib/notes.txt",
        ".env",
        "infra/build.py",
        "pydantic/main.pyc",
        "statemachines/execution.asl.json",
    ],
)
def test_anything_else_is_surplus(name: str) -> None:
    assert surplus([*NEEDED, name]) == [name]
