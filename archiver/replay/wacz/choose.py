"""What goes into a package: pages with all they need, or whole runs and sources, and the originals of every revisit.

Belongs here: the choice of records and pages. Copying them is for `records`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from archiver.cards import card_name, page_name
from archiver.errors import ArchiverError
from archiver.index import line_values
from archiver.index.lines import stored_lines
from archiver.layout import SegmentName
from archiver.models import Article
from archiver.models.post import Post
from archiver.platforms.views import SOCIAL_POST
from archiver.replay.cites import Cites
from archiver.replay.needs import Found, Shelf, page_asked, page_needs, page_place
from archiver.urls import surt_key

EMBED_SCRIPTS = re.compile(
    r"https?://(?:platform\.(?:twitter|x)\.com/(?:widgets|embed)|(?:www\.)?instagram\.com/embed\.js|www\.threads\.(?:net|com)/embed\.js"
    r"|www\.tiktok\.com/embed\.js|connect\.facebook\.net/[^?]*/(?:sdk|all)\.js|embed\.bsky\.app/static/|telegram\.org/js/telegram-widget"
    r"|embed\.reddit\.com/widgets)",
    re.IGNORECASE,
)
"""Scripts that put a live widget in place of the quoted post. Without them the page's own quotation stays readable text; with them a
replay that guesses by likeness of the query may show another post (`posts` in the documentation says how)."""

PAGE_KINDS = ("pageinfo", "dom", "view", "fullPage", "thumbnail")
"""Side records of a page, by the first part of their `urn:`: what it needed, and how a browser saw it."""

TWEET_RESULT = "com,twimg,syndication,cdn)/tweet-result"


class Choice:
    """Records and pages for one package. `problems` are sentences about what could not be put in."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._found: dict[tuple[str, int], Found] = {}
        self.articles: list[Article] = []
        self.posts: dict[str, Post] = {}
        self.left_out: Counter[str] = Counter()
        self.problems: list[str] = []
        self._cited: set[str] = set()
        self._cites = Cites(shelf.archive)

    def add_article(self, article: Article) -> None:
        """An article as it was captured: redirects, page, requisites, and the captures of the posts that it cites."""
        pointer = article.capture
        page = self._shelf.at(article.url, *page_place(pointer))
        if page is None:
            self.problems.append(
                f"{article.url}: its page is not shown (noarchive or suppressed), so it is not in the package"
            )
            return
        self.articles.append(article)
        self._add(page)
        for hop in article.redirects:
            self._add(*self._shelf.nearest(hop.url, pointer.fetch_time))
        try:
            capture = self._shelf.archive.capture(pointer)
            for need in page_needs(self._shelf, capture):
                if not EMBED_SCRIPTS.match(need.url):
                    self._add(*need.found)
            for url in page_asked(self._shelf, article.url, page.place):
                if not EMBED_SCRIPTS.match(url):
                    self._add(*self._shelf.nearest(url, pointer.fetch_time))
        except ArchiverError as error:
            self.problems.append(f"{article.url}: what it needs cannot be read: {error}")
        for kind in PAGE_KINDS:
            self._add(*self._shelf.lines(f"urn:{kind}:{article.url}"))
        self._add_posts(article)

    def add_segments(
        self, segments: Iterable[SegmentName], since: datetime | None = None, until: datetime | None = None
    ) -> None:
        """Every visible capture of whole WARCs, within times of capture (`since` inside, `until` outside)."""
        low, high = (moment.isoformat() if moment else None for moment in (since, until))
        for segment in segments:
            for line in self._shelf.hidden.visible(
                stored_lines(self._shelf.archive.store, segment.cdxj), self.left_out
            ):
                found = Found(line, line_values(line))
                when = found.values.get("fetch_time", "")
                if (low is None or when >= low) and (high is None or when < high):
                    self._add(found)

    def add_documents(self, articles: Iterable[Article]) -> None:
        """Articles whose captures are chosen already, as originals of revisits too: they become pages, their posts with them."""
        places = {one.place for one in self.found()}
        for article in articles:
            if page_place(article.capture) in places:
                self.articles.append(article)
                self._add_posts(article)

    def _add_posts(self, article: Article) -> None:
        """The page that shows article, citations and verdicts, and each cited post: card, capture, media."""
        self._add(*self._shelf.lines(page_name(article.url)))
        self._cited |= {
            citation.native_id for citation in article.citations if citation.platform == "x" and citation.native_id
        }
        for post in self._cites.posts(article):
            if post.id not in self.posts:
                self._add_answers(post, (post.capture or article.capture).fetch_time)

    def add_post(self, post: Post, urls: Iterable[str]) -> None:
        """A post by itself: its card, the answers that it was read from, its media, and what a browser saw at its own page or at
        one of `urls` (that of its embed, for one)."""
        self._add_answers(post, post.capture.fetch_time if post.capture else None)
        if post.platform == "x":
            self._cited.add(post.native_id)
        for url in dict.fromkeys((post.url, *urls)):
            for page in self._shelf.lines(url):
                self._add(page)
                for asked in page_asked(self._shelf, url, page.place):
                    self._add(*self._shelf.nearest(asked, datetime.fromisoformat(page.values["fetch_time"])))
            for kind in PAGE_KINDS:
                self._add(*self._shelf.lines(f"urn:{kind}:{url}"))

    def _add_answers(self, post: Post, when: datetime | None) -> None:
        """What there is of a post; its media as of `when`."""
        self.posts[post.id] = post
        self._add(*self._shelf.lines(f"{SOCIAL_POST}{post.platform}:{post.native_id}"))
        self._add(*self._shelf.lines(card_name(post.platform, post.native_id)))
        if found := self.post_line(post):
            self._add(found)
        for medium in post.media:
            if medium.url and when:
                self._add(*self._shelf.nearest(medium.url, when))

    def post_line(self, post: Post) -> Found | None:
        """The line of the capture that a post was read from."""
        if post.capture is None:
            return None
        try:
            url = self._shelf.archive.capture(post.capture).url
        except ArchiverError:
            return None
        return self._shelf.at(url, post.capture.warc_filename, post.capture.warc_record_offset)

    def _add(self, *found: Found) -> None:
        for one in found:
            self._found.setdefault(one.place, one)

    def found(self) -> list[Found]:
        """The records, with the originals of the revisits among them, by file and offset. A revisit without one stays out."""
        for one in list(self._found.values()):
            if one.values.get("mime") == "warc/revisit" and not self._with_original(one):
                del self._found[one.place]
        return sorted(self._found.values(), key=lambda one: one.place)

    def _with_original(self, revisit: Found) -> bool:
        try:
            refers = self._shelf.read(revisit).pointer.refers_to
        except ArchiverError as error:
            self.problems.append(str(error))
            return False
        original = None
        if refers and refers.target_uri and refers.warc_filename and refers.warc_record_offset is not None:
            there = self._shelf.archive.heir(refers.warc_filename)
            original = self._shelf.at(refers.target_uri, there, refers.warc_record_offset)
        if original is None:
            self.problems.append(f"{revisit.values['url']}: a revisit whose original cannot be shown, so both stay out")
            return False
        self._add(original)
        return True

    def shown(self, found: list[Found]) -> list[Found]:
        """The records that the package's index lists: a network's answers about posts only where no other post can be taken for
        them, the embed scripts never."""
        answers = [one for one in found if one.values["key"].startswith(TWEET_RESULT)]
        hide = bool(answers) and not self._safe(answers)
        return [
            one
            for one in found
            if not (hide and one in answers) and not (self.articles and EMBED_SCRIPTS.match(one.values["url"]))
        ]

    def _safe(self, answers: list[Found]) -> bool:
        """Whether every cited X post has a good answer and all answers were asked for in the same way.

        A player that scores likeness of queries gives another post's answer when that shares more parameters with the question.
        """
        good, manners = set(), set()
        for one in answers:
            query = parse_qs(urlsplit(one.values["url"]).query)
            manners.add(tuple(query.get("features", [])))
            if one.values.get("status") == "200" or one.values.get("mime") == "warc/revisit":
                good |= set(query.get("id", []))
        return len(manners) == 1 and self._cited <= good


def keys_of(found: Iterable[Found]) -> set[str]:
    """The SURT keys of lines; a page can be opened when its URL is among them."""
    return {surt_key(one.values["url"]) for one in found}
