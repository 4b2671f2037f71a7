"""The canonical requests that a correct client may have signed for what came over the wire.

Clients differ where AWS's rules leave room or where they were wrong for a time: botocore escapes the path a second
time, sorts the query, and signs as %20 the space that it sends there as '+'; curl before 8.3 signs both as they are
on the wire; curl from 8.3 escapes the query's raw characters. Each form is offered only where no other request, of
another meaning, could share its canonical text.
"""

import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote, unquote

from botocore.auth import SigV4Auth
from botocore.compat import HTTPHeaders

from jobhook.server.auth.refusal import incomplete, mismatch
from jobhook.server.auth.request import SignedRequest

_PCHAR = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]"
_WIRE_PATH = re.compile(rf"/(?:{_PCHAR}|%[0-9A-Fa-f]{{2}})*")
# Beyond RFC 3986, since curl sends a query's characters as they were typed, unescaped UTF-8 among them.
_WIRE_QUERY = re.compile(r"[!-\"$-~\u0080-\ud7ff\ue000-\U0010ffff]*")
_METHOD = re.compile(r"[A-Za-z]+")
_ESCAPE_OR_RAW = re.compile(r"%([0-9A-Fa-f]{2})|([^A-Za-z0-9\-._~=&%])")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def canonical_requests(
    signer: SigV4Auth, request: SignedRequest, signed_headers: tuple[str, ...], payload_hash: str
) -> Iterator[str]:
    """Every canonical request that may stand for `request`, the likeliest first; usually one, at most six."""
    if not _METHOD.fullmatch(request.method):
        raise incomplete("The request's method must be a word.")
    if not _WIRE_PATH.fullmatch(request.path) or not _WIRE_QUERY.fullmatch(request.query):
        raise incomplete("The request target must be an absolute path and a query, escaped as RFC 3986 has it.")
    lines = _header_lines(signer, request, signed_headers)
    for path, query in product(_paths(request.path), _queries(request.query)):
        yield "\n".join((request.method, path, query, *lines, "", ";".join(signed_headers), payload_hash))


def _paths(path: str) -> list[str]:
    # Dot segments and double slashes are not folded as botocore would: a signature is for one path only.
    forms = [quote(path, safe="/~")]
    if path not in forms and not _is_the_escaped_form_of_another(path):
        forms.append(path)
    return forms


def _is_the_escaped_form_of_another(path: str) -> bool:
    """Whether escaping another path that may stand on the wire gives `path`, whose own text would then be its too."""
    other = unquote(path, errors="surrogateescape")
    return other != path and _WIRE_PATH.fullmatch(other) is not None and quote(other, safe="/~") == path


def _queries(query: str) -> list[str]:
    forms = [_sorted(query), query]
    if not _STRAY_PERCENT.search(query):
        forms.append(_sorted(_ESCAPE_OR_RAW.sub(_escaped, query)))
    return list(dict.fromkeys(forms))


def _sorted(query: str) -> str:
    if not query:
        return ""
    pairs = sorted((name, value) for name, _, value in (pair.partition("=") for pair in query.split("&")))
    return "&".join(f"{name}={value}" for name, value in pairs)


def _escaped(found: re.Match[str]) -> str:
    escape, raw = found.groups()
    if raw == "+":
        # It means a space to who reads the query. Some curls sign it as %2B, which means a plus: were that offered
        # too, either could be swapped for the other on the way.
        return "%20"
    return f"%{escape.upper()}" if escape else quote(raw, safe="")


def _header_lines(signer: SigV4Auth, request: SignedRequest, signed_headers: tuple[str, ...]) -> list[str]:
    # In the order of SignedHeaders, not sorted anew: old curls sort names of which one begins the other differently.
    lines = []
    for name in dict.fromkeys(signed_headers):
        values = [_encodable(value) for value in request.values.get(name, [])]
        times = signed_headers.count(name)
        if not values or times not in (1, len(values)):
            raise mismatch()
        lines.extend(_lines_of_one_header(signer, name, values, times))
    return lines


def _lines_of_one_header(signer: SigV4Auth, name: str, values: list[str], times: int) -> list[str]:
    # A repeated header is one line with commas; curl before 8.10 names it once a value and gives each its own line.
    if times == 1:
        return [_line(signer, name, values)]
    return sorted(_line(signer, name, [value]) for value in values)


def _line(signer: SigV4Auth, name: str, values: list[str]) -> str:
    headers = HTTPHeaders()
    for value in values:
        headers[name] = value
    return signer.canonical_headers(headers)


def _encodable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as not_utf8:
        raise mismatch() from not_utf8
    return value
