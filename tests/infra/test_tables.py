import pytest

from chalicelib.aws.tables import EXPIRES, INDEXES
from infra.tables import TABLES
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


def test_what_is_over_expires_and_jobs_do_not() -> None:
    expiring = {"AttributeName": EXPIRES, "Enabled": True}
    assert properties("ExecutionsTable")["TimeToLiveSpecification"] == expiring
    assert properties("SchedulesTable")["TimeToLiveSpecification"] == expiring
    assert "TimeToLiveSpecification" not in properties("JobsTable")
