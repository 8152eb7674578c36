"""The document as a whole: pure, provable, and named after the right URL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.errors import Refused
from archiver.extract import extract, extract_page, settings_digest
from archiver.models.article import Article
from archiver.models.exchange import Capture, CrawlContext
from archiver.models.hints import ExtractHints
from archiver.page import parse_page
from archiver.reasons import Reason
from archiver.urls import document_id
from tests.quality.corpus import FETCHED, capture_of

URL = "https://www.news.example/2026/11/24/bridge?utm_source=feed"
TEXT = "".join(
    f"<p>The bridge over the river reopened on Monday after {n} months of repairs, the ministry of transport said.</p>"
    for n in range(5)
)


def capture(head: str = "", body: str = TEXT, context: CrawlContext | None = None) -> Capture:
    html = f"<html lang=en><head><title>Bridge reopens</title>{head}</head><body><article><h1>Bridge reopens after months</h1>{body}</article></body></html>"
    made = capture_of(html.encode(), URL)
    return replace(made, context=context) if context else made


def test_the_same_capture_gives_the_same_bytes() -> None:
    assert extract(capture()).model_dump_json() == extract(capture()).model_dump_json()


def test_a_document_survives_json() -> None:
    article = extract(capture())
    assert Article.model_validate_json(article.model_dump_json()) == article


def test_extraction_leaves_the_page_as_it_is() -> None:
    page = parse_page(capture())
    before = page.tree.text_content()
    extract_page(page)
    assert page.tree.text_content() == before


def test_the_pointer_and_the_capture_time_are_the_captures() -> None:
    article = extract(capture())
    assert article.capture.warc_filename == "corpus.warc.gz"
    assert article.capture.charset == "utf-8"
    assert article.extraction.extracted_at == FETCHED
    assert "trafilatura/" in article.extraction.software


def test_the_id_is_of_the_canonical_url_of_the_same_site() -> None:
    article = extract(capture("<link rel=canonical href='https://www.news.example/2026/11/24/bridge'>"))
    assert article.id == document_id("https://www.news.example/2026/11/24/bridge")
    assert article.canonical_url == "https://www.news.example/2026/11/24/bridge"


@pytest.mark.parametrize(
    "claimed", ["https://elsewhere.example.org/story", "https://www.news.example/", "https://www.news.example"]
)
def test_a_canonical_url_that_cannot_name_the_article_does_not_make_its_id(claimed: str) -> None:
    assert extract(capture(f"<link rel=canonical href='{claimed}'>")).id == document_id(URL)


def test_the_crawls_context_is_in_the_document() -> None:
    context = CrawlContext(
        source="example",
        requested_url="https://news.example/b",
        redirects=(("https://news.example/b", 301),),
        hops_from_seed="LR",
        run_id="run-1",
        user_agent="archiver",
        robots=("allowed", "no rule matches", None),
        discovered=({"kind": "feed", "url": "https://news.example/feed.xml"},),
    )
    article = extract(capture(context=context))
    assert (article.source, article.requested_url, article.crawl.run_id) == (
        "example",
        "https://news.example/b",
        "run-1",
    )
    assert [(hop.url, hop.status) for hop in article.redirects] == [("https://news.example/b", 301)]
    assert article.crawl.robots is not None
    assert article.discovered[0].kind == "feed"


def test_white_space_makes_no_version_and_a_changed_word_does() -> None:
    one = extract(capture()).version_id
    assert extract(capture(body=TEXT.replace(" on Monday", "\n  on   Monday"))).version_id == one
    assert extract(capture(body=TEXT.replace("Monday", "Tuesday"))).version_id != one


def test_hints_change_the_settings_digest() -> None:
    assert settings_digest(ExtractHints()) != settings_digest(ExtractHints(prune_xpath=["//aside"]))


def test_a_text_unlike_the_declared_body_raises_a_flag() -> None:
    declared = " ".join(f"Another story altogether is told here in sentence number {n} of many." for n in range(90))
    block = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Bridge reopens after months","articleBody":"{declared}"}}</script>'
    assert "text:differs-from-json-ld" in extract(capture(block)).extraction.warnings
    assert "text:differs-from-json-ld" not in extract(capture()).extraction.warnings


def test_the_standfirst_outside_the_text_is_put_back_before_it() -> None:
    standfirst = "Lorries no longer take the detour that doubled the price of flour in the north."
    html = (
        f"<html><head><title>Bridge reopens</title><meta name=description content='{standfirst}'></head><body><header><h1>Bridge reopens after months</h1>"
        f"<p class=intro>{standfirst}</p></header><div class='article-body'>{TEXT}</div></body></html>"
    )
    article = extract(capture_of(html.encode(), URL))
    assert article.paragraphs[0].text == standfirst
    assert article.article_body.count(standfirst) == 1


def test_a_description_that_the_page_does_not_show_is_no_text() -> None:
    article = extract(
        capture("<meta name=description content='Nobody on this page reads this sentence about the bridge.'>")
    )
    assert "Nobody on this page" not in article.article_body


def test_a_pdf_under_an_html_label_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        extract(capture_of(b"%PDF-1.7\n" + b"x" * 500, URL))
    assert refused.value.reason is Reason.NOT_HTML


def test_speakers_are_read_in_the_language_of_the_text_and_the_declaration_is_kept() -> None:
    text = (
        "شورای شهر نیشابور سه‌شنبه شب برای بررسی آینده ایستگاه قدیمی راه‌آهن که بیش از دوازده سال خالی مانده تشکیل جلسه داد. "
        "ساکنان خواستار ساخت کتابخانه و بازاری سرپوشیده هستند، در حالی که استان می‌خواهد زمین را به سرمایه‌گذاری از پایتخت بفروشد."
    )
    body = f"<p>{text}</p><p>احمد کریمی گفت: «راه باز است و پل بسته است.»</p><p>{text[:120]}</p>"
    article = extract(capture(body=body))
    assert article.language == "en"
    assert article.language_detected is not None
    assert article.language_detected.code == "fa"
    assert [one.speaker and one.speaker.name for one in article.quotations] == ["احمد کریمی"]
