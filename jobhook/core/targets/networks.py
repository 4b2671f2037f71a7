"""Which addresses a webhook may reach: public ones, and what an installation opens; some never.

The tables are the IPv4 and IPv6 Special-Purpose Address Registries of IANA (RFC 6890 and what has updated it since).
Python's `is_global` is not asked: it calls 64:ff9b::a9fe:a9fe global, which is 169.254.169.254 behind a translator.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_Kinds = tuple[tuple[str, tuple[Network, ...]], ...]

_METADATA = "cloud metadata"


def _kinds(*kinds: tuple[str, str]) -> _Kinds:
    return tuple((name, tuple(ip_network(network) for network in networks.split())) for name, networks in kinds)


# What no installation can open: credentials that only this machine may see, and what is no single host's address.
_NEVER = _kinds(
    # AWS (fd00:ec2::/32 has its metadata, time, DNS and credentials of containers), Google, Azure, Alibaba, Oracle.
    # 169.254.169.254 and 169.254.170.2 are link-local, which is closed as a whole.
    (_METADATA, "fd00:ec2::/32 fd20:ce::254/128 168.63.129.16/32 100.100.100.200/32 192.0.0.192/32"),
    ("link-local", "169.254.0.0/16 fe80::/10 fec0::/10"),
    ("unspecified", "0.0.0.0/8 ::/128"),
    ("multicast", "224.0.0.0/4 ff00::/8"),
    ("reserved", "240.0.0.0/4"),
    # An operator's own translation: which part of the address is the real one cannot be told (RFC 8215).
    ("translated", "64:ff9b:1::/48"),
)
# What is not globally reachable, but may be opened. Within 192.0.0.0/24 and 2001::/23 the registries call a few
# addresses globally reachable; those are relays and identifiers, none of them a service.
_SPECIAL = _kinds(
    ("loopback", "127.0.0.0/8 ::1/128"),
    ("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"),
    ("shared", "100.64.0.0/10"),
    ("documentation", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"),
    ("benchmarking", "198.18.0.0/15 2001:2::/48"),
    ("special-purpose", "192.0.0.0/24 192.88.99.0/24 100::/64 100:0:0:1::/64 5f00::/16"),
)
_TEREDO, _SIX_TO_FOUR = IPv6Network("2001::/32"), IPv6Network("2002::/16")
_TRANSLATED = IPv6Network("64:ff9b::/96")
_MAPPED = IPv6Network("::ffff:0:0/96")
_ASSIGNMENTS = IPv6Network("2001::/23")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# The last 32 bits hold an IPv4 address: mapped, compatible, SIIT's (RFC 2765) and NAT64's (RFC 6052).
_LAST_32 = (_MAPPED, IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"), _TRANSLATED)
_ISATAP = (0x00005EFE, 0x02005EFE)  # the third quarter of such an address (RFC 5214)

WORDS = {"public": (), **{name: networks for name, networks in _SPECIAL if name in ("loopback", "private")}}
"""Words that a setting may use beside CIDRs; `public` opens nothing more."""
LOOPBACK = WORDS["loopback"]


@dataclass(frozen=True, slots=True)
class TargetNetworks:
    """What webhooks may reach beside public addresses (`opened`), and what they may not for all that (`closed`)."""

    opened: tuple[Network, ...] = ()
    closed: tuple[Network, ...] = ()

    def refusal(self, address: Address) -> str | None:
        """The kind of an address that may not be reached, such as "private"; None for one that may."""
        embedded = [kind for part in _embedded(address) if (kind := self.refusal(part)) is not None]
        if embedded:
            return embedded[0]
        if address.version == 6 and address in _MAPPED:
            return None  # the operating system connects to the IPv4 address, which was judged
        kind = _kind_among(_NEVER, address)
        if kind is not None:
            return kind
        kind = _special_kind(address)
        if kind is None or (_within(address, self.opened) and not _within(address, self.closed)):
            return None
        return kind


PUBLIC_ONLY = TargetNetworks()


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks of a setting: CIDRs and `WORDS`, separated by commas. Raises ValueError, which names the part."""
    networks: list[Network] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        networks += WORDS[part] if part in WORDS else (_network(part),)
    return tuple(networks)


def parse_host(host: str) -> Address | None:
    """The address that a URL's host plainly is, in any spelling that C's `inet_aton` takes; None for a name."""
    host = host.removesuffix(".").partition("%")[0]
    try:
        return ip_address(host)
    except ValueError:
        return _numeric(host)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        words = ", ".join(WORDS)
        raise ValueError(f"{text!r} is no network: {error}; give CIDRs such as 10.0.0.0/8, or {words}") from None


def _numeric(host: str) -> IPv4Address | None:
    """One to four numbers, decimal, octal or hexadecimal, of which the last fills all bytes that are left."""
    parts = host.split(".")
    numbers = [_number(part) for part in parts]
    if len(numbers) > 4 or any(number is None for number in numbers):
        return None
    *leading, last = (number or 0 for number in numbers)
    if any(number > 0xFF for number in leading) or last >= 1 << 8 * (4 - len(leading)):
        return None
    return IPv4Address(sum(number << 8 * (3 - place) for place, number in enumerate(leading)) + last)


def _number(text: str) -> int | None:
    digits = text.lower()
    if not digits.isascii() or not digits.isalnum():
        return None
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    try:
        return int(digits, base) if base != 8 else int(f"0{digits}", 8)
    except ValueError:
        return None


def _special_kind(address: Address) -> str | None:
    kind = _kind_among(_SPECIAL, address)
    if kind is not None or address.version == 4:
        return kind
    if address in _TEREDO or address in _TRANSLATED:
        return None  # what these hold was judged
    if address in _ASSIGNMENTS:
        return "special-purpose"
    return None if address in _GLOBAL_UNICAST else "reserved"


def _embedded(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to, or through."""
    if isinstance(address, IPv4Address):
        return
    quarters = [int(address) >> shift & 0xFFFFFFFF for shift in (96, 64, 32, 0)]
    if int(address) > 1 and _within(address, _LAST_32):
        yield IPv4Address(quarters[3])
    if address in _SIX_TO_FOUR:
        yield IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    if address in _TEREDO:
        yield IPv4Address(quarters[1])
        yield IPv4Address(quarters[3] ^ 0xFFFFFFFF)  # the client's, each bit turned (RFC 4380)
    if quarters[2] in _ISATAP:
        yield IPv4Address(quarters[3])


def _kind_among(kinds: _Kinds, address: Address) -> str | None:
    return next((kind for kind, networks in kinds if _within(address, networks)), None)


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
