"""Both senders of webhooks, called the same way."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol

from chalicelib.http_sender import DirectHttpSender
from chalicelib.sync_runner import run_to_end
from jobhook.adapters.addresses import Lookup, system_lookup
from jobhook.core.targets.answer import Answer
from jobhook.core.targets.http import HttpMessage
from jobhook.core.targets.networks import PUBLIC_ONLY, TargetNetworks
from jobhook.server.http_sender import PooledHttpSender
from tests.patience import PATIENCE_SECONDS


class Send(Protocol):
    """Sends one webhook; `times` sends it again over what the sender keeps, and the last answer counts."""

    def __call__(
        self,
        url: str,
        networks: TargetNetworks = ...,
        *,
        lookup: Lookup = ...,
        tls: ssl.SSLContext | None = ...,
        within_seconds: float = ...,
        times: int = ...,
    ) -> Answer: ...


def direct(
    url: str,
    networks: TargetNetworks = PUBLIC_ONLY,
    *,
    lookup: Lookup = system_lookup,
    tls: ssl.SSLContext | None = None,
    within_seconds: float = PATIENCE_SECONDS,
    times: int = 1,
) -> Answer:
    """As Lambda sends."""
    webhooks = DirectHttpSender(networks, within_seconds, tls=tls, lookup=lookup)
    return [run_to_end(webhooks.send(HttpMessage(url, b"{}"))) for _ in range(times)][-1]


def pooled(
    url: str,
    networks: TargetNetworks = PUBLIC_ONLY,
    *,
    lookup: Lookup = system_lookup,
    tls: ssl.SSLContext | None = None,
    within_seconds: float = PATIENCE_SECONDS,
    times: int = 1,
) -> Answer:
    """As the one-machine server sends."""

    async def send() -> Answer:
        webhooks = PooledHttpSender(networks, within_seconds=within_seconds, tls=tls, lookup=lookup)
        try:
            return [await webhooks.send(HttpMessage(url, b"{}")) for _ in range(times)][-1]
        finally:
            await webhooks.close()

    return asyncio.run(send())


SENDERS: dict[str, Callable[..., Answer]] = {"direct": direct, "pooled": pooled}
