"""Ten crontabs as machines have them: the jobs come due exactly when cron libraries say that the entries do."""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path

import pytest
from croniter import croniter
from cronsim import CronSim

from jobhook.cli.crontab.crontab import ImportedJob, import_crontab
from jobhook.cli.crontab.expressions import WORDS
from jobhook.cli.crontab.lines import has_user_column
from jobhook.cli.files.job_file import read_job_file
from jobhook.core.schedules.expression import parse
from tests.cli.conftest import Cli

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.crontab"))
START = datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)
START_MS = int(START.timestamp() * 1_000)
END_MS = int(datetime(2190, 1, 1, tzinfo=UTC).timestamp() * 1_000)
TIMES = 100


def imported(sample: Path) -> dict[str, list[ImportedJob]]:
    """The jobs of each entry, by the entry's five fields."""
    text = sample.read_text()
    jobs: dict[str, list[ImportedJob]] = defaultdict(list)
    for job in import_crontab(text, user_column=has_user_column(str(sample), text)).jobs:
        jobs[WORDS.get(job.entry.times, job.entry.times)].append(job)
    return jobs


def due(jobs: list[ImportedJob]) -> Iterator[datetime]:
    """When any of the jobs comes due."""
    times = heapq.merge(*(parse(job.schedule).occurrences(START_MS, END_MS) for job in jobs))
    return (datetime.fromtimestamp(time / 1_000, UTC) for time, _ in groupby(times))


def test_there_are_ten() -> None:
    assert len(SAMPLES) == 10


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_jobs_come_due_when_two_cron_libraries_say(sample: Path) -> None:
    entries = imported(sample)
    assert entries
    for times, jobs in entries.items():
        ours = list(islice(due(jobs), TIMES if "29 2" not in times else 10))
        assert ours == list(islice(CronSim(times, START), len(ours))), times
        library = croniter(times, START, max_years_between_matches=10)
        assert ours == [library.get_next(datetime) for _ in ours], times


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_what_is_printed_can_be_applied(cli: Cli, sample: Path) -> None:
    result = cli("import", "crontab", str(sample), "--service", "web", "--target", "http://localhost:9000/{job}")
    file = read_job_file(result.stdout, START_MS)
    assert {job.name for job in file.jobs} == {job.name for jobs in imported(sample).values() for job in jobs}
    assert all(job.body["invocation_target"] == f"http://localhost:9000/{job.name}" for job in file.jobs)
    assert result.stderr.startswith("Times are taken as UTC")


def test_the_systems_crontab_becomes_jobs_named_by_what_they_run() -> None:
    system = imported(SAMPLES[[path.stem for path in SAMPLES].index("system")])
    assert [(job.name, job.schedule) for jobs in system.values() for job in jobs] == [
        ("cron-hourly", "cron(17 * * * ? *)"),
        ("cron-daily", "cron(25 6 * * ? *)"),
        ("cron-weekly", "cron(47 6 ? * SUN *)"),
        ("cron-monthly", "cron(52 6 1 * ? *)"),
    ]


def test_a_persons_crontab_is_kept_or_warned_of_line_by_line(cli: Cli) -> None:
    (person,) = [sample for sample in SAMPLES if sample.stem == "person"]
    result = cli("import", "crontab", str(person), "--service", "web", "--target", "http://localhost:9000/")
    warned = {line.partition(":")[0]: line for line in result.stderr.splitlines()[1:]}
    assert set(warned) == {f"line {number}" for number in (2, 3, 7, 10, 11, 17, 18, 19, 20, 21)}
    assert "the environment is the service's own" in warned["line 2"]
    assert "Europe/Berlin" in warned["line 3"]
    assert "@reboot" in warned["line 7"]
    assert "two jobs" in warned["line 10"]
    assert "match both day fields" in warned["line 11"]
    assert "standard input" in warned["line 17"]
    assert "never comes due" in warned["line 18"]
    assert "backwards" in warned["line 19"]
    assert "random" in warned["line 20"]
    assert "not a crontab line" in warned["line 21"]
    names = [job.name for job in read_job_file(result.stdout, START_MS).jobs]
    assert names[:3] == ["rotate", "collect", "invoices"]
    assert {"run-either-by-day", "run-either-by-weekday"} < set(names)
    assert "  # line 9: 5 4 * * sun       /opt/reports/bin/weekly\n  weekly:\n" in result.stdout
