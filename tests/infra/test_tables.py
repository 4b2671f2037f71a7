import pytest

from chalicelib.dynamodb import jobs
from chalicelib.dynamodb.operations import Put
from chalicelib.dynamodb.tables import EXPIRES, INDEXES
from infra.template.tables import TABLES
from jobhook.core.executions.writes import PutJob, SaveLastSuccess, TakeLock
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import JobSettings, LastSuccess, new_job
from tests.infra.reading import items, properties, resources


@pytest.mark.parametrize("role", TABLES)
def test_a_table_has_the_indexes_that_the_code_reads(role: str) -> None:
    made = items(properties(TABLES[role]), "GlobalSecondaryIndexes")
    assert [index["IndexName"] for index in made] == [index.name for index in INDEXES[role]]


@pytest.mark.parametrize("table", TABLES.values())
def test_a_table_is_kept_safe(table: str) -> None:
    made = properties(table)
    assert made["BillingMode"] == "PAY_PER_REQUEST"
    assert made["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert made["SSESpecification"] == {"SSEEnabled": True}
    assert made["DeletionProtectionEnabled"] is True
    assert (resources()[table]["DeletionPolicy"], resources()[table]["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("table", TABLES.values())
def test_what_is_over_expires(table: str) -> None:
    assert properties(table)["TimeToLiveSpecification"] == {"AttributeName": EXPIRES, "Enabled": True}


def test_jobs_and_what_is_kept_beside_them_never_expire() -> None:
    job = new_job("reports", "nightly", JobSettings("https://a.example", "rate(1 hour)", 60, 300), "one", 1)
    key = ExecutionKey(job.guid, "one", 60_000)
    success = LastSuccess(key.id, key.scheduled_time_ms, 60_001, None, None)
    kept = [
        *jobs.put_job(PutJob(job, None), "jobs"),
        *jobs.put_job(PutJob(job, 1), "jobs"),
        *jobs.take_lock(TakeLock(key, 60_001), "jobs"),
        *jobs.save_last_success(SaveLastSuccess(job.guid, "one", success), "jobs"),
    ]
    puts = [operation for operation in kept if isinstance(operation, Put)]
    assert len(puts) == 7  # twice the job and its place at its schedule; its empty last success, and a real one; a lock
    assert not [put for put in puts if EXPIRES in put.item]
