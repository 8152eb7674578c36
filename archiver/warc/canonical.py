"""The canonical form of a request that is no GET, for index keys (IIPC guideline for CDX of non-GET requests).

Belongs here: from method, media type and body to the query text that replay tools append to the URL before they make its key.
Replay finds a POST only when every tool makes the same text, so this follows what cdxj-indexer and pywb do, oddities included.
"""

from __future__ import annotations

import base64
import json
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import unquote_plus, urlencode

QUERY_MAX = 4096
"""Characters of the body's text that count."""

_BODY_MAX = 2**20


def appended_query(method: str, body: bytes, content_type: str | None) -> str:
    """`__wb_method=POST&…`: what is put behind the URL's own query. Only POST and PUT bodies count."""
    query = _body_text(body[:_BODY_MAX], content_type or "") if method in ("POST", "PUT") else ""
    return f"__wb_method={method}" + (f"&{query[:QUERY_MAX]}" if query else "")


def _body_text(body: bytes, content_type: str) -> str:
    kind = content_type.strip().lower()
    if kind.startswith("application/x-www-form-urlencoded"):
        try:
            return unquote_plus(body.decode())
        except UnicodeDecodeError:
            return _binary(body)
    if kind.startswith("multipart/"):
        return _multipart(body, content_type)
    if kind.startswith("application/json"):
        return _json(body) or ""
    if kind.startswith("text/plain"):
        text = _json(body)
        return _binary(body) if text is None else text
    return _binary(body)


def _binary(body: bytes) -> str:
    return "__wb_post_data=" + base64.b64encode(body).decode()


def _json(body: bytes) -> str | None:
    """Leaves as name=value with the nearest key as name, repeats as `name.2_`; None when it is no JSON."""
    try:
        try:
            values = [json.loads(body)]
        except json.JSONDecodeError:
            values = [json.loads(line) for line in body.split(b"\n")]
        pairs: dict[str, str] = {}
        times: dict[str, int] = {}
        for value in values:
            _leaves(value, "", pairs, times)
    except (ValueError, RecursionError):
        return None
    return urlencode(pairs, errors="replace")


def _leaves(value: object, name: str, pairs: dict[str, str], times: dict[str, int]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _leaves(inner, key, pairs, times)
    elif isinstance(value, list):
        for inner in value:
            _leaves(inner, name, pairs, times)
    elif name:
        if name in pairs:
            times[name] = times.get(name, 1) + 1
            name = f"{name}.{times[name]}_"
        pairs[name] = str(value)


def _multipart(body: bytes, content_type: str) -> str:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    parsed = BytesParser(policy=HTTP).parsebytes(head + body)
    if not parsed.is_multipart():
        return _binary(body)
    values = []
    for part in parsed.iter_parts():
        payload = part.get_payload(decode=True)
        raw = payload if isinstance(payload, bytes) else b""
        name = part.get_param("name", header="content-disposition")
        text: str | bytes = raw if part.get_filename() else raw.decode("utf-8", "replace")
        values.append((str(name or ""), text))
    return urlencode(values)
