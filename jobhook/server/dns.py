"""Looks up the hosts of webhooks for the pooled client: in threads of their own, and judged before they are used."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from jobhook.adapters.addresses import Lookup, allowed_addresses
from jobhook.core.targets.networks import TargetNetworks

_THREADS = 64
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class JudgingResolver(AbstractResolver):
    """A lookup that hangs holds one of its threads, not those of the event loop; nobody waits longer than `within`."""

    def __init__(self, networks: TargetNetworks, lookup: Lookup, within_seconds: float) -> None:
        self._networks = networks
        self._lookup = lookup
        self._within_seconds = within_seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="lookup")

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - the client asks for all
    ) -> list[ResolveResult]:
        """The host's addresses. Raises AddressNotAllowed where one may not be reached, OSError where none is known."""
        found = asyncio.get_running_loop().run_in_executor(
            self._threads, allowed_addresses, host, port, self._networks, self._lookup
        )
        try:
            addresses = await asyncio.wait_for(found, self._within_seconds)
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "the lookup took too long") from None
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=_NUMERIC)
