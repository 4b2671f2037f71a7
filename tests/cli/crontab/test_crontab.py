"""Crontab entries in AWS's grammar, names for jobs, and lines that are odd."""

import re
from itertools import islice
from pathlib import Path

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import given
from hypothesis import strategies as st

from jobhook.cli.crontab.crontab import ImportedJob, import_crontab
from jobhook.cli.crontab.expressions import convert
from jobhook.cli.crontab.fields import FieldRefused
from jobhook.cli.crontab.job_names import job_name
from jobhook.cli.crontab.lines import Entry, has_user_column
from jobhook.cli.files.job_file import read_job_file
from tests.cli.conftest import Cli
from tests.cli.crontab.test_samples import START, START_MS, due


@pytest.mark.parametrize(
    ("times", "expression"),
    [
        ("* * * * *", "cron(* * * * ? *)"),
        ("*/15 * * * *", "cron(0/15 * * * ? *)"),
        ("1-59/2 * * * *", "cron(1/2 * * * ? *)"),
        ("0,30 * * * *", "cron(0,30 * * * ? *)"),
        ("0 0 * * 0", "cron(0 0 ? * SUN *)"),
        ("0 0 * * 7", "cron(0 0 ? * SUN *)"),
        ("0 0 * * 1-5", "cron(0 0 ? * MON-FRI *)"),
        ("0 0 * * */2", "cron(0 0 ? * SUN,TUE,THU,SAT *)"),
        ("0 0 * * 0-7", "cron(0 0 * * ? *)"),
        ("0 0 1-31 * 1", "cron(0 0 * * ? *)"),
        ("0 0 */1 * 1", "cron(0 0 ? * MON *)"),
        ("0 0 1-3,10,20-21 JAN *", "cron(0 0 1-3,10,20,21 1 ? *)"),
        ("@weekly", "cron(0 0 ? * SUN *)"),
        ("@Midnight", "cron(0 0 * * ? *)"),
    ],
)
def test_times_are_written_as_aws_does(times: str, expression: str) -> None:
    assert convert(times).expressions == (expression,)


@pytest.mark.parametrize(
    "times",
    [
        *("@reboot", "@every", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *"),
        *("5-1 * * * *", "a * * * *", "* * L * *", "* * * * 5#2", "1, * * * *", "*-5 * * * *", "0 0 */2 * 1"),
        *("0 0 1 * */3", "٣ * * * *"),
    ],
)
def test_what_cannot_be_said_is_refused(times: str) -> None:
    with pytest.raises(FieldRefused):
        convert(times)


def values(low: int, high: int, names: list[str] | None = None) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    single = number.map(str) if names is None else number.map(str) | st.sampled_from(names)
    # The library takes a stepped range of one value, such as 1-1/2, for one to the end.
    spans = st.tuples(number, number).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: f"{pair[0]}-{pair[1]}")
    stepped = st.tuples(spans | st.just("*"), st.integers(1, high)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    return st.just("*") | st.lists(single | spans | stepped, min_size=1, max_size=3).map(",".join)


ENTRIES = st.tuples(
    values(0, 59), values(0, 23), values(1, 28), values(1, 12, ["jan", "DEC"]), values(0, 7, ["sun", "Sat"])
).map(" ".join)


@given(ENTRIES)
def test_any_entry_comes_due_as_a_cron_library_says_or_is_refused(times: str) -> None:
    try:
        library = CronSim(times, START)
    except CronSimError:
        return  # this library is stricter than cron in a few ways
    try:
        jobs = [
            ImportedJob("a", schedule, "", Entry(1, "", times, None, "")) for schedule in convert(times).expressions
        ]
    except FieldRefused as refused:
        if "match both day fields" not in str(refused):
            raise
        return
    assert list(islice(due(jobs), 20)) == list(islice(library, 20))


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/lib/php/sessionclean", "sessionclean"),
        ("[ -x /usr/bin/x ] && if [ ! -d /run ]; then /opt/do_it.sh; fi", "do-it"),
        ("test -e /run || MODE=1 /sbin/e2scrub_all -A -r", "e2scrub-all"),
        ("cd / && run-parts --report /etc/cron.hourly", "cron-hourly"),
        ("command -v sa1 > /dev/null && sa1 1 1", "sa1"),
        ("python3 -u /opt/Billing/Invoices.py --all", "invoices"),
        ("sleep 5; (cd /srv && ./backup.sh) >/dev/null 2>&1", "backup"),
        ("env A=1 nice -n 10 /opt/x", "x"),
        ("timeout 10m /opt/x", "x"),
        ("[ -x /a ]", None),
        ("", None),
        ("«»", None),
        ("/opt/" + "long" * 40, ("long" * 40)[:56]),
    ],
)
def test_a_job_is_named_by_the_program_that_does_the_work(command: str, name: str | None) -> None:
    assert job_name(command) == name


