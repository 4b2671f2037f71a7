"""What verify admits and refuses, with botocore as the client."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.server.auth.sigv4 import MAX_SKEW, Identity, RefusalCode, SignatureRefused, SignedRequest, verify

from .signing import KEY, NOW, SECRET, find_secret, header, signed, with_header, without_header

CURSOR = "?limit=5&cursor=a%2Bb%3D%3D&status=failed"
BODY = '{"payload": "Grüße, 世界 \\u0000"}'.encode()


def refusal(request: SignedRequest, region: str | None = None) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as refused:
        verify(request, find_secret, NOW, region)
    return refused.value


def assert_admitted(request: SignedRequest, region: str = "eu-west-1", only_region: str | None = None) -> None:
    assert verify(request, find_secret, NOW, only_region) == Identity(KEY, region)


def assert_mismatch(request: SignedRequest) -> None:
    refused = refusal(request)
    assert (refused.code, refused.message) == (RefusalCode.MISMATCH, UNKNOWN_KEY.message)


UNKNOWN_KEY = refusal(signed(key="JHUNKNOWN"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "POST"])
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/services/a/jobs/b",
        "/services/a/jobs/b/",
        "/services/a/jobs/b" + CURSOR,
        "/jobs?status=failed&status=running&status=failed",
        "/jobs?since=&until=&flag",
        "/jobs?q=a%20b&r=a+b&s=a%2Fb&t=%E4%B8%96",
        "/executions/a%20b%2Fc/%E4%B8%96%25",
        "/executions/a:b@c,d;e=f!$&'()*+~",
        "/jobs?z=1&a=2&B=3&a=1&=x&&%41=%61",
    ],
)
def test_what_botocore_signs_is_admitted(method: str, target: str) -> None:
    body = BODY if method in ("PUT", "PATCH", "POST") else b""
    assert_admitted(signed(method, target, body))


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Type", "application/json")],
        [("X-Amz-Meta", "  much   inner \t space  ")],
        [("X-Multi", "b"), ("x-multi", " a "), ("X-MULTI", "b")],
        [("X-Empty", "")],
        [("X-Unicode", "Grüße")],
        [("X-Amz-Content-Sha256", sha256(BODY).hexdigest())],
        [("User-Agent", "unsigned"), ("Connection", "keep-alive"), ("Accept", "*/*")],
    ],
)
def test_every_way_to_write_headers_is_admitted(headers: Sequence[tuple[str, str]]) -> None:
    assert_admitted(signed("PUT", "/jobs", BODY, headers))


def test_the_order_and_case_of_headers_on_the_wire_do_not_matter() -> None:
    request = signed("PUT", "/jobs", BODY, [("X-Amz-Meta", "x")])
    reversed_upper = tuple((name.upper(), value) for name, value in reversed(request.headers))
    assert_admitted(replace(request, headers=reversed_upper))


def test_a_header_added_on_the_way_is_no_matter_unless_it_speaks_to_aws() -> None:
    assert_admitted(with_header(signed(), "X-Forwarded-For", "10.0.0.1"))
    refused = refusal(with_header(signed(), "X-Amz-Target", "other"))
    assert refused.code is RefusalCode.INCOMPLETE
    assert "x-amz-target" in refused.message


def test_a_date_header_may_stand_for_x_amz_date() -> None:
    request = signed(headers=[("Date", "replaced when signing")])
    assert "x-amz-date" not in request.values
    assert_admitted(request)
    assert_admitted(with_header(request, "Date", format_datetime(NOW.replace(tzinfo=None))))


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_configured_region_is_the_only_one(region: str) -> None:
    assert_admitted(signed(region=region), region)
    assert_admitted(signed(region=region), region, only_region=region)
    assert "us-west-2" in refusal(signed(region=region), region="us-west-2").message


ORIGINAL = signed("PUT", "/services/a/jobs/b" + CURSOR, BODY, [("Content-Type", "application/json"), ("X-Amz-M", "m")])


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"method": "put"},
        {"path": "/services/a/jobs/c"},
        {"path": "/services/a/jobs/b/"},
        {"path": "/services//a/jobs/b"},
        {"path": "/services/./a/jobs/b"},
        {"path": "/x/../services/a/jobs/b"},
        {"path": "/services/a/jobs/%62"},
        {"path": "/services/a/jobs/b%00"},
        {"query": ""},
        {"query": CURSOR[1:] + "&"},
        {"query": CURSOR[1:] + "&x"},
        {"query": CURSOR[1:].replace("%2B", "+")},
        {"query": CURSOR[1:].replace("%2B", "%20")},
        {"query": CURSOR[1:].replace("5", "50")},
    ],
)
def test_an_altered_method_path_or_query_is_refused(change: dict[str, str]) -> None:
    assert_admitted(ORIGINAL)
    assert_mismatch(replace(ORIGINAL, **change))  # type: ignore[arg-type]  # only text fields are changed


@given(st.integers(0, len(BODY) * 8 - 1))
def test_every_altered_bit_of_the_body_is_refused(bit: int) -> None:
    body = bytearray(BODY)
    body[bit // 8] ^= 1 << bit % 8
    assert_mismatch(replace(ORIGINAL, body=bytes(body)))


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_every_altered_digit_of_the_signature_is_refused(at: int, digit: str) -> None:
    authorization = header(ORIGINAL, "Authorization")
    start = authorization.index("Signature=") + len("Signature=")
    altered = authorization[: start + at] + digit + authorization[start + at + 1 :]
    if altered != authorization:
        assert_mismatch(with_header(ORIGINAL, "Authorization", altered))


def meaning(request: SignedRequest) -> tuple[str, list[tuple[str, str]]]:
    return request.path, parse_qsl(request.query, keep_blank_values=True)


@given(st.sampled_from(["path", "query"]), st.data())
def test_every_altered_character_of_the_target_is_refused(part: str, data: st.DataObject) -> None:
    text: str = getattr(ORIGINAL, part)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters(min_codepoint=1, max_codepoint=0x2FF)) + text[at + 1 :]
    altered = replace(ORIGINAL, **{part: changed})  # type: ignore[arg-type]  # only text fields are changed
    # The case of an escape's digits in the query (%2B, %2b) is the one change that means nothing.
    if meaning(altered) != meaning(ORIGINAL):
        refusal(altered)


@pytest.mark.parametrize("name", ["Host", "Content-Type", "X-Amz-M"])
def test_an_altered_removed_or_doubled_signed_header_is_refused(name: str) -> None:
    assert_mismatch(with_header(ORIGINAL, name, header(ORIGINAL, name) + "x"))
    refusal(without_header(ORIGINAL, name))
    refusal(replace(ORIGINAL, headers=(*ORIGINAL.headers, (name, header(ORIGINAL, name)))))


def test_another_second_another_region_and_another_key_are_refused_alike() -> None:
    assert_mismatch(with_header(ORIGINAL, "X-Amz-Date", "20261121T090001Z"))
    for old, new in [("/eu-west-1/", "/us-east-1/"), (KEY, "JHANOTHERKEY"), ("content-type;", "")]:
        assert_mismatch(with_header(ORIGINAL, "Authorization", header(ORIGINAL, "Authorization").replace(old, new)))
    assert_mismatch(signed(secret="wrong"))


def test_an_empty_secret_admits_nobody() -> None:
    with pytest.raises(SignatureRefused):
        verify(signed(secret=""), lambda _: "", NOW)


@pytest.mark.parametrize("direction", [1, -1])
def test_the_clock_may_be_off_by_fifteen_minutes_and_no_more(direction: int) -> None:
    assert_admitted(signed(at=NOW + direction * MAX_SKEW))
    late = refusal(signed(at=NOW + direction * (MAX_SKEW + timedelta(seconds=1))))
    assert late.code is RefusalCode.EXPIRED


def test_the_scope_is_of_the_day_of_signing_across_midnight() -> None:
    midnight = NOW.replace(hour=0)
    before = signed(at=midnight - timedelta(seconds=1))
    assert verify(before, find_secret, midnight + timedelta(minutes=5)).access_key_id == KEY
    assert "day" in refusal(with_header(before, "X-Amz-Date", "20261121T000001Z")).message


def altered_authorization(old: str, new: str) -> SignedRequest:
    return with_header(signed(), "Authorization", header(signed(), "Authorization").replace(old, new))


@pytest.mark.parametrize(
    ("request_", "code", "word"),
    [
        (without_header(signed(), "Authorization"), RefusalCode.UNSIGNED, "not signed"),
        (with_header(signed(), "Authorization", ""), RefusalCode.UNSIGNED, "AWS4-HMAC-SHA256"),
        (with_header(signed(), "Authorization", "Basic YTpi"), RefusalCode.UNSIGNED, "AWS4-HMAC-SHA256"),
        (altered_authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), RefusalCode.UNSIGNED, "AWS4-HMAC-SHA256"),
        (signed(token="session"), RefusalCode.INCOMPLETE, "Session tokens"),
        (signed(target="/jobs?X-Amz-Signature=0"), RefusalCode.INCOMPLETE, "Presigned"),
        (signed(target="/jobs?a=b&x-amz-credential=c"), RefusalCode.INCOMPLETE, "Presigned"),
        (signed(service="s3"), RefusalCode.INCOMPLETE, "execute-api"),
        (altered_authorization("aws4_request", "aws5_request"), RefusalCode.INCOMPLETE, "aws4_request"),
        (altered_authorization("/20261121/", "/20261122/"), RefusalCode.INCOMPLETE, "day"),
        (altered_authorization("Signature=", "Signature=0"), RefusalCode.INCOMPLETE, "Signature"),
        (altered_authorization("SignedHeaders=host;", "SignedHeaders="), RefusalCode.INCOMPLETE, "signed: host"),
        (altered_authorization(";x-amz-date", ""), RefusalCode.INCOMPLETE, "signed: x-amz-date"),
        (altered_authorization("SignedHeaders=", "SignedHeaders=;"), RefusalCode.INCOMPLETE, "SignedHeaders"),
        (altered_authorization(", Signature", ", Signature=, Signature"), RefusalCode.INCOMPLETE, "each once"),
        (without_header(signed(), "Host"), RefusalCode.INCOMPLETE, "host"),
        (without_header(signed(), "X-Amz-Date"), RefusalCode.INCOMPLETE, "x-amz-date"),
        (with_header(signed(), "X-Amz-Date", "2026-11-21T09:00:00Z"), RefusalCode.INCOMPLETE, "valid time"),
        (with_header(signed(), "X-Amz-Date", "20261321T090000Z"), RefusalCode.INCOMPLETE, "valid time"),
        (with_header(signed(), "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), RefusalCode.INCOMPLETE, "signed: x-amz-c"),
        (signed(headers=[("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")]), RefusalCode.INCOMPLETE, "SHA-256"),
        (replace(signed(), path="http://elsewhere/"), RefusalCode.INCOMPLETE, "absolute path"),
        (replace(signed(), method="GET\n/jobs"), RefusalCode.INCOMPLETE, "method"),
        (replace(signed(), path="/a\udcffb"), RefusalCode.INCOMPLETE, "absolute path"),
    ],
)
def test_what_cannot_be_verified_is_refused_with_its_reason(
    request_: SignedRequest, code: RefusalCode, word: str
) -> None:
    refused = refusal(request_)
    assert refused.code is code
    assert word in refused.message


def test_a_doubled_authorization_is_refused() -> None:
    doubled = replace(signed(), headers=(*signed().headers, ("authorization", header(signed(), "Authorization"))))
    assert "more than one" in refusal(doubled).message


def test_no_refusal_shows_a_secret_or_an_expected_signature() -> None:
    refused = refusal(replace(ORIGINAL, body=b""))
    shown = f"{refused!r} {refused.message} {ORIGINAL!r}"
    assert SECRET not in shown
    assert "Signature=" not in shown


WIRE_TEXT = st.text(st.characters(codec=None), max_size=40)
TIMES = st.sampled_from(["20261121T090000Z", "20261121T090000", "00010101T000000Z", "99991231T235959Z"]) | WIRE_TEXT
DATES = st.sampled_from(["Sat, 21 Nov 2026 09:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +9999"]) | WIRE_TEXT
AUTHORIZATIONS = st.builds(
    "AWS4-HMAC-SHA256 Credential={}/20261121/r/execute-api/aws4_request, SignedHeaders=host;x-amz-date{}, "
    "Signature={}".format,
    st.sampled_from([KEY, "K"]) | WIRE_TEXT,
    st.sampled_from(["", ";x-a", ";date", ";host"]) | WIRE_TEXT,
    st.just("0" * 64) | WIRE_TEXT,
)
HEADERS = st.one_of(
    st.tuples(st.just("Authorization"), AUTHORIZATIONS | WIRE_TEXT),
    st.tuples(st.just("Host"), WIRE_TEXT),
    st.tuples(st.just("X-Amz-Date"), TIMES),
    st.tuples(st.just("Date"), DATES),
    st.tuples(st.just("X-A"), WIRE_TEXT),
    st.tuples(WIRE_TEXT, WIRE_TEXT),
)


@given(
    method=st.sampled_from(["GET", "PUT"]) | WIRE_TEXT,
    target=st.just("/jobs?a=%zz") | WIRE_TEXT | WIRE_TEXT.map(lambda text: "/" + text),
    headers=st.lists(HEADERS, max_size=7, unique_by=lambda pair: pair[0].lower()) | st.lists(HEADERS, max_size=7),
    body=st.binary(max_size=20),
)
def test_no_input_raises_anything_but_a_refusal(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    refusal(SignedRequest.of_target(method, target, headers, body))


@given(method=WIRE_TEXT, key=st.just(KEY) | WIRE_TEXT, value=WIRE_TEXT, target=WIRE_TEXT)
def test_a_well_formed_claim_over_any_request_is_refused(method: str, key: str, value: str, target: str) -> None:
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={key}/20261121/r/execute-api/aws4_request, "
        f"SignedHeaders=host;x-a;x-amz-date, Signature={'0' * 64}"
    )
    headers = [("host", value), ("X-A", value), ("x-amz-date", "20261121T090000Z"), ("Authorization", authorization)]
    refusal(SignedRequest.of_target(method, "/jobs", headers))
    refusal(SignedRequest.of_target("GET", f"/{target}", headers))
    refusal(SignedRequest.of_target("GET", f"/jobs?{target}", headers))
