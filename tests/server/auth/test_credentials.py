"""The credentials file: what it holds, who may read it, and what a crash or a second process does to it."""

import logging
import multiprocessing
import os
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from jobhook.server.auth.credentials import CredentialsFile, CredentialsRefused
from tests.patience import PATIENCE_SECONDS

NOW = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "credentials.json"


@pytest.fixture
def file(path: Path) -> CredentialsFile:
    return CredentialsFile(path, clock=lambda: NOW)


def test_a_new_key_has_the_form_of_awss_and_is_found(file: CredentialsFile) -> None:
    made = file.add("reports")
    assert re.fullmatch(r"JH[A-Z2-7]{18}", made.access_key_id)
    assert re.fullmatch(r"[A-Za-z0-9_-]{40}", made.secret_key)
    assert (made.name, made.created_at) == ("reports", NOW)
    assert file.find(made.access_key_id) == made.secret_key
    assert file.find("JHUNKNOWN") is None


def test_keys_are_listed_in_the_order_of_making_without_secrets(file: CredentialsFile) -> None:
    first, second = file.add("first"), file.add()
    listed = file.list()
    assert [(key.access_key_id, key.name) for key in listed] == [
        (first.access_key_id, "first"),
        (second.access_key_id, ""),
    ]
    assert first.secret_key not in repr(listed)


def test_a_removed_key_is_gone_and_the_others_stay(file: CredentialsFile) -> None:
    gone, kept = file.add(), file.add()
    assert file.find(gone.access_key_id) == gone.secret_key
    assert file.remove(gone.access_key_id)
    assert not file.remove(gone.access_key_id)
    assert file.find(gone.access_key_id) is None
    assert file.find(kept.access_key_id) == kept.secret_key


def test_no_file_holds_no_keys_and_asking_makes_none(file: CredentialsFile, path: Path) -> None:
    assert file.list() == []
    assert file.find("JHANY") is None
    assert not file.remove("JHANY")
    assert not path.parent.exists()


def test_a_running_reader_sees_what_another_adds_and_removes(file: CredentialsFile, path: Path) -> None:
    other = CredentialsFile(path)
    assert file.find("JHANY") is None
    made = other.add()
    assert file.find(made.access_key_id) == made.secret_key
    other.remove(made.access_key_id)
    assert file.find(made.access_key_id) is None


def test_an_unchanged_file_is_read_once(file: CredentialsFile, path: Path) -> None:
    made = file.add()
    assert file.find(made.access_key_id) == made.secret_key
    status = path.stat()
    path.write_bytes(b"x" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file.find(made.access_key_id) == made.secret_key


def test_everything_on_disk_is_private(file: CredentialsFile, path: Path) -> None:
    before = os.umask(0)
    try:
        file.add()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()} == {
        "credentials.json": 0o600,
        "credentials.json.lock": 0o600,
    }


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644])
def test_a_file_that_is_open_to_others_is_refused_even_while_running(
    file: CredentialsFile, path: Path, mode: int
) -> None:
    made = file.add()
    assert file.find(made.access_key_id) == made.secret_key
    path.chmod(mode)
    for act in (file.list, file.add, lambda: file.find(made.access_key_id), lambda: file.remove(made.access_key_id)):
        with pytest.raises(CredentialsRefused, match="chmod 600"):
            act()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"credentials": [{"secret_key": "s3cret-s3cret"}]}', '{"other": 1}']
)
def test_a_malformed_file_is_refused_without_showing_it(file: CredentialsFile, path: Path, content: str) -> None:
    file.add()
    path.write_text(content)
    with pytest.raises(CredentialsRefused, match="not a credentials file") as refused:
        file.list()
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r}"


def test_secrets_are_in_no_repr_and_no_log(file: CredentialsFile, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        made = file.add("reports")
        file.find(made.access_key_id)
    shown = f"{made!r} {made} {file!r} {vars(file)['_path']!r} {caplog.text}"
    assert made.secret_key not in shown


CRASH = """
import os, sys
from pathlib import Path
from jobhook.server.auth.credentials import CredentialsFile
Path.replace = lambda *_: os._exit(9)
CredentialsFile(Path(sys.argv[1])).add("lost")
"""


def test_a_crash_before_the_rename_leaves_the_old_file_and_the_next_change_works(
    file: CredentialsFile, path: Path
) -> None:
    kept = file.add("kept")
    before = path.read_bytes()
    assert subprocess.run([sys.executable, "-c", CRASH, str(path)], timeout=PATIENCE_SECONDS).returncode == 9
    assert path.read_bytes() == before
    assert path.with_name("credentials.json.new").exists()
    after = file.add("after")
    assert [key.access_key_id for key in file.list()] == [kept.access_key_id, after.access_key_id]
    assert not path.with_name("credentials.json.new").exists()


def add_many(path: Path, together: Barrier, count: int) -> None:
    together.wait(PATIENCE_SECONDS)
    for _ in range(count):
        CredentialsFile(path).add()


def test_two_processes_that_add_at_once_lose_nothing(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(2)
    adders = [context.Process(target=add_many, args=(path, together, 100)) for _ in range(2)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join(PATIENCE_SECONDS)
    assert [adder.exitcode for adder in adders] == [0, 0]
    assert len({key.access_key_id for key in CredentialsFile(path).list()}) == 200


def test_a_link_in_place_of_the_fresh_copy_is_not_followed(file: CredentialsFile, path: Path, tmp_path: Path) -> None:
    file.add()
    elsewhere = tmp_path / "elsewhere"
    path.with_name("credentials.json.new").symlink_to(elsewhere)
    with pytest.raises(OSError):
        file.add()
    assert not elsewhere.exists()
