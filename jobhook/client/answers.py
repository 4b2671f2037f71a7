"""The document of an answer, or the error that it reports."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from jobhook.client.errors import ApiError, Problem, api_error

Document = dict[str, Any]


def document_of(response: httpx2.Response) -> Document:
    """The JSON object of an answer, empty where it has no body. Raises ApiError."""
    document = _json_object(response)
    if not response.is_success:
        raise _error(response, document)
    if document is None:
        raise ApiError(response.status_code, "NotJobhook", "the answer is not Jobhook's; is the URL the right one?")
    return document


def _json_object(response: httpx2.Response) -> Document | None:
    if response.status_code == 204:
        return {}
    try:
        document = json.loads(response.content)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _error(response: httpx2.Response, document: Document | None) -> ApiError:
    status = response.status_code
    if document is None:
        message = f"the answer was HTTP {status} and not Jobhook's; is the URL the right one?"
        return api_error(status, f"Http{status}", message)
    # API Gateway itself answers with a message alone, and names the kind of error in a header.
    code = document.get("code") or response.headers.get("x-amzn-errortype", f"Http{status}").partition(":")[0]
    message = document.get("message") or document.get("Message") or f"HTTP {status}"
    return api_error(status, str(code), str(message), _problems(document.get("errors")))


def _problems(errors: object) -> tuple[Problem, ...]:
    found = errors if isinstance(errors, list) else []
    return tuple(
        Problem(str(error.get("field", "")), str(error.get("message", "")))
        for error in found
        if isinstance(error, Mapping)
    )
