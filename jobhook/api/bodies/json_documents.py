"""Reads a request's body as JSON, strictly: hostile input becomes a clear error and never a crash."""

import json

from jobhook.core import limits
from jobhook.core.errors import DocumentTooLarge, InvalidDocument, Problem, UnsupportedMediaType


def read_json_object(media_type: str, body: bytes) -> dict[str, object]:
    """The JSON object in `body`.

    Raises UnsupportedMediaType, DocumentTooLarge, or InvalidDocument (`InvalidJson`).
    """
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("send the body as JSON, with Content-Type: application/json")
    if len(body) > limits.BODY:
        raise DocumentTooLarge([Problem("body", f"must be at most {limits.BODY} bytes")])
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object)
        if b"\\u" in body:  # only an escape can bring a lone surrogate past the decoding
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise _invalid("must be valid Unicode in UTF-8, without lone surrogates") from None
    except RecursionError:
        raise _invalid("is nested too deeply") from None
    except ValueError as error:
        raise _invalid(f"is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise _invalid("must be a JSON object")
    return document


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a field is given twice")
    return document


def _refuse_constant(_: str) -> object:
    raise ValueError("NaN and Infinity are no JSON numbers")


def _invalid(message: str) -> InvalidDocument:
    return InvalidDocument([Problem("body", message)], code="InvalidJson")
