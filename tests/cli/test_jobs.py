"""`jobhook job` and `jobhook service`."""

import json
from pathlib import Path

import pytest

from jobhook import Client, NotFound
from jobhook.cli.output.printing import moment
from tests.cli.conftest import Cli, document
from tests.e2e.service import Service

PUT = ("--schedule", "cron(0 6 * * ? *)", "--target", "http://localhost:9000/", "--ttl", "600")


def test_put_stores_a_job_and_says_what_it_means(connected: Cli, client: Client) -> None:
    shown = connected("job", "put", "reports", "nightly", *PUT, "--payload", "to: team", "--exclusive").stdout
    assert "Stored reports/nightly (version 1)." in shown
    assert "at 06:00 every day, UTC" in shown
    job = client.get_job("reports", "nightly")
    assert (job["payload"], job["exclusive"], job["enabled"], job["ttl_seconds"]) == ("to: team", True, True, 600)


def test_put_takes_a_file_and_flags_over_it(connected: Cli, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "nightly.yaml"
    file.write_text(
        "schedule: rate(1 hour)\ninvocation_target: http://localhost:9000/\nttl_seconds: 60\npayload: |\n  a\n  b\n"
    )
    connected("job", "put", "reports", "nightly", "--file", str(file), "--ttl", "90", "--disabled")
    job = client.get_job("reports", "nightly")
    assert (job["schedule"], job["ttl_seconds"], job["payload"], job["enabled"]) == (
        "rate(1 hour)",
        90,
        "a\nb\n",
        False,
    )


def test_put_takes_a_payload_from_a_file_and_a_job_from_standard_input(
    connected: Cli, client: Client, tmp_path: Path
) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text('{"region": "eu"}')
    body = json.dumps({"schedule": "rate(1 hour)", "invocation_target": "http://localhost:9000/", "ttl_seconds": 60})
    connected("job", "put", "reports", "nightly", "--file", "-", "--payload", f"@{payload}", stdin=body)
    assert client.get_job("reports", "nightly")["payload"] == '{"region": "eu"}'


def test_a_refused_job_lists_every_problem_and_what_to_do(connected: Cli) -> None:
    put = ("job", "put", "reports", "nightly", "--schedule", "hourly", "--target", "nowhere")
    result = connected(*put, exit_code=1)
    for field in ("schedule", "invocation_target", "ttl_seconds: is required"):
        assert field in result.stderr
    assert "jobhook schedule explain" in result.stderr
    assert result.stdout == ""
    refusal = json.loads(connected(*put, "--json", exit_code=1).stderr)
    assert (refusal["code"], refusal["status"], len(refusal["errors"])) == ("InvalidJob", 400, 3)


def test_a_schedule_is_given_once_for_each(connected: Cli, client: Client) -> None:
    noon = "cron(0 12 ? * SAT *)"
    shown = connected("job", "put", "reports", "nightly", *PUT, "--schedule", noon, "--tag", "a", "--tag", "b").stdout
    assert f"cron(0 6 * * ? *), {noon}" in shown
    assert "at 06:00 every day, UTC; at 12:00 every Saturday, UTC" in shown
    stored = client.get_job("reports", "nightly")
    assert (stored["schedules"], stored["tags"]) == (["cron(0 6 * * ? *)", noon], ["a", "b"])
    assert f"cron(0 6 * * ? *), {noon}" in connected("job", "list").stdout
    connected("job", "patch", "reports", "nightly", "--schedule", noon)
    assert client.get_job("reports", "nightly")["schedules"] == [noon]
    connected("job", "patch", "reports", "nightly", "--schedule", "rate(1 hour)", "--schedule", noon)
    assert client.get_job("reports", "nightly")["schedules"] == ["rate(1 hour)", noon]


def test_schedules_of_options_take_the_place_of_a_files(connected: Cli, client: Client) -> None:
    body = {"schedules": ["rate(1 hour)", "rate(2 hours)"], "invocation_target": "http://x.test/", "ttl_seconds": 60}
    put = ("job", "put", "reports", "nightly", "--file", "-", "--dry-run", "--json")
    planned = document(connected(*put, "--schedule", "rate(1 day)", stdin=json.dumps(body)))
    assert planned["job"]["schedules"] == ["rate(1 day)"]


def test_schemas_are_read_from_files(connected: Cli, client: Client, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    state = tmp_path / "state.yaml"
    state.write_text("type: integer\n")
    options = ("--response-schema", str(schema), "--state-schema", str(state))
    assert 'response schema  {"type": "object"}' in connected("job", "put", "reports", "nightly", *PUT, *options).stdout
    stored = client.get_job("reports", "nightly")
    assert (stored["response_schema"], stored["state_schema"]) == ({"type": "object"}, {"type": "integer"})
    schema.write_text("[]")
    refused = connected("job", "patch", "reports", "nightly", *options, exit_code=2).stderr
    assert "must hold one mapping: a JSON Schema" in refused


@pytest.mark.parametrize(
    ("times", "meant"),
    [
        ("0 6 * * *", "--schedule 'cron(0 6 * * ? *)'"),
        ("@daily", "--schedule 'cron(0 0 * * ? *)'"),
        ("0 0 1 * 1", "--schedule 'cron(0 0 1 * ? *)' --schedule 'cron(0 0 ? * MON *)'"),
    ],
)
def test_a_crontabs_times_are_answered_with_what_they_mean_here(cli: Cli, times: str, meant: str) -> None:
    put = ("job", "put", "reports", "nightly", "--target", "http://x.test/", "--ttl", "60", "--schedule")
    assert cli(*put, times, exit_code=2).stderr.endswith(f"it is {meant}\n")


def test_what_is_missing_is_answered_with_where_an_example_is(connected: Cli) -> None:
    said = connected("job", "put", "reports", "nightly", exit_code=1).stderr
    assert said.endswith("`jobhook job put --help` has an example with all that a job needs.\n")


def test_a_target_that_is_not_allowed_is_answered_with_what_decides_that(connected: Cli) -> None:
    put = ("job", "put", "reports", "nightly", "--schedule", "rate(1 day)", "--ttl", "60", "--target")
    said = connected(*put, "http://169.254.169.254/latest/", exit_code=1).stderr
    assert "link-local" in said
    assert "--target-networks" in said


def test_a_file_of_many_jobs_is_told_from_one_of_a_job(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "jobs.yaml"
    file.write_text("service: reports\njobs: {}\n")
    said = cli("job", "put", "reports", "nightly", "--file", str(file), exit_code=2).stderr
    assert f"`jobhook apply -f {file}` takes it" in said


def test_list_asks_the_server_for_the_next_time_of_a_rate(connected: Cli, client: Client) -> None:
    put = ("job", "put", "reports")
    rest = ("--target", "http://localhost:9000/", "--ttl", "60", "--schedule", "rate(1 hour)")
    connected(*put, "hourly", *rest)
    connected(*put, "later", *rest, "--start-at", "3h")
    (row,) = client.list_schedules()["results"]
    hourly, later = connected("job", "list").stdout.splitlines()[1:]
    following = ("" if row["exact"] else "about ") + (moment(row["next_time_ms"]) or "")
    assert f"rate(1 hour)  {following}  http" in hourly
    assert later.split()[2:] == ["rate(1", "hour)", "http://localhost:9000/"]


def test_list_shows_the_next_time_of_each_job(connected: Cli) -> None:
    connected("job", "put", "reports", "nightly", *PUT)
    connected("job", "put", "billing", "invoices", *PUT, "--disabled")
    lines = connected("job", "list").stdout.splitlines()
    assert lines[0].split() == ["SERVICE", "JOB", "SCHEDULE", "NEXT", "(UTC)", "TARGET"]
    assert lines[1].startswith("billing  invoices")
    assert "disabled" in lines[1]
    assert "06:00:00" in lines[2]
    assert len(connected("job", "list", "reports").stdout.splitlines()) == 2


def test_a_listing_holds_no_colours_and_cuts_nothing_in_a_pipe(connected: Cli) -> None:
    target = f"http://localhost:9000/{'long/' * 100}"
    connected("job", "put", "reports", "nightly", *PUT, "--target", target)
    shown = connected("job", "list").stdout
    assert target in shown
    assert "\x1b" not in shown
    assert all(line == line.rstrip() for line in shown.splitlines())


def test_an_empty_listing_says_what_to_do(connected: Cli) -> None:
    assert "jobhook job put --help" in connected("job", "list").stdout
    assert document(connected("job", "list", "--json")) == []
    assert "No service" in connected("service", "list").stdout


def test_json_is_what_the_api_answers(connected: Cli, client: Client) -> None:
    put = document(connected("job", "put", "reports", "nightly", *PUT, "--json"))
    assert (
        put == client.get_job("reports", "nightly") == document(connected("job", "get", "reports", "nightly", "--json"))
    )
    assert document(connected("job", "list", "--json")) == list(client.list_jobs())
    assert document(connected("service", "list", "--json")) == [{"service_name": "reports", "jobs": 1}]


def test_get_shows_a_job(connected: Cli) -> None:
    connected("job", "put", "reports", "nightly", *PUT, "--payload", "first\nsecond")
    shown = connected("job", "get", "reports", "nightly").stdout
    assert "at 06:00 every day, UTC" in shown
    assert "payload        first\n               second" in shown


def test_delete_removes_a_job(connected: Cli, client: Client) -> None:
    connected("job", "put", "reports", "nightly", *PUT)
    assert connected("job", "delete", "reports", "nightly").stdout == "Removed reports/nightly.\n"
    with pytest.raises(NotFound):
        client.get_job("reports", "nightly")


@pytest.mark.parametrize("command", [["get"], ["delete"], ["history"]])
def test_what_is_not_there_exits_3_and_says_where_to_look(connected: Cli, command: list[str]) -> None:
    result = connected("job", *command, "reports", "nightly", exit_code=3)
    assert "service 'reports' has no job 'nightly'" in result.stderr
    assert "jobhook job list" in result.stderr


@pytest.mark.parametrize(
    ("service", "job", "meant"),
    [
        ("reports", "nightyl", "Did you mean reports/nightly?"),
        ("report", "nightly", "Did you mean reports/nightly?"),
        ("reports", "invoices", ""),
    ],
)
def test_a_mistyped_name_brings_up_those_like_it(connected: Cli, service: str, job: str, meant: str) -> None:
    connected("job", "put", "reports", "nightly", *PUT)
    said = connected("job", "run", service, job, exit_code=3).stderr
    assert meant in said
    assert ("Did you mean" in said) == bool(meant)


@pytest.mark.parametrize(
    ("service", "advice"), [("reprots", "Did you mean reports?"), ("billing", "`jobhook service list` shows")]
)
def test_a_service_that_has_no_jobs_is_said_with_those_that_have(connected: Cli, service: str, advice: str) -> None:
    connected("job", "put", "reports", "nightly", *PUT)
    for command in (("job", "list"), ("execution", "list"), ("export",), ("stats", "--service")):
        said = connected(*command, service).stderr
        assert said.startswith(f"Service {service} has no jobs. {advice}")
    assert connected("job", "list", service, "--json").stderr == ""
    assert connected("stats", "--service", "reports", "--until", "9000d").stderr == ""


@pytest.mark.parametrize("command", [["job", "get"], ["job", "run"], ["execution", "list"], ["job", "changes"]])
def test_a_job_named_in_one_word_is_answered_with_the_two(cli: Cli, command: list[str]) -> None:
    said = cli(*command, "reports/nightly", exit_code=2).stderr
    assert "as two words: reports nightly" in said


def test_a_mistyped_field_brings_up_the_one_like_it(connected: Cli) -> None:
    connected("job", "put", "reports", "nightly", *PUT)
    refused = connected("job", "patch", "reports", "nightly", "--file", "-", exit_code=1, stdin="ttl: 5\n").stderr
    assert "  ttl: is not a known field; did you mean `ttl_seconds`?\n" in refused


def test_of_a_single_time_nothing_is_said_but_that_jobs_do_not_take_it(connected: Cli) -> None:
    put = ("job", "put", "reports", "nightly", "--target", "http://x.test/", "--ttl", "60", "--schedule")
    assert "not supported for jobs yet" in connected(*put, "at(tomorrow)", exit_code=1).stderr
    assert "at(...)" not in connected(*put, "every day", exit_code=1).stderr


def test_a_pause_says_what_it_changed(connected: Cli) -> None:
    connected("job", "put", "reports", "nightly", *PUT)
    pause, resume = ("job", "pause", "reports", "nightly", "--reason"), ("job", "resume", "reports", "nightly")
    assert connected(*resume).stdout.startswith("Nothing changed: reports/nightly was not paused.\n")
    assert connected(*pause, "moving").stdout.startswith("Paused reports/nightly until it is resumed: moving\n")
    assert connected(*pause, "moving").stdout.startswith("Nothing changed: reports/nightly was paused already, until ")
    again = connected(*pause, "incident").stdout
    assert again.startswith("reports/nightly was paused already, until it is resumed: moving\nNow it is until it is ")
    assert connected(*resume).stdout.startswith("reports/nightly is not paused any more.\n")


def test_nobody_there_exits_4_and_says_what_to_do(cli: Cli) -> None:
    result = cli("job", "list", "--url", "http://127.0.0.1:9", exit_code=4)
    assert "http://127.0.0.1:9" in result.stderr
    assert "jobhook serve" in result.stderr
    assert json.loads(cli("job", "delete", "a", "b", "--url", "http://127.0.0.1:9", "--json", exit_code=4).stderr)[
        "code"
    ]


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://localhost/", "http://[::1"])
def test_a_url_that_is_none_exits_2(cli: Cli, url: str) -> None:
    assert "URL" in cli("job", "list", "--url", url, exit_code=2).stderr


def test_another_server_at_the_url_says_how_to_see_which_url_is_used(cli: Cli, owner: Service) -> None:
    said = cli("job", "list", "--url", owner.url, exit_code=1).stderr
    assert "not Jobhook's" in said
    assert "jobhook config show" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("--file", "missing.yaml"),
        ("--file", "{tmp}/twice.yaml"),
        ("--file", "{tmp}/list.yaml"),
        ("--file", "{tmp}/bytes.yaml"),
        (*PUT, "--payload", "@missing"),
    ],
)
def test_a_file_that_cannot_be_used_exits_2(connected: Cli, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "twice.yaml").write_text("a: 1\na: 2\n")
    (tmp_path / "list.yaml").write_text("- a\n")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    named = [argument.replace("{tmp}", str(tmp_path)) for argument in arguments]
    result = connected("job", "put", "reports", "nightly", *named, exit_code=2)
    assert named[-1].removeprefix("@") in result.stderr
    assert "Traceback" not in result.stderr


def test_every_command_has_help(cli: Cli) -> None:
    for command in ("list", "get", "put", "delete", "history", "apply"):
        shown = cli("job", command, "--help").stdout
        assert "Examples:\n  " in shown
        assert "--url" in shown
