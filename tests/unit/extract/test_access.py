"""Free to read or not: what is declared, the wall that the page shows, and the text that breaks off before one."""

from __future__ import annotations

import pytest

from archiver.extract import CUT, extract
from archiver.extract.metadata import Metadata, read_metadata
from tests.quality.corpus import capture_of
from tests.unit.extract.given import URL, document, json_ld, page_of

BOX = '<div class="site-paywall-box"><h2>{}</h2><form><input name="mail"></form></div>'
TEXT = "<p>The harbour board opened the bridge on Monday after ten years of work and three changes of plan.</p>" * 3


ENDLESS = TEXT * 8 + "<p>The minister who had promised the road in his first</p>"


def _read(head: str = "", body: str = TEXT) -> Metadata:
    return read_metadata(page_of(document(head, body)))


def _entry(**fields: object) -> str:
    return json_ld({"@type": "NewsArticle", "url": URL, "headline": "Bridge opens", **fields})


LOCKED_PART = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".locked"}


@pytest.mark.parametrize(
    ("head", "free", "detected", "evidence"),
    [
        ("", None, False, []),
        (_entry(isAccessibleForFree=True), True, False, []),
        (_entry(isAccessibleForFree="False"), False, True, ["json-ld isAccessibleForFree=false"]),
        (_entry(hasPart=LOCKED_PART), False, True, ["json-ld hasPart cssSelector=.locked"]),
        (_entry(isAccessibleForFree=True, hasPart=LOCKED_PART), True, False, []),
        (
            '<meta property="article:content_tier" content="metered">',
            False,
            False,
            ["meta article:content_tier=metered"],
        ),
        ('<meta property="article:content_tier" content="locked">', False, True, ["meta article:content_tier=locked"]),
        ('<meta property="article:content_tier" content="free">', True, False, []),
    ],
)
def test_what_the_page_declares(head, free, detected, evidence):
    found = _read(head)
    assert (found.is_accessible_for_free, found.paywall.detected, found.paywall.evidence) == (free, detected, evidence)


@pytest.mark.parametrize(
    "words",
    [
        "Register to read the article",
        "Jetzt weiterlesen",
        "Déjà abonné ?",
        "Ya soy suscriptor",
        "برای خواندن این گزارش مشترک شوید",
    ],
)
def test_a_wall_that_the_page_shows_is_evidence(words):
    found = _read(body=f"<article>{TEXT}{BOX.format(words)}</article>")
    assert (found.is_accessible_for_free, found.paywall.detected) == (False, True)
    assert found.paywall.evidence == [f"text {words}"]


def test_a_wall_outside_the_article_is_evidence_and_nothing_more():
    found = _read(body=f"<article>{TEXT}</article>{BOX.format('Continue reading')}")
    assert (found.is_accessible_for_free, found.paywall.detected) == (None, False)
    assert found.paywall.evidence == ["text Continue reading"]


def test_a_sentence_about_this_article_needs_no_class():
    said = "この記事は会員限定です。"
    for inner in (TEXT, ENDLESS):
        body = f"<article><h1>Bridge opens</h1>{inner}<div class='x'><p>{said}</p></div></article>"
        article = extract(capture_of(document("<title>Bridge opens</title>", body).encode(), URL))
        assert (article.paywall.evidence, article.paywall.detected) == ([f"text {said}"], True)
        assert CUT in article.extraction.warnings
        assert said not in article.article_body


@pytest.mark.parametrize(
    "wall",
    [
        BOX.format("Our offers"),  # nobody asks to read on
        f'<div style="display:none">{BOX.format("Continue reading")}</div>',
        f'<div class="hidden">{BOX.format("Continue reading")}</div>',
        f'<div role="dialog">{BOX.format("Continue reading")}</div>',
        f"<template>{BOX.format('Continue reading')}</template>",
        f"<aside>{BOX.format('Continue reading')}</aside>",
        f'<section id="comments">{BOX.format("Continue reading")}</section>',
        f'<div class="paywall">{TEXT * 20}<p>Continue reading</p></div>',  # the article in a wrapper with that name
        f'<p class="paywall">{"The board will keep the old road open to let people continue reading the signs. " * 4}</p>',
        '<div class="story has-paywall"><h4><a href="/o">Another story</a></h4><p>Continue reading</p></div>',
        f"<style>.site-paywall-box, .x {{ display: none }}</style>{BOX.format('Continue reading')}",
        '<div class="nopaywall"><p>Continue reading</p></div>',
        '<p>Readers now see the line "This article is for subscribers only" on most pages.</p>',
        "<p>Am Ende steht: „Dieser Artikel ist nur für Abonnenten“, und niemand liest weiter.</p>",
        '<script>var wall = "<div class=paywall>Continue reading</div>";</script>',
    ],
)
def test_what_is_no_wall_in_front_of_this_article(wall):
    found = _read(body=f"<article>{TEXT}{wall}</article>")
    assert (found.is_accessible_for_free, found.paywall.detected, found.paywall.evidence) == (None, False, [])


def test_a_page_that_declares_itself_free_keeps_that_beside_a_wall():
    found = _read(_entry(isAccessibleForFree=True), TEXT + BOX.format("Continue reading"))
    assert (found.is_accessible_for_free, found.paywall.detected) == (True, False)
    assert found.paywall.evidence == ["text Continue reading"]


@pytest.mark.parametrize(
    ("inner", "after", "cut"),
    [
        (TEXT, "", True),
        (TEXT * 8, "", False),
        (TEXT * 8 + "<p>„Wir haben zehn Jahre an dieser Brücke gearbeitet, und nun steht sie.“</p>", "", False),
        (ENDLESS, "", True),
        (TEXT, "outside", False),  # short, whole as far as anybody can tell, and the wall may be the site's
        (ENDLESS, "outside", True),
    ],
)
def test_a_text_that_breaks_off_before_a_wall_is_told(inner, after, cut):
    box = BOX.format("Continue reading")
    inside, outside = ("", box) if after else (box, "")
    body = f"<article><h1>Bridge opens</h1>{inner}{inside}</article>{outside}"
    article = extract(capture_of(document("<title>Bridge opens</title>", body).encode(), URL))
    assert (CUT in article.extraction.warnings) is cut
    assert "Continue reading" not in article.article_body
    assert article.paywall.detected is (cut or not after)


@pytest.mark.parametrize(
    "other",
    [
        '<div class="card"><h3><a href="/o">Another</a></h3><span>This article is for subscribers only</span></div>',
        '<p>Readers now see the line "This article is for subscribers only" on most pages.</p>',
        "<p>Am Ende steht: „Dieser Artikel ist nur für Abonnenten“, und niemand liest weiter.</p>",
        "<aside><p>This article is for subscribers only</p></aside>",
    ],
)
def test_sentences_about_other_articles_or_in_quotation_marks_say_nothing(other):
    body = f"<article><h1>Bridge opens</h1>{TEXT}{other}</article>"
    article = extract(capture_of(document("<title>Bridge opens</title>", body).encode(), URL))
    assert (article.paywall.evidence, article.paywall.detected) == ([], False)
