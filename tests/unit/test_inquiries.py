"""What a search for a quotation's post keeps between two answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from archiver.conclude import AFTER, BEFORE
from archiver.demo.platforms.posts import x_id
from archiver.models.resolution import Window
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer
from archiver.resolve import search_of
from spiders.inquiries import IDS_MAX, QuoteSearch

PUBLISHED = datetime(2025, 11, 6, 12, 0, tzinfo=UTC)
QUOTE = "the night ferry will not sail again before the pier has been mended"


def search(**given: str) -> QuoteSearch:
    cause = search_of("x", "https://news.example/a", "<urn:uuid:1>", 0, "harbourpost", "printed")
    window = Window(start=PUBLISHED - BEFORE, end=PUBLISHED + AFTER)
    made = QuoteSearch(cause, "https://news.example/a", "I", PUBLISHED, PlatformOptions.model_validate(given),
                       published=PUBLISHED, quote=QUOTE, window=window)  # fmt: skip
    made.prepare()
    return made


def index(*moments: datetime) -> Answer:
    """The list of copies as the web archive gives it: sorted by the posts' ids."""
    links = sorted(f"https://twitter.com/harbourpost/status/{x_id(moment)}" for moment in moments)
    head = ["timestamp", "original", "mimetype", "statuscode"]
    rows = [head, *(["20251107000000", link, "text/html", "200"] for link in links)]
    return Answer(200, (("Content-Type", "application/json"),), json.dumps(rows).encode(), "https://web.archive.org/")


def test_of_the_ids_that_an_index_names_those_nearest_to_the_article_are_asked_for() -> None:
    made = search()
    step = next(step for step in made.waiting if step.method == "wayback-index")
    moments = [PUBLISHED - timedelta(hours=hours) for hours in range(-19, 70, 5)]
    made.take(step, index(*moments), PUBLISHED)
    nearest = sorted(moments, key=lambda moment: abs(moment - PUBLISHED))[:IDS_MAX]
    assert [ref.native_id for ref in made.named] == [x_id(moment) for moment in nearest]


def test_what_one_answer_names_leaves_room_for_the_next() -> None:
    made = search()
    step = next(step for step in made.waiting if step.method == "wayback-index")
    made.take(step, index(*(PUBLISHED - timedelta(hours=hours) for hours in range(10))), PUBLISHED)
    found = x_id(PUBLISHED - timedelta(days=2))
    feed = f"<rss><channel><item><link>https://x.com/harbourpost/status/{found}</link></item></channel></rss>"
    bing = next(step for step in made.waiting if step.method == "bing")
    made.take(bing, Answer(200, (), feed.encode(), "https://www.bing.com/"), PUBLISHED)
    assert made.named[-1].native_id == found


def test_a_third_partys_words_settle_nothing() -> None:
    made = search(third_party="discovery-only")
    step = next(step for step in made.waiting if step.method == "fxtwitter-search")
    status = {"type": "status", "id": x_id(PUBLISHED), "text": QUOTE, "author": {"screen_name": "harbourpost"}}
    made.take(step, Answer(200, (), json.dumps({"code": 200, "results": [status]}).encode(), step.url), PUBLISHED)
    assert not made.seen and [ref.native_id for ref in made.named] == [x_id(PUBLISHED)]


def test_a_third_partys_404_is_asked_a_second_time_and_no_third() -> None:
    made = search(third_party="discovery-only")
    step = next(step for step in made.waiting if step.method == "fxtwitter-search")
    missing = Answer(404, (), b'{"code": 404, "message": "NOT_FOUND"}', step.url)
    made.waiting = []
    made.attempts.append(made.take(step, missing, PUBLISHED))
    assert made.waiting == [step]
    made.waiting = []
    made.attempts.append(made.take(step, missing, PUBLISHED))
    assert made.waiting == []
