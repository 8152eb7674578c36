"""Asking the fake platforms over real sockets, the way a spider does, and running whole chains."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.models.pointer import CapturePointer
from archiver.models.post import Attempt
from archiver.platforms import PostRef, match
from archiver.platforms.chain import Done, next_step, steps_of, take
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step

NOW = datetime(2025, 11, 9, 15, 0, tzinfo=UTC)
AGENT = "NewsArchiver/test (+https://example.org/contact)"


def options(fake: FakePlatforms, **chosen: Any) -> PlatformOptions:
    """Options that lead every endpoint to the fake platforms, without pauses."""
    bearer = chosen.pop("bearer", None)
    environ = {"POSTS_X_BEARER": bearer} if bearer else {}
    return PlatformOptions.from_environment(environ, bases=fake.bases, pace_factor=0.0, **chosen)


def pointer(body: bytes, status: int | None, number: int = 1) -> CapturePointer:
    """A pointer as the recorder would give it."""
    return CapturePointer(
        warc_filename="posts.warc.gz",
        warc_record_offset=number * 1000,
        warc_record_length=900,
        warc_record_id=f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
        warc_type="response",
        payload_sha256=hashlib.sha256(body).hexdigest(),
        fetch_time=NOW + timedelta(seconds=number),
        fetch_status=status,
    )


def ask(step: Step, number: int = 1, timeout: float = 5.0) -> Answer:
    """The answer to a step, over the wire."""
    url, hops = step.url, 0
    while True:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers={"User-Agent": AGENT, **dict(step.headers)})
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            return Answer(None, url=url, network_error=f"{type(error).__name__}: {error}")
        finally:
            connection.close()
        headers = tuple(response.getheaders())
        answer = Answer(response.status, headers, body, url, pointer(body, response.status, number))
        location = answer.header("location")
        if step.dont_redirect or not location or not 300 <= response.status < 400 or hops == 5:
            return answer
        url, hops = urljoin(url, location), hops + 1


def run(
    ref: PostRef, chosen: PlatformOptions, earlier: Sequence[Attempt] = ()
) -> tuple[list[Attempt], list[Reading], Done]:
    """A whole chain over the wire: attempts, readings and why it ended."""
    attempts, readings = list(earlier), []
    for number in range(1, 30):
        step = next_step(ref, chosen, attempts, [lead for reading in readings for lead in reading.leads])
        if isinstance(step, Done):
            return attempts, readings, step
        attempt, reading = take(ref, step, ask(step, number), NOW + timedelta(seconds=number))
        attempts.append(attempt)
        readings.append(reading)
    raise AssertionError("the chain does not end")


def x_post(native_id: str = "1986488750699450999", **given: Any) -> FakePost:
    """A post on X for one test."""
    fields: dict[str, Any] = {
        "platform": "x",
        "native_id": native_id,
        "username": "ferry_watch",
        "name": "Ferry Watch",
        "text": "The night boat left on time.",
        "published": datetime(2025, 11, 6, 17, 40, tzinfo=UTC),
    }
    return FakePost(**{**fields, **given})


def post_on(platform: str, native_id: str, **given: Any) -> FakePost:
    """A post on another network for one test."""
    fields: dict[str, Any] = {
        "platform": platform,
        "native_id": native_id,
        "username": "ferrywatch",
        "name": "Ferry Watch",
        "text": "The night boat left on time.",
        "published": datetime(2025, 11, 6, 17, 40, tzinfo=UTC),
    }
    return FakePost(**{**fields, **given})


def single(ref: PostRef, chosen: PlatformOptions, method: str) -> Reading:
    """What one method of a chain says, over the wire."""
    step = next(step for step in steps_of(ref, chosen) if step.method == method)
    return take(ref, step, ask(step), NOW)[1]


def ref_to(url: str) -> PostRef:
    """The reference that a URL names."""
    ref = match(url)
    assert ref is not None, url
    return ref


def methods(attempts: Sequence[Attempt]) -> list[str]:
    return [attempt.method for attempt in attempts]


def outcomes(attempts: Sequence[Attempt]) -> list[str]:
    return [attempt.outcome for attempt in attempts]
