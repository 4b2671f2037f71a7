"""Which addresses webhooks may reach: the registries' own cases, and every spelling of one address."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.errors import TargetNotAllowed
from jobhook.core.targets.http import HttpTarget
from jobhook.core.targets.networks import LOOPBACK, TargetNetworks, parse_host, parse_networks
from jobhook.core.targets.target import check_targets
from tests.core.targets.networks import CLOSED_BY_NOBODYS_ASSIGNMENT, CLOSED_FOR_EVER, CLOSED_UNLESS_OPENED, PUBLIC

NOTHING = TargetNetworks()
EVERYTHING = TargetNetworks((ip_network("0.0.0.0/0"), ip_network("::/0")))

FOR_EVER = [(address, kind) for kind, addresses in CLOSED_FOR_EVER.items() for address in addresses]
UNLESS_OPENED = [(address, kind) for kind, addresses in CLOSED_UNLESS_OPENED.items() for address in addresses]


def test_the_cases_are_many_and_none_is_there_twice() -> None:
    written = [address for address, _ in FOR_EVER + UNLESS_OPENED]
    written += [*CLOSED_BY_NOBODYS_ASSIGNMENT, *PUBLIC]
    assert len(written) >= 200
    assert len(set(written)) == len(written)


@pytest.mark.parametrize(("address", "kind"), FOR_EVER)
def test_what_no_installation_can_open(address: str, kind: str) -> None:
    assert NOTHING.refusal(ip_address(address)) == kind
    assert EVERYTHING.refusal(ip_address(address)) == kind


@pytest.mark.parametrize(("address", "kind"), UNLESS_OPENED)
def test_what_is_closed_unless_it_is_opened(address: str, kind: str) -> None:
    assert NOTHING.refusal(ip_address(address)) == kind
    assert EVERYTHING.refusal(ip_address(address)) is None


@pytest.mark.parametrize("address", CLOSED_BY_NOBODYS_ASSIGNMENT)
def test_what_nobody_has_assigned_is_closed(address: str) -> None:
    assert NOTHING.refusal(ip_address(address)) == "reserved"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_open(address: str) -> None:
    assert NOTHING.refusal(ip_address(address)) is None


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_what_holds_an_address_is_no_more_open_than_the_address(address: IPv4Address) -> None:
    plain = NOTHING.refusal(address)
    assert NOTHING.refusal(IPv6Address(f"::ffff:{address}")) == plain
    assert NOTHING.refusal(IPv6Address(f"64:ff9b::{address}")) == plain
    assert NOTHING.refusal(IPv6Address((0x2002 << 112) + (int(address) << 80) + 1)) == plain


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_nothing_is_open_that_python_calls_private_multicast_or_reserved(address: IPv4Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert NOTHING.refusal(address) is not None


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_nothing_outside_global_unicast_is_open(address: IPv6Address) -> None:
    if not 0x2000 <= int(address) >> 112 <= 0x3FFF:
        assert NOTHING.refusal(address) is not None


def test_only_what_is_opened_is_open() -> None:
    some = TargetNetworks(parse_networks("10.20.0.0/16, fd12::/16"))
    assert some.refusal(ip_address("10.20.255.255")) is None
    assert some.refusal(ip_address("64:ff9b::10.20.0.1")) is None
    assert some.refusal(ip_address("fd12::1")) is None
    assert some.refusal(ip_address("10.21.0.0")) == "private"
    assert some.refusal(ip_address("fd13::1")) == "private"


def test_what_is_closed_stays_closed_though_it_is_opened() -> None:
    on_lambda = TargetNetworks(parse_networks("loopback,private"), closed=LOOPBACK)
    assert on_lambda.refusal(ip_address("127.0.0.1")) == "loopback"
    assert on_lambda.refusal(ip_address("::ffff:127.0.0.1")) == "loopback"
    assert on_lambda.refusal(ip_address("::1")) == "loopback"
    assert on_lambda.refusal(ip_address("10.0.0.1")) is None


def test_a_setting_is_words_and_networks() -> None:
    assert parse_networks("") == parse_networks("public") == parse_networks(" , ") == ()
    assert parse_networks("10.1.0.0/16") == (IPv4Network("10.1.0.0/16"),)
    assert set(LOOPBACK) < set(parse_networks("loopback,private"))


@pytest.mark.parametrize("text", ["10.0.0.1/8", "nowhere", "10.0.0.0/33", "private;loopback", "10.0.0.0/8,x"])
def test_a_setting_that_is_none_says_what_one_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/8, or public, loopback, private"):
        parse_networks(text)


SPELT = ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F.1", "0177.0.0.1", "017700000001"]
SPELT += ["0x7f.0x0.0x0.0x1", "127.0.0.1.", "00000177.0.0.01", "0x7f.0.1", "127.0x1"]


@pytest.mark.parametrize("host", SPELT)
def test_every_spelling_is_the_address(host: str) -> None:
    assert parse_host(host) == IPv4Address("127.0.0.1")


@given(st.from_regex(r"(0[xX])?[0-9a-fA-F]{1,11}(\.(0[xX])?[0-9a-fA-F]{1,4}){0,4}", fullmatch=True))
def test_numbers_are_read_as_c_reads_them(host: str) -> None:
    try:
        expected: IPv4Address | None = IPv4Address(socket.inet_aton(host))
    except OSError:
        expected = None
    if expected is not None:
        assert parse_host(host) == expected


@pytest.mark.parametrize(
    "host", ["", "example.com", "1.2.3.4.5", "256.1.1.1", "08.1.1.1", "0x", "1.2.3.256", "a.1", "1_0"]
)
def test_names_and_nonsense_are_no_address(host: str) -> None:
    assert parse_host(host) is None


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/", "http://0xa.1:80/", "https://[fd00::1]/", "http://[fe80::1%25eth0]/", "http://2852039166/"],
)
def test_a_target_that_is_plainly_closed_is_refused_and_told_what_is_open(url: str) -> None:
    with pytest.raises(TargetNotAllowed, match=r"public addresses and addresses in 10\.9\.0\.0/16$"):
        check_targets({"invocation_target": HttpTarget(url)}, TargetNetworks(parse_networks("10.9.0.0/16")))


@pytest.mark.parametrize(
    "url", ["http://10.9.1.1/", "https://reports.example.com/", "http://localhost/", "http://8.8.8.8"]
)
def test_other_targets_are_judged_when_they_are_sent_to(url: str) -> None:
    check_targets({"invocation_target": HttpTarget(url)}, TargetNetworks(parse_networks("10.9.0.0/16")))
