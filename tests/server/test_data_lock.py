"""One server holds a data directory; its end, however it comes, frees it."""

import asyncio
import os
from pathlib import Path

import pytest

from jobhook.server.data_lock import DataDirLock, Held
from tests.patience import PATIENCE_SECONDS


def holder(data: Path, address: str = "http://127.0.0.1:8080") -> DataDirLock:
    return DataDirLock(data, address)


def test_the_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with holder(tmp_path / "a" / "b") as first:
        first.take()
        assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


def test_a_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    with holder(tmp_path) as first, holder(tmp_path, "http://127.0.0.1:9090") as second:
        first.take()
        with pytest.raises(Held, match=f"process {os.getpid()} at http://127.0.0.1:8080"):
            second.take()
        first.release()
        second.take()
        assert "9090" in first.holder()


def test_what_a_dead_holder_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "holder").write_text("process 1 at http://gone and a much longer line than the next one\n")
    with holder(tmp_path) as next_one:
        next_one.take()
        assert next_one.holder() == f"process {os.getpid()} at http://127.0.0.1:8080"


async def test_who_waits_holds_it_once_it_is_free(tmp_path: Path) -> None:
    with holder(tmp_path) as first, holder(tmp_path, "http://second") as second:
        first.take()
        waiting = asyncio.ensure_future(second.wait())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        first.release()
        await asyncio.wait_for(waiting, PATIENCE_SECONDS)
        with holder(tmp_path) as third, pytest.raises(Held, match="http://second"):
            third.take()
