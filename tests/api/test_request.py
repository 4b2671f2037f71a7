"""A request target is parsed once, and a path has one spelling."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.api.errors import MalformedRequest
from jobhook.api.request import parse_target
from jobhook.api.routes import ROUTES, Router
from tests.api.client import ApiClient

MALFORMED = [
    "//evil/jobs",
    "///",
    "//",
    "/jobs/",
    "/jobs//",
    "/jobs;x",
    "/jobs;",
    "/jobs,x",
    "/jobs:x",
    "/jobs@x",
    "/jobs=x",
    "/jobs&x",
    "/jobs+x",
    "/jobs$x",
    "/jobs!x",
    "/jobs*",
    "/(jobs)",
    "/jobs'",
    "/jobs|x",
    "/jobs\\x",
    "/services/a/jobs/b;v",
    "/services/a;v/jobs/b",
    "/services/%61/jobs/b",
    "/services/a/j%6fbs/b",
    "/services/a%2Fb/jobs/c",
    "/services/%00/jobs/%ff",
    "/services/%zz/jobs/c",
    "/services//jobs/b",
    "/services/a/jobs/b//test",
    "/services/a/jobs/b/test;",
    "/services/a/jobs/b/test/",
    "/services/a/jobs/b/%74est",
    "/services/a/jobs/./b",
    "/services/a/jobs/../b",
    "/./jobs",
    "/../jobs",
    "/jobs/..",
    "/jobs/.",
    "/callback/a/b;c",
    "//callback/a/b",
    "/{service}",
    "http://evil/jobs",
    "jobs",
    "*",
]


@pytest.mark.parametrize("target", [*MALFORMED, "", "/jo bs", "/jobs\n", "/jobs\t", "/jöbs", "/jobs\x00", "/jobs#x"])
def test_other_than_segments_of_unreserved_characters_is_no_path(target: str) -> None:
    with pytest.raises(MalformedRequest):
        parse_target(target)


@pytest.mark.parametrize("target", MALFORMED)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "BREW"])
def test_it_is_answered_with_400_whatever_the_method(api: ApiClient, method: str, target: str) -> None:
    reply = api.send(method, target)
    assert (reply.status, reply.document["code"]) == (400, "BadRequest")


def test_segments_and_query_are_taken_apart() -> None:
    target = parse_target("/services/a-1.b_c~d/jobs?limit=5&limit=6&cursor=&since=2026-01-01T00%3A00%3A00Z&q=a+b?c/..")
    assert target.segments == ("services", "a-1.b_c~d", "jobs")
    assert target.query == {
        "limit": ["5", "6"],
        "cursor": [""],
        "since": ["2026-01-01T00:00:00Z"],
        "q": ["a b?c/.."],
    }


@pytest.mark.parametrize(("target", "segments"), [("/", ()), ("/?a=1", ()), ("/jobs?", ("jobs",)), ("/...", ("...",))])
def test_a_path_may_have_no_segment_at_all(target: str, segments: tuple[str, ...]) -> None:
    assert parse_target(target).segments == segments


@pytest.mark.parametrize("target", ["/", "/nothing", "/Jobs", "/jobs.json", "/services/a/b", "/callback/a/b/c", "/..."])
def test_an_unknown_path_of_the_right_form_is_404(api: ApiClient, target: str) -> None:
    reply = api.get(target)
    assert (reply.status, reply.document["code"]) == (404, "NotFound")


SEGMENTS = st.text(string.ascii_letters + string.digits + "-._~", min_size=1).filter(lambda one: one not in (".", ".."))


@given(st.lists(SEGMENTS, min_size=1))
def test_a_path_is_put_together_again_as_it_was(segments: list[str]) -> None:
    assert parse_target("/" + "/".join(segments)).segments == tuple(segments)


@given(st.text())
def test_what_is_parsed_is_spelled_in_one_way(target: str) -> None:
    try:
        segments = parse_target(target).segments
    except MalformedRequest:
        return
    assert "/" + "/".join(segments) == target.partition("?")[0]


def test_every_route_is_found_by_its_own_path_alone() -> None:
    router = Router(ROUTES)
    for route in ROUTES:
        match = router.find([segment.strip("{}") for segment in route.segments])
        assert match.route(route.method) is route
        assert match.names == {segment[1:-1]: segment[1:-1] for segment in route.segments if segment.startswith("{")}
