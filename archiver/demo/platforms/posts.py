"""The posts that the fake networks hold: the shape, and the reading of `posts.toml`.

Belongs here: invented posts, and those two of the seed story whose wording is public. How a network shows a post is in the
network's module here; how it fails to is a word in `state`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

X_EPOCH_MS = 1288834974657
STORY_DAY = datetime(2025, 10, 28, tzinfo=UTC)
"""The day of the seed story's posts."""


@dataclass(frozen=True)
class FakePost:
    """One post. `state` says how the endpoints answer for it, `states` (endpoint -> state) how single ones do.

    `text` is plain; `{link:URL}` inside it becomes what the network makes of links. `full_text` is the whole of a long post
    whose `text` is the cut part. `media` holds picture names, `video` one video's. `copies`: the Wayback Machine has it.
    """

    platform: str
    native_id: str
    username: str
    name: str
    text: str
    published: datetime
    language: str = "en"
    full_text: str | None = None
    state: str = "visible"
    states: dict[str, str] = field(default_factory=dict)
    user_id: str = "1000000001"
    media: tuple[str, ...] = ()
    video: str | None = None
    quotes: str | None = None
    replies_to: str | None = None
    sensitive: bool = False
    likes: int = 12
    copies: bool = False
    host: str = ""

    def state_at(self, endpoint: str) -> str:
        """How `endpoint` answers for this post."""
        return self.states.get(endpoint, self.state)

    @property
    def key(self) -> tuple[str, str]:
        return self.platform, self.native_id


def x_id(moment: datetime, sequence: int = 1) -> str:
    """The id that X would give at `moment`."""
    return str(((round(moment.timestamp() * 1000) - X_EPOCH_MS) << 22) + sequence)


@lru_cache(maxsize=1)
def _table() -> list[dict[str, Any]]:
    text = (files("archiver.demo.platforms") / "posts.toml").read_text(encoding="utf-8")
    posts: list[dict[str, Any]] = tomllib.loads(text)["post"]
    return posts


def demo_posts(moment: datetime, story_day: datetime = STORY_DAY) -> list[FakePost]:
    """The posts of the demo's articles, for pages made at `moment` (aware).

    An entry with `age` was posted that many minutes before `moment`; one with `story` at that time of `story_day` (the day
    of the seed story's posts); one with `published` is fixed, because an article holds its id.
    """
    return [_post(dict(entry), moment, story_day) for entry in _table()]


def _post(entry: dict[str, Any], moment: datetime, story_day: datetime) -> FakePost:
    sequence = entry.pop("sequence", 1)
    if "age" in entry:
        entry["published"] = moment.astimezone(UTC) - timedelta(minutes=entry.pop("age"))
    elif "story" in entry:
        clock = entry.pop("story")
        day = story_day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        entry["published"] = day + timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    entry["published"] = entry["published"].astimezone(UTC)
    entry.setdefault("native_id", x_id(entry["published"], sequence))
    entry["media"] = tuple(entry.get("media", ()))
    return FakePost(**entry)
