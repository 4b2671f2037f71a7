"""Names, guids and execution ids."""

import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.identities import ExecutionKey, is_name, job_guid

NAMES = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)
KEYS = st.builds(
    ExecutionKey,
    st.uuids().map(str),
    st.from_regex(r"[0-9a-z]{12}", fullmatch=True),
    st.integers(min_value=0, max_value=253_402_300_799_999),
)


@pytest.mark.parametrize("name", ["a", "0", "a-b", "nightly-report-2", "a" * 64, "1-2-3"])
def test_a_name(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name", ["", "-", "a-", "-a", "a--b", "A", "a_b", "a.b", "a b", "a/b", "ä", "٣", "a\n", "a" * 65, "a\x00"]
)
def test_no_name(name: str) -> None:
    assert not is_name(name)


@given(NAMES, NAMES)
def test_a_guid_is_the_originals_uuid5(service: str, job: str) -> None:
    digest = hashlib.sha1(uuid.NAMESPACE_URL.bytes + f"{service}--{job}".encode()).digest()
    assert job_guid(service, job) == str(uuid.UUID(bytes=digest[:16], version=5))


def test_a_guid_that_the_original_gave() -> None:
    assert job_guid("reports", "nightly") == "3f39591f-af52-52cc-b0f3-a10137f4268f"


@given(NAMES, NAMES, NAMES, NAMES)
def test_no_two_jobs_share_a_guid(service: str, job: str, other_service: str, other_job: str) -> None:
    same = (service, job) == (other_service, other_job)
    assert (job_guid(service, job) == job_guid(other_service, other_job)) == same


@given(KEYS)
def test_an_id_holds_its_key(key: ExecutionKey) -> None:
    assert ExecutionKey.parse(key.id) == key
    assert len(key.id) <= 80


@given(st.text(max_size=100))
def test_any_text_is_an_id_only_as_we_write_it(text: str) -> None:
    key = ExecutionKey.parse(text)
    assert key is None or key.id == text


@pytest.mark.parametrize("time", ["007", "-1", "1e3", "٣", "1" * 16, " 1", "1\n"])
def test_a_time_in_an_id_has_one_spelling(time: str) -> None:
    assert ExecutionKey.parse(f"00000000-0000-5000-8000-000000000000_i00000000001_{time}") is None
