"""What an answer says by its HTTP status alone, the same on every network.

Belongs here: failures of the wire, throttling, walls, plain 404s. A network reads its own wording first and comes here for
the rest.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from archiver.platforms.payloads import Unreadable, clean, glimpse, instant, json_of
from archiver.platforms.steps import Answer, Reading
from archiver.reasons import PostOutcome

RETRY_AFTER_MAX = 30 * 86400

_CHALLENGE = re.compile(
    rb"just a moment|cf-chl|challenge-platform|_cf_chl_opt|captcha|attention required!|are you a robot|unusual traffic"
    rb"|enable javascript and cookies to continue",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"/(?:accounts/)?(?:login|signin|log-in|authwall|checkpoint|uas/[^/]+|i/flow/login)(?:[/.]|$)", re.IGNORECASE
)


def failure(answer: Answer) -> Reading | None:
    """The reading of an answer whose status or final address is the whole story; None for a success that has to be read."""
    status = answer.status
    if status is None:
        return Reading(PostOutcome.NETWORK, clean(answer.network_error or "no answer"))
    if at_login(answer):
        return Reading(PostOutcome.LOGIN_WALL, f"leads to {clean(answer.url)}")  # whatever the login page's status
    if 200 <= status < 300:
        return None
    if status in (429, 503):
        return Reading(PostOutcome.THROTTLED, said(answer), retry_after=retry_after(answer))
    if status in (404, 410):
        return Reading(PostOutcome.NOT_FOUND)
    if 300 <= status < 400:
        return redirected(answer)
    if status == 400:
        return Reading(PostOutcome.BAD_REQUEST, said(answer))
    if status == 401:
        return Reading(PostOutcome.LOGIN_WALL, said(answer))
    if status in (402, 403, 406, 451, 999) or looks_challenged(answer):
        return Reading(PostOutcome.BLOCKED, said(answer) or f"HTTP {status}", retry_after=retry_after(answer))
    if status >= 500:
        return Reading(PostOutcome.NETWORK, f"the server failed: HTTP {status}", retry_after=retry_after(answer))
    return Reading(PostOutcome.SCHEMA_DRIFT, f"unexpected HTTP {status}")


def understood(answer: Answer) -> Reading:
    """What an answer in JSON is worth by itself: understood, or why not."""
    if failed := failure(answer):
        return failed
    try:
        json_of(answer)
    except Unreadable as problem:
        return drift(answer, problem)
    return Reading(PostOutcome.OK)


def redirected(answer: Answer) -> Reading:
    """A redirect where none is followed: to a login it is a wall, to anywhere else it is not understood."""
    target = location(answer)
    if target and _LOGIN.search(urlsplit(target).path):
        return Reading(PostOutcome.LOGIN_WALL, f"redirects to {target}")
    return Reading(PostOutcome.SCHEMA_DRIFT, f"redirects to {target or 'nowhere'}")


def location(answer: Answer) -> str | None:
    """The absolute target of a redirect, None without a usable one."""
    value = answer.header("location")
    if not value or len(value) > 4096:
        return None
    try:
        return clean(urljoin(answer.url, value.strip()))
    except ValueError:
        return None


def at_login(answer: Answer) -> bool:
    """Whether redirects ended at a login page."""
    try:
        return bool(_LOGIN.search(urlsplit(answer.url).path))
    except ValueError:
        return False


def drift(answer: Answer, problem: Unreadable | str) -> Reading:
    """The reading of a success that is not in its endpoint's shape: a challenge where it looks like one, else an alarm."""
    if looks_challenged(answer):
        return Reading(PostOutcome.BLOCKED, "an anti-bot challenge")
    return Reading(PostOutcome.SCHEMA_DRIFT, clean(str(problem)))


def looks_challenged(answer: Answer) -> bool:
    """Whether an HTML answer is an anti-bot challenge in place of what was asked for."""
    head = answer.body[:20_000]
    return head.lstrip()[:1] == b"<" and bool(_CHALLENGE.search(head))


def said(answer: Answer) -> str | None:
    """The words of a short plain answer, for `reason_text`."""
    text = glimpse(answer.body)
    return text if text and not text.startswith("<") else None


def retry_after(answer: Answer) -> int | None:
    """Seconds until the server wants to be asked again: `Retry-After`, else what `reset` says."""
    value = (answer.header("retry-after") or "").strip()
    if value.isascii() and value.isdecimal():
        return min(int(value[:9]), RETRY_AFTER_MAX)
    now = _date(answer.header("date"))
    if value and now is not None and (until := _date(value)) is not None:
        return min(max(0, until - now), RETRY_AFTER_MAX)
    return reset(answer)


def reset(answer: Answer) -> int | None:
    """Seconds until the count of requests starts anew: `x-rate-limit-reset` (X: seconds since 1970) or `X-RateLimit-Reset`
    (Mastodon: ISO 8601), against the answer's Date."""
    now = _date(answer.header("date"))
    value = (answer.header("x-rate-limit-reset") or answer.header("x-ratelimit-reset") or "").strip()
    if now is None or not value:
        return None
    if value.isascii() and value.isdecimal() and len(value) < 12:
        until = int(value)
    elif moment := instant(value):
        until = math.ceil(moment.timestamp())
    else:
        return None
    return min(max(0, until - now), RETRY_AFTER_MAX)


def spent(answer: Answer) -> int | None:
    """Seconds to wait after an answer that says that it was the last one of its count; None while some are left."""
    left = answer.header("x-rate-limit-remaining") or answer.header("x-ratelimit-remaining") or ""
    return reset(answer) if left.strip() == "0" else None


def moment_of(answer: Answer) -> datetime | None:
    """When the server says that it answered."""
    seconds = _date(answer.header("date"))
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds >= 0 else None


def _date(value: str | None) -> int | None:
    try:
        moment = parsedate_to_datetime(value) if value else None
    except (ValueError, TypeError):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) if moment else None
