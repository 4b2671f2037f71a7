"""Cursors: opaque, and whatever comes in is a cursor or a refusal."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.paging import decode_cursor, encode_cursor

SHAPE = (int, str)


@given(st.integers(0, 2**53 - 1), st.text(max_size=80).filter(lambda text: text.isprintable()))
def test_a_position_survives_its_cursor(time_ms: int, text: str) -> None:
    cursor = encode_cursor((time_ms, text))
    assert cursor is not None
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert decode_cursor(cursor, SHAPE) == (time_ms, text)


def test_the_end_has_no_cursor() -> None:
    assert encode_cursor(None) is None


def _cursor(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "document",
    [
        None,
        5,
        "x",
        {},
        [],
        [1],
        ["x", 1],
        [1, "x", 2],
        [1, 2],
        [1.0, "x"],
        [True, "x"],
        [-1, "x"],
        [2**53, "x"],
        [None, None],
        [[1], "x"],
        [1, ["x"]],
        [10**400, "x"],
    ],
)
def test_a_position_of_another_shape_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="cursor"):
        decode_cursor(_cursor(document), SHAPE)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "=",
        "====",
        "a",
        "%%%",
        "é",
        "A" * 1025,
        "W10=\n",
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        "a b",
        base64.urlsafe_b64encode(b"[" * 700).decode(),
        base64.urlsafe_b64encode(b"[" + b"9" * 700 + b',"x"]').decode(),
    ],
)
def test_a_hostile_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        decode_cursor(cursor, SHAPE)


@given(st.text(max_size=200))
def test_no_text_does_worse_than_a_refusal(text: str) -> None:
    try:
        position = decode_cursor(text, SHAPE)
    except ValueError:
        return
    assert [type(part) for part in position] == list(SHAPE)