def test_names_are_unique_and_there_is_always_one() -> None:
    text = "0 1 * * * /opt/a\n0 2 * * * /opt/a\n0 3 * * * «»\n0 0 1 * 1 /opt/a\n0 0 2 * 2 /opt/a\n"
    names = [job.name for job in import_crontab(text, user_column=False).jobs]
    assert names == ["a", "a-2", "line-3", "a-by-day", "a-by-weekday", "a-by-day-2", "a-by-weekday-2"]


@pytest.mark.parametrize(
    ("path", "text", "has"),
    [
        ("/etc/crontab", "0 0 * * * backup /x", True),
        ("/srv/copy/cron.d/x", "0 0 * * * backup /x", True),
        ("/tmp/x", "0 0 * * * root /x", True),
        ("/tmp/x", "0 0 * * * /x --as root", False),
        ("/tmp/x", "@daily root /x", True),
        ("-", "0 0 * * * /x", False),
    ],
)
def test_a_user_column_is_told_from_the_path_or_from_roots_entries(path: str, text: str, has: bool) -> None:
    assert has_user_column(path, text) is has


def test_the_flag_decides_over_what_was_told(cli: Cli) -> None:
    options = ("--service", "web", "--target", "http://localhost:9000/")
    result = cli("import", "crontab", "-", *options, "--user-column", stdin="0 0 * * * backup /opt/x\n")
    assert "the user column (backup)" in result.stderr
    assert "payload: /opt/x" in result.stdout
    kept = cli("import", "crontab", "-", *options, stdin="0 0 * * * backup /opt/x\n")
    assert "payload: backup /opt/x" in kept.stdout


@pytest.mark.parametrize("break_", ["\r", "\x85", "\u2028", "\x0b", "\x1b[2J"])
def test_nothing_in_a_line_gets_out_of_its_comment(cli: Cli, break_: str) -> None:
    options = ("--service", "web", "--target", "http://localhost:9000/")
    shown = cli("import", "crontab", "-", *options, stdin=f"0 0 * * * /opt/x a{break_}evil: true\n").stdout
    (job,) = read_job_file(shown, START_MS).jobs
    assert set(job.body) == {"schedule", "invocation_target", "ttl_seconds", "payload"}
    assert "\x1b" not in shown.replace("\\x1b", "").replace("\\e", "")


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC"])
def test_a_zone_that_is_utc_needs_no_shifting(zone: str) -> None:
    (warning,) = import_crontab(f"CRON_TZ={zone}\n", user_column=False).warnings
    assert "UTC anyway" in warning


def test_a_crontab_without_entries_is_a_file_without_jobs(cli: Cli) -> None:
    shown = cli("import", "crontab", "-", "--service", "web", "--target", "http://x/", stdin="# nothing\n").stdout
    assert shown.endswith("jobs: {}\n")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--service", "Web"), "service_name"),
        (("--target", "nowhere"), "invocation_target"),
        (("--ttl", "0"), "ttl_seconds"),
    ],
)
def test_what_jobhook_would_refuse_is_said_at_once(cli: Cli, options: tuple[str, str], problem: str) -> None:
    given = {"--service": "web", "--target": "http://localhost:9000/", "--ttl": "60", options[0]: options[1]}
    arguments = [text for pair in given.items() for text in pair]
    result = cli("import", "crontab", "-", *arguments, exit_code=2, stdin="0 0 * * * /opt/x\n")
    assert problem in result.stderr
    assert result.stdout == ""


def test_a_missing_file_exits_2(cli: Cli, tmp_path: Path) -> None:
    missing = str(tmp_path / "crontab")
    result = cli("import", "crontab", missing, "--service", "a", "--target", "http://x/", exit_code=2)
    assert re.search(rf"{missing} cannot be read", result.stderr)
