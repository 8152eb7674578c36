"""What makes a new version of an article, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.errors import Refused
from archiver.extract import extract
from archiver.models import Article, Capture, CapturePointer, CrawlContext
from archiver.models.exchange import Role
from archiver.reasons import Reason
from archiver.versions import FIELDS, fields_of, version_id_of
from archiver.warc.context import context_lines, read_side

TEXT = [
    "The harbour of the old town was closed on Monday morning after a storm broke two of its three piers.",
    "The mayor said that repairs would take until spring, and that ferries would leave from the north quay.",
    "Fishermen asked for help with the cost of their boats, many of which had been thrown onto the shore.",
    "Nobody was hurt, according to the coast guard, which had warned of the storm two days before it came.",
]
EMBED = (
    '<blockquote class="twitter-tweet"><p>Ferries leave from the north quay.</p>&mdash; Town (@town) '
    '<a href="https://twitter.com/town/status/1234567890123456789">November 24, 2026</a></blockquote>'
)


def page(
    text: list[str] = TEXT,
    headline: str = "Harbour closed after storm",
    author: str = "Mina Rahimi",
    modified: str = "2026-11-24T09:00:00Z",
    extra: str = "",
    free: bool = True,
) -> str:
    ld = (
        f'{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{headline}","datePublished":'
        f'"2026-11-24T08:00:00Z","dateModified":"{modified}","author":{{"@type":"Person","name":"{author}"}},'
        f'"isAccessibleForFree":{str(free).lower()}}}'
    )
    body = "".join(f"<p>{part}</p>" for part in text)
    return (
        f'<!doctype html><html lang=en><head><title>{headline}</title><script type="application/ld+json">{ld}</script>'
        f"</head><body><main><article><h1>{headline}</h1>{body}{extra}</article></main></body></html>"
    )


def capture(html: str, previous: dict[str, Any] | None) -> Capture:
    pointer = CapturePointer(
        warc_filename="w.warc.gz",
        warc_record_offset=0,
        warc_record_length=1,
        warc_record_id="urn:uuid:00000000-0000-4000-8000-000000000000",
        warc_type="response",
        fetch_time=datetime(2026, 11, 24, 10, tzinfo=UTC),
        fetch_status=200,
    )
    context = CrawlContext(role=Role.ARTICLE, source="example", previous=previous)
    fields = (("Content-Type", "text/html; charset=utf-8"),)
    return Capture("https://www.example.com/news/1", "GET", b"", fields, html.encode(), pointer, context)


def first(html: str | None = None) -> Article:
    return extract(capture(html or page(), {}))


def after(html: str, before: Article) -> Article | None:
    """The next version; None when the page is unchanged."""
    previous = {
        "version_id": before.version_id,
        "version_number": before.version_number,
        "payload_sha256": None,
        "fields": fields_of(before),
    }
    try:
        return extract(capture(html, previous))
    except Refused as refused:
        assert refused.reason is Reason.UNCHANGED
        return None


def test_the_first_version_of_a_crawled_source_is_number_one() -> None:
    article = first()
    assert (article.version_number, article.previous_version_id, article.changed_fields) == (1, None, [])
    assert article.version_id == version_id_of(fields_of(article))


def test_a_document_and_its_json_have_the_same_fields() -> None:
    article = extract(capture(page(modified="2026-11-24T14:00:00+05:00", extra=EMBED), {}))
    assert fields_of(Article.model_validate_json(article.model_dump_json())) == fields_of(article)


def test_a_page_outside_every_source_has_no_number() -> None:
    assert extract(capture(page(), None)).version_number is None


CHANGES = {
    "headline": page(headline="Harbour closed for months after storm"),
    "body": page([TEXT[0].replace("two", "all"), *TEXT[1:]]),
    "byline": page(author="Karim Sadat"),
    "date": page(modified="2026-11-24T11:30:00Z"),
    "correction_note": page([*TEXT, "Correction: An earlier version of this report named the wrong quay."]),
    "embed_added": page(extra=EMBED),
    "paywall": page(free=False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_real_change_makes_a_version_and_is_named(name: str) -> None:
    before = first()
    article = after(CHANGES[name], before)
    assert article is not None
    assert article.changed_fields == [name]
    assert article.version_number == 2
    assert article.previous_version_id == before.version_id != article.version_id
    assert article.id == before.id


def test_an_embed_that_is_gone_is_named() -> None:
    article = after(page(), first(page(extra=EMBED)))
    assert article is not None
    assert article.changed_fields == ["embed_removed"]


def test_several_changes_are_named_in_a_fixed_order() -> None:
    html = page(
        [*TEXT[:3], "Editor's note: this was changed."], headline="Another", author="Another Person", free=False
    )
    article = after(html, first())
    assert article is not None
    assert article.changed_fields == ["headline", "body", "byline", "correction_note", "paywall"]
    assert set(article.changed_fields) <= set(FIELDS)


@pytest.mark.parametrize(
    "html",
    [
        page(),
        page([part.replace(" ", "\n  ").replace("storm", "storm&nbsp;").replace("&nbsp; ", "&nbsp;") for part in TEXT]),
        page([TEXT[0], "1,204 views", *TEXT[1:]]),
        page([TEXT[0], "Advertisement", *TEXT[1:], "37 comments"]),
        page(extra='<div class="share">12 shares</div><div class="advertisement"><p>Buy a boat</p></div>'),
        page() + "<!-- rendered in 12 ms -->",
    ],
    ids=["same", "white space", "views", "advertising", "furniture", "comment"],
)
def test_white_space_counters_and_advertising_make_no_version(html: str) -> None:
    assert after(html, first()) is None


def test_a_change_and_back_again_are_two_versions() -> None:
    one = first()
    two = after(CHANGES["headline"], one)
    assert two is not None
    three = after(page(), two)
    assert three is not None
    assert three.version_number == 3
    assert three.version_id == one.version_id
    assert three.previous_version_id == two.version_id


def test_the_predecessor_travels_through_the_metadata_record() -> None:
    article = first()
    previous = {
        "version_id": article.version_id,
        "version_number": 4,
        "payload_sha256": "ab" * 32,
        "fields": fields_of(article),
    }
    for given in (previous, {}, None):
        pairs = [*context_lines(CrawlContext(previous=given)), ("arc-payload-sha256", "00")]
        side = read_side("".join(f"{name}: {value}\r\n" for name, value in pairs).encode(), None, None)
        assert side
        assert side.context.previous == given


@pytest.mark.parametrize(
    "previous", [{"fields": 7}, {"version_id": 3, "fields": {}}, {"fields": {"embeds": None}, "version_number": "x"}]
)
def test_a_predecessor_that_is_none_of_ours_costs_no_document(previous: dict[str, Any]) -> None:
    assert extract(capture(page(), previous)).headline == "Harbour closed after storm"
