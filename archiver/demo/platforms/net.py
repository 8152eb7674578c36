"""What all fake endpoints share: the posts by key, search in them, pictures, counts of requests.

Belongs here: the state behind the answers. How it goes over the wire is for `server`.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from archiver.demo.platforms.posts import FakePost
from archiver.demo.platforms.reply import Reply

_FROM = re.compile(r"(?:from:|site:(?:x|twitter)\.com/)(\w+)", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{3,}")
_NOISE = frozenset({"from", "site", "com", "twitter", "retweet", "since", "until"})


class Net:
    """The posts of all fake networks. `bearer` is the only token that the paid API takes; `timelines` (username in lower
    case -> state) says whose embed timeline is throttled."""

    def __init__(self, posts: Iterable[FakePost], base: str = "", bearer: str = "demo-bearer") -> None:
        self.base, self.bearer = base, bearer
        self.timelines: dict[str, str] = {}
        self.shorts: dict[tuple[str, str], str] = {}
        self._posts: dict[tuple[str, str], FakePost] = {post.key: post for post in posts}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def put(self, post: FakePost) -> None:
        """Add or replace a post."""
        with self._lock:
            self._posts[post.key] = post

    def set_state(self, platform: str, native_id: str, state: str, endpoint: str | None = None) -> None:
        """Switch how a post is answered for: everywhere, or at one endpoint. KeyError for an unknown post."""
        with self._lock:
            post = self._posts[platform, native_id]
            changed = replace(post, states={**post.states, endpoint: state}) if endpoint else replace(post, state=state)
            self._posts[platform, native_id] = changed

    def find(self, platform: str, native_id: str) -> FakePost | None:
        """A post by its key."""
        return self._posts.get((platform, native_id))

    def all(self, platform: str) -> list[FakePost]:
        """A network's posts, newest first."""
        return sorted(
            (p for p in self._posts.values() if p.platform == platform), key=lambda p: p.published, reverse=True
        )

    def by(self, platform: str, username: str) -> list[FakePost]:
        """A user's posts, newest first."""
        return [post for post in self.all(platform) if post.username.lower() == username.lower()]

    def search(self, platform: str, query: str) -> list[FakePost]:
        """Posts of the author named in `query` that share at least a third of its words."""
        named = _FROM.search(query)
        rest = _FROM.sub(" ", query)
        wanted = {word for word in _WORDS.findall(rest.casefold()) if word not in _NOISE}
        found = []
        for post in self.by(platform, named[1]) if named else self.all(platform):
            shared = wanted & set(_WORDS.findall((post.full_text or post.text).casefold()))
            if not wanted or 3 * len(shared) >= len(wanted):
                found.append(post)
        return found

    def picture(self, name: str) -> str:
        """The address of a picture on these servers."""
        return f"{self.base}/media/{name}.png"

    def count(self, endpoint: str, native_id: str) -> int:
        """How often this was called for a post, this call included."""
        with self._lock:
            self._counts[endpoint, native_id] += 1
            return self._counts[endpoint, native_id]

    def faulty(self, reply: Reply, state: str) -> Reply:
        """`reply` with the wire fault that a state asks for."""
        if state == "slow":
            return replace(reply, fault="slow")
        return replace(reply, fault="broken") if state == "broken" else reply
