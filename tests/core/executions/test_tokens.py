"""Callback tokens: what they hold, and that nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.executions.tokens import CallbackToken, parse_token
from jobhook.core.identities import ExecutionKey
from tests.core.test_identities import KEYS

SECRET = "Q1w2E3r4T5y6U7i8O9p0a-s_dFgHjKlZxCvBnM12345"
TOKENS = st.builds(CallbackToken, KEYS, st.integers(1, 999), st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True))
TOKEN = CallbackToken(
    ExecutionKey("00000000-0000-5000-8000-000000000000", "i00000000001", 1_795_248_060_000), 1, SECRET
)


def _taken(guid: str, text: str) -> bool:
    parsed = parse_token(guid, text)
    return parsed is not None and (parsed.key, parsed.attempt) == (TOKEN.key, 1) and parsed.proves(TOKEN.hash)


@given(TOKENS)
def test_a_token_survives_its_url(token: CallbackToken) -> None:
    guid, text = token.path.split("/")
    parsed = parse_token(guid, text)
    assert parsed == token
    assert parsed is not None
    assert parsed.proves(token.hash)


@pytest.mark.parametrize("replacement", ["0", "1", "A", "Z", "_", "-", ".", "é", "\n", "%"])
def test_no_token_with_one_character_changed_is_taken(replacement: str) -> None:
    guid, text = TOKEN.path.split("/")
    assert _taken(guid, text)
    for place in range(len(text)):
        if text[place] != replacement:
            assert not _taken(guid, text[:place] + replacement + text[place + 1 :])
    for place in range(len(guid)):
        if guid[place] != replacement:
            assert not _taken(guid[:place] + replacement + guid[place + 1 :], text)


def test_no_token_with_a_character_more_or_less_is_taken() -> None:
    guid, text = TOKEN.path.split("/")
    for place in range(len(text) + 1):
        assert not _taken(guid, text[:place] + text[place + 1 :]) or place == len(text)
        assert not _taken(guid, text[:place] + "0" + text[place:])


@given(st.text(max_size=60), st.text(max_size=120))
def test_any_text_is_no_token(guid: str, text: str) -> None:
    assert parse_token(guid, text) is None


@given(TOKENS)
def test_no_text_of_a_token_shows_its_secret(token: CallbackToken) -> None:
    shown = f"{token!r} {token} {[token]} {token.hash}"
    assert token.secret not in shown


def test_another_secret_does_not_prove_it() -> None:
    assert not CallbackToken(TOKEN.key, 1, SECRET[::-1]).proves(TOKEN.hash)
