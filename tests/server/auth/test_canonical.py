"""Which canonical texts may stand for a path and a query, and that no two meanings share one."""

from urllib.parse import parse_qsl

import pytest
from botocore.auth import SigV4Auth
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from jobhook.server.auth.canonical import canonical_requests
from jobhook.server.auth.refusal import SignatureRefused
from jobhook.server.auth.request import SignedRequest

SIGNER = SigV4Auth(ReadOnlyCredentials("KEY", "SECRET", None), "execute-api", "us-east-1")


def forms(target: str) -> list[tuple[str, str]]:
    """The (path, query) of each canonical request of a GET of `target`."""
    request = SignedRequest.of_target("GET", target, [("Host", "h")])
    texts = canonical_requests(SIGNER, request, ("host",), "hash")
    return [(text.split("\n")[1], text.split("\n")[2]) for text in texts]


def test_a_usual_request_has_one_form() -> None:
    assert forms("/services/a/jobs/b?cursor=a%2Bb%3D%3D&limit=5") == [
        ("/services/a/jobs/b", "cursor=a%2Bb%3D%3D&limit=5")
    ]


def test_newer_curls_escape_what_is_raw_in_a_query() -> None:
    assert ("/jobs", "cursor=a%3A%2F&since=%C3%A4") in forms("/jobs?since=%c3%a4&cursor=a:/")


def test_a_raw_plus_is_a_space_and_never_an_escaped_plus() -> None:
    assert forms("/jobs?a=b+c") == [("/jobs", "a=b+c"), ("/jobs", "a=b%20c")]


@pytest.mark.parametrize(
    "target", ["", "jobs", "*", "http://h/", "/a b", "/a%2", "/a#b", "/ä", "/a?b c", "/?\udcff", "/\n"]
)
def test_what_cannot_stand_on_the_wire_is_refused(target: str) -> None:
    with pytest.raises(SignatureRefused):
        forms(target)


PIECES = st.sampled_from(
    ["a", "/", "%25", "%20", "%2F", "%2f", "%40", "@", "%2540", "%C3%A4", "%c3%a4", "+", "%2B", "20"]
)
PATHS = st.lists(PIECES, max_size=5).map(lambda pieces: "/" + "".join(pieces))
QUERY_PIECES = st.sampled_from(
    ["a", "&", "=", "%26", "%3D", "%25", "+", "%2B", "%2b", "%20", "%", "2B", ":", "%3A", "?"]
)
QUERIES = st.lists(QUERY_PIECES, max_size=5).map("".join)


def meaning(query: str) -> list[tuple[str, str]]:
    return sorted(pair for pair in parse_qsl(query, keep_blank_values=True) if pair != ("", ""))


@given(PATHS, PATHS)
def test_two_paths_never_share_a_form(one: str, other: str) -> None:
    if one != other:
        assert not {path for path, _ in forms(one)} & {path for path, _ in forms(other)}


def test_a_path_that_is_anothers_escaped_form_is_only_offered_escaped_again() -> None:
    assert forms("/a%20b") == [("/a%2520b", ""), ("/a%20b", "")]
    assert forms("/a%2520b") == [("/a%252520b", "")]


@given(QUERIES, QUERIES)
def test_queries_that_share_a_form_mean_the_same(one: str, other: str) -> None:
    if {query for _, query in forms("/?" + one)} & {query for _, query in forms("/?" + other)}:
        assert meaning(one) == meaning(other)


@given(QUERIES)
def test_swapping_an_escape_for_its_character_changes_form_or_keeps_the_meaning(query: str) -> None:
    for escape, raw in (("%2B", "+"), ("%26", "&"), ("%3D", "="), ("%25", "%"), ("%20", "+"), ("%3A", ":")):
        other = query.replace(escape, raw)
        if {form for _, form in forms("/?" + query)} & {form for _, form in forms("/?" + other)}:
            assert meaning(query) == meaning(other)
