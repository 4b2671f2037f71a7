"""A host's addresses: looked up once, and all of them judged before any is connected to."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from jobhook.core.targets.networks import TargetNetworks

Lookup = Callable[[str, int], Sequence[str]]
"""The addresses of a host and port, each as text; raises `socket.gaierror`, or UnicodeError for what is no host."""


class AddressNotAllowed(OSError):
    """A host has an address that webhooks may not reach; `kind` is the address's, such as "private"."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} address")
        self.kind = kind


def system_lookup(host: str, port: int) -> list[str]:
    """What the operating system knows; numeric hosts in all spellings that a connection would take."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def allowed_addresses(host: str, port: int, networks: TargetNetworks, lookup: Lookup) -> Sequence[str]:
    """The addresses of a host; one that may not be reached spoils them all.

    Raises AddressNotAllowed, and what `lookup` raises.
    """
    addresses = lookup(host, port)
    for address in addresses:
        check_address(address, networks)
    return addresses


def check_address(address: str, networks: TargetNetworks) -> None:
    """Raises AddressNotAllowed, also for what is no address."""
    try:
        kind = networks.refusal(ip_address(address))
    except ValueError:
        kind = "unknown"
    if kind is not None:
        raise AddressNotAllowed(kind)
