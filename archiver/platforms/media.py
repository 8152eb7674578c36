"""The pictures and films of a post as requests: most networks' addresses expire within hours, so they come right after it.

Belongs here: which URLs to ask for, in which order and how many. The capture is an ordinary response.
"""

from __future__ import annotations

from archiver.platforms.fediverse import may_ask
from archiver.platforms.options import BLUESKY_BLOBS, PlatformOptions
from archiver.platforms.steps import Reading, Step

MEDIA_MAX = 20
METHOD = "media"


def media_steps(reading: Reading, options: PlatformOptions) -> list[Step]:
    """A step for each medium of the post and of those that came along with it, in order, each URL once. Hosts come from the answer: https and public names only,
    unless the operator's bases lead there. Only those and Bluesky's server of blobs may lead on to another host. A post that is not for everyone (`restricted`) has none.
    """
    if reading.post is None or reading.restricted:
        return []
    steps: dict[str, Step] = {}
    media = [medium for post in (reading.post, *reading.post.related) for medium in post.media]
    known = tuple(_origin(base) for base in (BLUESKY_BLOBS, *options.bases.values()))
    for medium in media[:MEDIA_MAX]:
        trusted = medium.url.startswith(known)
        if trusted or may_ask(medium.url):
            step = Step(
                METHOD, medium.url, terms=reading.terms or "platform-public", endpoint="media", federated=not trusted
            )
            steps.setdefault(medium.url, step)
    return list(steps.values())


def _origin(base: str) -> str:
    """Scheme, host and port of a base, with a slash."""
    scheme, _, rest = base.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"
