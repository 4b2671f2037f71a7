"""Two servers in one process serve their own data."""

from pathlib import Path

import aiohttp

from jobhook.server.server import Server, ServerOptions
from tests.api.job_bodies import job_body
from tests.ports import own_port

JOB = "/services/reports/jobs/nightly"


async def test_a_job_that_one_server_stores_is_not_in_the_other(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    servers = [
        Server(ServerOptions("127.0.0.1", own_port(), tmp_path / name, synchronous="OFF")) for name in ("a", "b")
    ]
    first, second = [await server.start() for server in servers]
    try:
        async with aiohttp.ClientSession() as session:
            async with session.put(first + JOB, json=job_body()) as stored:
                assert stored.status == 201
            async with session.get(first + JOB) as found:
                assert found.status == 200
            async with session.get(second + JOB) as missing:
                assert missing.status == 404
            async with session.get(f"{second}/jobs") as listing:
                assert (await listing.json())["results"] == []
    finally:
        for server in servers:
            await server.stop()
