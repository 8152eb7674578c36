"""Static cards: every state, hostile names and posts, what is never loaded, and the records that they are stored as."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from lxml import html

from archiver.cards import Cited, article_page, card_name, page_name, post_card
from archiver.cards.html import direction
from archiver.cards.words import STATUSES, VERDICTS
from archiver.layout import segment_name
from archiver.models import Article
from archiver.models.article import Citation, Evidence
from archiver.models.hints import ExtractHints
from archiver.models.post import Attempt, Post, PostAuthor, PostMedium, PostProvenance
from archiver.models.resolution import Candidate, DiffPart, Match, Resolution, ResolutionProvenance
from archiver.publish_cards import Known, Side, cards_of, write_cards
from archiver.reasons import PostStatus
from archiver.urls import surt_key
from archiver.warc import check_warc
from archiver.warc.index import read_cdxj
from archiver.work import extract_capture
from tests.unit.making import NOON, RUN, capture, page

LONG, SHORT = "1986821476447158273", "198682147644715827"
"""Ids of which one begins with the other."""


def post(native_id: str = LONG, **fields: Any) -> Post:
    known: dict[str, Any] = {
        "id": f"https://x.com/i/status/{native_id}",
        "platform": "x",
        "native_id": native_id,
        "url": f"https://x.com/i/status/{native_id}",
        "author": PostAuthor(name="Harbour Desk", username="harbour"),
        "published": NOON,
        "text": "The last ferry leaves at nine.",
        "text_basis": "syndication",
        "status": "captured",
        "capture": capture(b"{}").pointer,
        "provenance": PostProvenance(parser="x/1", software="test/1"),
    }
    return Post(**(known | fields))


def article(extra: str = "") -> Article:
    outcome = extract_capture(capture(page(extra=extra)), ExtractHints())
    assert outcome.line
    return Article.model_validate_json(outcome.line)


def resolution(about: Article, number: int = 0, **fields: Any) -> Resolution:
    known: dict[str, Any] = {
        "id": "urn:uuid:00000000-0000-4000-8000-000000000009",
        "article_id": about.id,
        "article_version_id": about.version_id,
        "citation_index": number,
        "status": "embedded",
        "verdict": "not_checked",
        "resolved_at": NOON,
        "capture": about.capture,
        "provenance": ResolutionProvenance(software="test/1", article_record_id=about.capture.warc_record_id),
    }
    return Resolution(**(known | fields))


def embed(native_id: str) -> Citation:
    url = f"https://x.com/i/status/{native_id}"
    return Citation(kind="embed", platform="x", url=url, native_id=native_id, evidence=Evidence(markup="blockquote"))


def words(text: str) -> str:
    return " ".join(html.fromstring(text.encode()).xpath("//body")[0].text_content().split())


@pytest.mark.parametrize("status", [status.value for status in PostStatus])
def test_every_status_has_a_card_with_its_own_sentence(status: str) -> None:
    gone = {"capture": None, "text": None} if status not in ("captured", "captured_partial") else {}
    shown = words(post_card(post(status=status, **gone)))
    assert STATUSES[status][1] in shown
    others = [sentence for name, (_, sentence) in STATUSES.items() if name != status]
    assert not any(sentence in shown for sentence in others)
    assert ("The last ferry leaves" in shown) is not bool(gone)


def test_what_a_network_said_of_a_gone_post_stands_on_its_card() -> None:
    said = Attempt(
        method="syndication", at=NOON, http_status=200, outcome="deleted", reason_text="Deleted by its author"
    )
    shown = words(post_card(post(status="deleted", text=None, capture=None, attempts=[said])))
    assert "Deleted by its author" in shown
    assert "no capture: nothing of this was had from the network" in shown


def test_a_network_that_asked_to_wait_is_not_called_a_deletion() -> None:
    busy = Attempt(method="syndication", at=NOON, http_status=429, outcome="throttled")
    shown = words(post_card(post(status="pending", text=None, capture=None, attempts=[busy])))
    assert "429" in shown
    assert "delet" not in shown.lower()


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x00\x1b[2J\u202egnp.exe\ud83d </style></title>"


def test_nothing_that_strangers_wrote_becomes_markup() -> None:
    medium = PostMedium(type="image", url='https://e.test/a"onload="x', alt=HOSTILE, record_id="urn:uuid:1")
    evil = post(
        text=HOSTILE,
        author=PostAuthor(name=HOSTILE, username=HOSTILE, url="javascript:alert(3)"),
        url="javascript:alert(4)",
        language='en" onclick="x',
        media=[medium],
        quoted="javascript:alert(5)",
        withheld=[HOSTILE],
        attempts=[Attempt(method=HOSTILE, at=NOON, outcome="blocked", reason_text=HOSTILE)],
    )
    page_text = post_card(evil)
    tree = html.fromstring(page_text.encode())
    assert not tree.xpath("//script | //iframe | //object | //embed | //form | //link")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert not [href for href in tree.xpath("//@href") if not re.match(r"https?://|#", href)]
    assert tree.xpath("count(//img)") == 1
    assert not re.search("[\x00\x1b\u202e\ud83d]", page_text)
    assert "<script>alert(1)</script>" in tree.xpath("//div[@class='words']")[0].text_content()


def test_no_picture_is_loaded_that_the_archive_does_not_hold() -> None:
    held = PostMedium(type="image", url="https://pbs.example/held.jpg", record_id="urn:uuid:1")
    lost = PostMedium(type="image", url="https://pbs.example/lost.jpg", alt="a map of the strait")
    shown = post_card(post(media=[held, lost]))
    assert html.fromstring(shown.encode()).xpath("//img/@src") == ["https://pbs.example/held.jpg"]
    assert "lost.jpg" not in shown
    assert "a map of the strait" in words(shown)
    policy = html.fromstring(shown.encode()).xpath("//meta[@http-equiv]/@content")[0]
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize(
    "language, way",
    [
        *((language, "rtl") for language in ("fa", "ps-AF", "ur", "ar", "uz-Arab")),
        *((language, "ltr") for language in ("ku", "en", "az-Latn", "ug-Cyrl")),
        (None, "auto"),
    ],
)
def test_words_run_in_the_direction_of_their_language(language: str | None, way: str) -> None:
    assert direction(language) == way
    (shown,) = html.fromstring(post_card(post(language=language)).encode()).xpath("//div[@class='words']")
    assert (shown.get("dir"), shown.get("lang")) == (way, language)


def test_the_same_documents_give_the_same_bytes() -> None:
    about = article()
    cited = [Cited(embed(LONG), resolution(about, post_id=post().id), post())]
    again = Article.model_validate_json(about.model_dump_json())
    assert article_page(about, cited) == article_page(again, cited)


def test_a_page_shows_article_verdict_difference_and_card() -> None:
    about = article()
    diff = [
        DiffPart(op="equal", quote="The last ferry", post="The last ferry"),
        DiffPart(op="replace", quote="left", post="leaves"),
    ]
    match = Match(kind="near", coverage3=0.5, word_coverage=0.75, diff=diff)
    found = resolution(about, status="resolved_text", verdict="altered", match=match, post_id=post().id)
    tree = html.fromstring(article_page(about, [Cited(embed(LONG), found, post())]).encode())
    shown = " ".join(tree.text_content().split())
    assert about.headline and about.headline in shown
    assert all(paragraph.text in shown for paragraph in about.paragraphs)
    assert VERDICTS["altered"] in shown
    assert (tree.xpath("//del/text()"), tree.xpath("//ins/text()")) == (["left"], ["leaves"])
    assert card_name("x", LONG) in shown
    assert "The last ferry leaves at nine." in tree.xpath("//article")[0].text_content()


def test_a_candidate_is_never_shown_as_the_post() -> None:
    about = article()
    maybe = Candidate(post_id=post().id, text="The ferry left at nine.", score=0.4, author="Harbour Desk")
    found = resolution(about, status="candidate_paraphrase", verdict="paraphrase", candidates=[maybe])
    shown = article_page(about, [Cited(embed(LONG), found)])
    assert "it is not verified that the article means this post" in words(shown)
    assert STATUSES["captured"][1] not in words(shown)


def test_the_quoted_words_are_marked_where_they_stand() -> None:
    quote = "“The quay was empty by nine, and nobody had told the crews,” the Harbour Desk posted on X."
    about = article(f"<p>{quote}</p>")
    cited = [Cited(citation) for citation in about.citations]
    (mark,) = html.fromstring(article_page(about, cited).encode()).xpath("//mark")
    assert mark.text == "The quay was empty by nine, and nobody had told the crews"
    assert mark.xpath(".//a/@href") == ["#citation-1"]


def sides_of(articles: list[Article], posts: list[Post], resolutions: Sequence[Resolution] = ()) -> Iterator[Side]:
    lines = [one.model_dump_json().encode() + b"\n" for one in articles]
    return cards_of(Known(posts, resolutions), lines)


def test_the_card_of_a_gone_post_shows_no_neighbour() -> None:
    """One post is gone; another, whose id begins with the same digits, is there. Replay of a widget would show it in its place."""
    about = article().model_copy(update={"citations": [embed(SHORT), embed(LONG)]})
    gone = post(
        SHORT, status="deleted", text=None, capture=None, attempts=[Attempt(method="api", at=NOON, outcome="deleted")]
    )
    there = post(LONG, text="I am the neighbour.")
    found = [resolution(about, 0, post_id=gone.id), resolution(about, 1, post_id=there.id)]
    sides = {target: block.decode() for target, _, block in sides_of([about], [there, gone], found)}
    assert set(sides) == {card_name("x", SHORT), card_name("x", LONG), page_name(about.url)}
    assert "neighbour" not in sides[card_name("x", SHORT)]
    assert STATUSES["deleted"][1] in words(sides[card_name("x", SHORT)])
    first, second = html.fromstring(sides[page_name(about.url)].encode()).xpath("//section[@class='citation']")
    assert "neighbour" not in first.text_content()
    assert STATUSES["deleted"][1] in first.text_content()
    assert "I am the neighbour." in second.text_content()


def test_cards_are_resource_records_of_a_file_that_our_checker_and_another_reader_take(tmp_path: Path) -> None:
    about = article()
    name = segment_name(f"example-20261124120000000-00000-{RUN}")
    assert name
    files = []
    for folder in ("one", "two"):
        sealed = write_cards(tmp_path / folder, name, "test/1", sides_of([about], [post()]))
        assert sealed
        files.append(sealed)
        assert [str(finding) for finding in check_warc(sealed.path, profile="ours", key=sealed.key)] == []
    assert files[0].path.read_bytes() == files[1].path.read_bytes()
    with files[0].path.open("rb") as stream:
        records = [
            (record.headers["WARC-Target-URI"], record.reader.read().decode())
            for record in ArchiveIterator(stream, record_types=WarcRecordType.resource, parse_http=False)
        ]
    assert records == [(card_name("x", LONG), post_card(post())), (page_name(about.url), article_page(about, []))]
    assert {line["url"] for line in read_cdxj(files[0].cdxj_path)} == {target for target, _ in records}


def test_a_post_that_nobody_asked_for_has_no_card() -> None:
    assert list(sides_of([], [post(status="not_attempted", capture=None)])) == []


def test_a_post_under_terms_of_its_own_has_no_card() -> None:
    assert list(sides_of([], [post(terms="x-developer")])) == []


def test_names_hold_whole_ids_and_only_what_a_urn_may() -> None:
    names = [card_name("youtube", native_id) for native_id in ("aBcdefg", "abcdefg", "ABcdefg")]
    assert len({surt_key(name) for name in names}) == 3
    assert card_name("bluesky", "did:plc:abc/3m4x") == "urn:post-card:bluesky:did:plc:abc/3m4x"
    assert card_name("x", "1 2\n<3>") == "urn:post-card:x:1%202%0A%3C3%3E"
    assert page_name("https://e.test/ناب?a=b&c=%20") == "urn:article-page:https://e.test/%D9%86%D8%A7%D8%A8?a=b&c=%20"
