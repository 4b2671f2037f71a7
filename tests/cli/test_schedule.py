"""`jobhook schedule explain`, as a person and as a script use it."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from jobhook.cli.main import app

AFTER = "2026-11-20T12:00:00Z"


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["schedule", "explain", *arguments])


def test_it_prints_the_meaning_and_the_next_ten_times() -> None:
    result = explain("cron(0 9 LW * ? *)", "--after", AFTER)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == ["cron(0 9 LW * ? *)", "means: at 09:00 on the last weekday of every month, UTC"]
    times = [line.split() for line in lines if line.startswith("  ")]
    assert times[:2] == [["2026-11-30T09:00:00Z", "Monday"], ["2026-12-31T09:00:00Z", "Thursday"]]
    assert len(times) == 10
    assert "ends" not in result.stdout


def test_json_is_exactly_the_documented_document() -> None:
    result = explain("cron(0 9 LW * ? *)", "--after", AFTER, "--count", "2", "--json")
    assert json.loads(result.stdout) == {
        "expression": "cron(0 9 LW * ? *)",
        "meaning": "at 09:00 on the last weekday of every month, UTC",
        "next": ["2026-11-30T09:00:00Z", "2026-12-31T09:00:00Z"],
    }


def test_a_finite_schedule_prints_fewer_and_says_that_it_ends() -> None:
    result = explain("cron(0 0 1 1 ? 2027-2029)", "--after", AFTER)
    assert len([line for line in result.stdout.splitlines() if line.startswith("  ")]) == 3
    assert "Then the schedule ends." in result.stdout


@pytest.mark.parametrize("expression", ["at(2020-01-01T00:00:00)", "cron(0 0 30 2 ? *)"])
def test_a_schedule_without_a_later_time_says_so(expression: str) -> None:
    result = explain(expression, "--after", AFTER)
    assert result.exit_code == 0
    assert f"It never fires after {AFTER}." in result.stdout
    assert json.loads(explain(expression, "--after", AFTER, "--json").stdout)["next"] == []


@pytest.mark.parametrize("expression", ["0 9 * * *", "0 9 1 * MON"])
def test_a_crontabs_times_are_explained_in_awss_grammar(expression: str) -> None:
    said = explain(expression).stderr
    assert "as AWS does, and in UTC, it is cron(0 9 " in said
    assert said.count("cron(0 9 ") == expression.count("1 * MON") + 1


def test_it_is_said_that_jobs_do_not_take_a_single_time() -> None:
    assert "Jobs do not take at(...) yet." in explain("at(2027-01-01T00:00:00)", "--after", AFTER).stdout
    assert "at(...)" not in explain("every day").stderr


def test_a_rate_counts_from_after_and_says_so() -> None:
    result = explain("rate(5 minutes)", "--after", "2026-11-20T12:00:07Z", "--count", "2")
    assert "as if it was created at 2026-11-20T12:00:07Z" in result.stdout
    assert "2026-11-20T12:05:07Z" in result.stdout
    assert "2026-11-20T12:10:07Z" in result.stdout


@pytest.mark.parametrize(
    "after",
    ["1795176000000", "2026-11-20T12:00:00Z", "2026-11-20t12:00:00.000z", "2026-11-20T14:30:00+02:30"],
)
def test_after_takes_rfc_3339_and_epoch_milliseconds(after: str) -> None:
    result = explain("rate(1 minute)", "--after", after, "--count", "1", "--json")
    assert json.loads(result.stdout)["next"] == ["2026-11-20T12:01:00Z"]


def test_milliseconds_are_kept_where_there_are_any() -> None:
    result = explain("rate(1 minute)", "--after", "2026-11-20T12:00:00.123Z", "--count", "1", "--json")
    assert json.loads(result.stdout)["next"] == ["2026-11-20T12:01:00.123Z"]


def test_without_after_the_times_are_in_the_future() -> None:
    result = explain("cron(* * * * ? *)", "--count", "1", "--json")
    first = datetime.fromisoformat(json.loads(result.stdout)["next"][0])
    assert 0 <= (first - datetime.now(UTC)).total_seconds() + 60 <= 121


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("cron(60 9 * * ? *)", "The minutes field must be 0 to 59, not '60'."),
        ("cron(0 9 * * * *)", "The day-of-week field must be ? because day-of-month is '*'"),
        ("rate(1 minutes)", "The rate's unit must be 'minute'"),
        ("\ud800", "The schedule expression must be"),
    ],
)
def test_a_bad_expression_exits_2_and_says_which_field_and_why(expression: str, sentence: str) -> None:
    result = explain(expression)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "after",
    [
        "yesterday",
        "",
        "2026-11-20",
        "2026-11-20T12:00:00",
        "2026-02-30T12:00:00Z",
        "2026-11-20T12:00:00+99:00",
        "0001-01-01T00:00:00+14:00",
        "2200-01-01T00:00:00Z",
        "9999999999999",
        "9" * 400,
        "-5",
        "2026-W47-5T12:00:00Z",
    ],
)
def test_a_bad_after_exits_2_and_names_it(after: str) -> None:
    result = explain("rate(1 minute)", f"--after={after}")
    assert result.exit_code == 2
    assert "--after" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("count", ["0", "-1", "many", "10001"])
def test_a_bad_count_exits_2_and_names_it(count: str) -> None:
    result = explain("rate(1 minute)", f"--count={count}")
    assert result.exit_code == 2
    assert "--count" in result.stderr


def test_the_command_does_not_import_the_server() -> None:
    heavy = {"aiohttp", "boto3", "botocore", "chalice", "httpx2", "pydantic", "rich", "sqlite3", "uvloop", "yaml"}
    check = f"import sys, jobhook.cli.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
