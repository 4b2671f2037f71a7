"""Ten crontabs, imported and applied: the server is going to run what a cron library says of each entry."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, islice
from pathlib import Path

import pytest
from cronsim import CronSim

from jobhook import Client
from tests.cli.conftest import Cli
from tests.cli.crontab.test_samples import SAMPLES, TIMES, imported

SETTLED = timedelta(seconds=15)
"""Later than now: on AWS a job takes part some seconds after its change, and this test takes some as well."""
LEAP_DAYS = 40
"""Of a time that there is every four years: what there is of it until 2199, when AWS's calendar ends."""


def upcoming(client: Client, names: Iterable[str]) -> Iterator[datetime]:
    """When the server is going to run any of these jobs, each time once."""
    found = {
        one["scheduled_time_ms"]
        for name in names
        for one in islice(client.list_upcoming("web", name, page_size=200), TIMES + 10)
    }
    return (datetime.fromtimestamp(time_ms / 1_000, UTC) for time_ms in sorted(found))


def later_than(moment: datetime, times: Iterable[datetime]) -> Iterator[datetime]:
    return dropwhile(lambda time: time <= moment, times)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_server_runs_them_when_a_cron_library_says(
    connected: Cli, client: Client, tmp_path: Path, sample: Path
) -> None:
    began = datetime.now(UTC)
    file = tmp_path / "jobs.yaml"
    arguments = ("--service", "web", "--target", "http://localhost:9000/{job}")
    file.write_text(connected("import", "crontab", str(sample), *arguments).stdout)
    entries = imported(sample)
    count = sum(map(len, entries.values()))
    assert connected("apply", "-f", str(file)).stdout.endswith(f"Applied: {count} created.\n")
    for times, jobs in entries.items():
        ours = list(upcoming(client, (job.name for job in jobs)))
        after = datetime.now(UTC) + SETTLED
        expected = TIMES if "29 2" not in times else LEAP_DAYS
        following = list(islice(later_than(after, ours), expected))
        assert following == list(islice(later_than(after, CronSim(times, began)), expected)), times
        assert len(following) == expected, times
