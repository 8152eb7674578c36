"""Pages that are no article are refused with the right Reason; articles about such pages are not."""

from __future__ import annotations

import json

import pytest

from archiver.errors import Refused
from archiver.extract import extract
from archiver.page import parse_page
from archiver.reasons import Reason
from archiver.screen import screen
from tests.quality.corpus import capture_of, samples

URL = "https://news.example/world/2026/11/24/bridge-reopens"
SENTENCES = (
    "The bridge over the river reopened on Monday after nine months of repairs, the ministry of transport said. "
    "Lorries had been sent on a detour of sixty kilometres, which doubled the price of flour in the northern districts. "
    "Engineers will inspect the pillars every week until the spring floods are over, an official told reporters. "
)
BODY = "".join(f"<p>{SENTENCES}{number}.</p>" for number in range(6))

CHALLENGES = [
    "<title>Just a moment...</title><body><h1>news.example</h1><p>Checking if the site connection is secure</p><form id='challenge-form'></form>"
    "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>",
    "<title>Access to this page has been denied</title><body><div id='px-captcha'></div><p>Press &amp; Hold to confirm you are a human.</p>",
    "<title>news.example</title><body><p>Please enable JS and disable any ad blocker</p><script src='https://ct.captcha-delivery.com/c.js'></script>",
    "<title>Pardon Our Interruption</title><body><p>As you were browsing something about your browser made us think you were a bot.</p>",
    "<html><head><META NAME='ROBOTS' CONTENT='NOINDEX'></head><body><iframe src='/_Incapsula_Resource?SWUDNSAI=31' id='main-iframe'></iframe></body>",
]
CONSENTS = [
    "<title>Before you continue</title><body><h1>Before you continue</h1><p>We use cookies and data to deliver services and show personalised ads.</p>"
    "<button>Reject all</button><button>Accept all</button>",
    "<title>Zeitung</title><body><h2>Weiterlesen mit Werbung</h2><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking. Ihre Zustimmung ist jederzeit widerrufbar. "
    "Details im Datenschutzcenter. Unsere Partner setzen Cookies.</p><button>Akzeptieren</button><h2>Pur-Abo</h2><p>Nutzen Sie uns werbefrei.</p>",
]
LOGINS = [
    "<title>Log in | Example Times</title><body><h1>Log in to continue</h1><form><input name=u><input type=password name=p></form><p>New here? Create an account.</p>",
    "<title>Anmelden</title><body><form><input type=password></form><p>Bitte melden Sie sich an.</p>",
]
MISSING = [
    "<title>Page not found - Example Times</title><body><h1>Oops!</h1><p>The page you are looking for has moved. Try the search or return to the home page.</p>",
    "<title>404</title><body><p>Sorry, nothing here, have a look at our most read stories instead of this one.</p>",
    "<title>Seite nicht gefunden</title><body><p>Die gewünschte Seite konnte leider nicht gefunden werden.</p>",
    "<title>Página no encontrada</title><body><p>La página que busca no existe o ha cambiado de dirección.</p>",
    "<title>صفحه مورد نظر یافت نشد</title><body><p>صفحه‌ای که به دنبال آن هستید وجود ندارد.</p>",
    "<title>Страница не найдена</title><body><p>К сожалению, такой страницы у нас нет.</p>",
    "<title>Example Times</title><body><h1>We can’t find the page you are looking for</h1><p>It may have been moved or deleted.</p>",
    "<title>This article is no longer available | Example Times</title><body><h1>This article is no longer available</h1>"
    "<p>The article has been removed for legal reasons by the publisher of this site.</p>",
    "<title>Example Times</title><body><h1>Sorry, we couldn’t find that page</h1><p>Try the search.</p>",
    "<meta property='og:type' content='article'><title>Page not found - Example Times</title><body><p>Here is nothing to read.</p>",
    f"<title>Page not found | Example Times</title><body><h1>Page not found</h1><p>{SENTENCES}</p><p>{SENTENCES}</p>",
]


def cards(count: int) -> str:
    return "".join(
        f"<div class=card><h3><a href='/world/{n}'>The minister opens bridge number {n}</a></h3><p>It took {n} months.</p></div>"
        for n in range(count)
    )


def teasers(count: int, more: str = "") -> str:
    """Boxes whose text stands apart from the linked heading."""
    return "".join(
        f"<div class=card><h3><a href='/s{n}'>Number {n} about the town and what happened there</a></h3>"
        f"{more}<p>A short teaser for number {n} that says little more than its headline.</p></div>"
        for n in range(count)
    )


def declared(*nodes: dict[str, object]) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


def entry(path: str) -> dict[str, object]:
    return {"@type": "NewsArticle", "url": f"https://news.example{path}", "datePublished": "2026-11-20T10:00:00Z"}


LONG_TEASER = f"<p>{SENTENCES}</p>"
ITEMS = [{"@type": "ListItem", "position": n, "item": entry(f"/s{n}")} for n in range(20)]
LIST = declared({"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", "itemListElement": ITEMS}})
FEATURED = declared(*(entry(f"/s{n}") for n in range(15)))

SECTIONS = [
    (
        "https://news.example/",
        f"<meta property='og:type' content='website'><title>Example Times</title><body><h1>Example Times</h1>{cards(40)}",
    ),
    (
        "https://news.example/topics/bridges/",
        f"<meta property='og:type' content='website'><title>Bridges</title><body><h1>Bridges</h1>{cards(25)}",
    ),
    (
        "https://news.example/author/sara-haidari/",
        '<script type="application/ld+json">{"@type": "ProfilePage"}</script><title>Sara Haidari</title><body><h1>Sara Haidari</h1>'
        f"<p>Sara reports on transport.</p>{cards(20)}",
    ),
    (
        "https://news.example/politics",
        f"<meta property='og:type' content='website'><title>Politics | Times</title><body><h1>Politics</h1>{teasers(20)}",
    ),
    ("https://news.example/fa", f"<title>خبرگزاری</title><body><h1>خبرگزاری</h1>{teasers(25, LONG_TEASER)}"),
    ("https://news.example/politics", f"{LIST}<title>Politics</title><body><h1>Politics</h1>{teasers(40)}"),
    (
        "https://news.example/politics",
        f"<title>Politics</title>{FEATURED}<body><h1>Politics</h1>{teasers(15)}",
    ),
    (
        "https://news.example/politics",
        f"<title>Politics</title><body><h1>Politics</h1>{teasers(40, '<time itemprop=datePublished datetime=2026-11-20>20 Nov</time>')}",
    ),
]


def reason_of(html: str, url: str = URL) -> Reason | None:
    try:
        extract(capture_of(html.encode(), url))
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("html", CHALLENGES)
def test_an_anti_bot_challenge_is_no_article(html: str) -> None:
    assert reason_of(html) is Reason.CHALLENGE


@pytest.mark.parametrize("html", CONSENTS)
def test_a_consent_wall_is_no_article(html: str) -> None:
    assert reason_of(html) is Reason.CONSENT_WALL


@pytest.mark.parametrize("html", LOGINS)
def test_a_login_wall_is_no_article(html: str) -> None:
    assert reason_of(html) is Reason.LOGIN_WALL


@pytest.mark.parametrize("html", MISSING)
def test_a_page_that_says_not_found_with_status_200_is_no_article(html: str) -> None:
    assert reason_of(html) is Reason.SOFT_404


@pytest.mark.parametrize(("url", "html"), SECTIONS)
def test_a_page_of_teasers_is_no_article(url: str, html: str) -> None:
    assert reason_of(html, url) is Reason.NOT_AN_ARTICLE


@pytest.mark.parametrize(
    "headline",
    [
        "Just a moment: the bridge that waits for its engineers",
        "404: the bridge that cannot be found on any map",
        "Access denied: lorries turned back at the bridge",
        "Before you continue over the bridge, read this",
        "Cookie settings and consent: what the new law asks of publishers",
        "Login at the ministry: how the bridge passes are handed out",
    ],
)
def test_an_article_about_such_pages_is_an_article(headline: str) -> None:
    html = f"<title>{headline} - Example Times</title><body><article><h1>{headline}</h1>{BODY}</article>{cards(15)}"
    assert reason_of(html) is None


@pytest.mark.parametrize(
    "headline",
    [
        "Sorry is not enough, says mayor",
        "Error in vote count delays the outcome",
        "404 people vaccinated in Harlow",
        "Not found: the missing plane",
        "Access denied: reporters kept out of court",
        "Age verification required for social media",
        "Register of members open to all",
        "We can’t find the words, says widow",
    ],
)
@pytest.mark.parametrize("kind", ["", "<meta property='og:type' content='article'>"])
def test_a_short_article_whose_headline_begins_like_an_error_page_is_an_article(headline: str, kind: str) -> None:
    body = "".join(f"<p>{sentence}.</p>" for sentence in (SENTENCES + SENTENCES).split(". ")[:5])
    form = "<form><input type=password></form>" if headline.startswith("Register") else ""
    html = f"{kind}<title>{headline} | Example Times</title><body>{form}<article><h1>{headline}</h1>{body}</article>"
    assert reason_of(html) is None


@pytest.mark.parametrize("title", ["Sorry", "Error 404", "404"])
def test_a_declared_article_may_have_any_title(title: str) -> None:
    html = f"<meta property='og:type' content='article'><title>{title} | Example Times</title><body><article><h1>{title}</h1>"
    assert reason_of(f"{html}<p>{SENTENCES}</p></article>") is None


RELATED = f"<section><h2>More</h2>{teasers(40)}</section>"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", f"<p>{SENTENCES}</p>"),  # nothing is declared, the teasers stand below
        (LIST, f"<p>{SENTENCES}</p>"),  # a list of others is declared, the text is no teaser's
        (declared({"@graph": [entry("/world/2026/11/24/bridge-reopens")]}) + LIST, ""),
        (declared({"@type": "NewsArticle", "headline": "The bridge"}) + LIST, ""),
        (
            declared({"@type": "ItemList", "itemListElement": [{"item": entry("/world/2026/11/24/bridge-reopens/")}]}),
            "",
        ),
        (FEATURED.replace("</script>", ",</script>", 1), ""),  # unreadable: it may declare one
        (FEATURED + "<meta property='article:published_time' content='2026-11-20'>", ""),
        ("", "<time itemprop='datePublished' datetime='2026-11-24'>24 Nov</time>" * 3),
    ],
)
def test_an_article_above_many_teasers_is_an_article(head: str, body: str) -> None:
    """Also where the text was taken from the teasers: only `screen` is asked."""
    html = f"{head}<title>The bridge reopens</title><body><main><h1>The bridge reopens</h1>{body}</main>{RELATED}"
    page = parse_page(capture_of(html.encode(), URL))
    text = (
        SENTENCES.strip() if "<p>" in body else "\n".join(f"A short teaser for number {n} that says" for n in range(40))
    )
    assert screen(page, text) is None


def test_an_article_whose_text_begins_with_its_own_and_goes_on_in_teasers_is_an_article() -> None:
    headline = "Bridge reopens after nine months of repairs"
    html = f"<title>{headline}</title><body><main><h1>{headline}</h1><p>{SENTENCES}</p></main>{RELATED}"
    lines = [f"A short teaser for number {n} that says little more than its headline." for n in range(40)]
    page = parse_page(capture_of(html.encode(), URL))
    assert screen(page, "\n".join([SENTENCES, *lines])) is None
    assert screen(page, "\n".join(lines)) is not None


def test_one_linked_heading_in_a_short_article_does_not_make_it_a_teaser() -> None:
    inline = "<div><h3><a href='/x'>A bridge that fell and what it cost</a></h3></div>"
    html = f"<title>The bridge</title><body><main><h1>The bridge</h1><p>{SENTENCES}</p>{inline}</main><aside>{cards(14)}</aside>"
    assert reason_of(html) is None


def test_a_short_article_with_a_date_is_not_taken_for_a_missing_page() -> None:
    html = (
        "<meta property='article:published_time' content='2026-11-24T08:00:00Z'><title>Page not found: library loses a manuscript</title>"
        f"<body><article><h1>Page not found: library loses a manuscript</h1><p>{SENTENCES}</p></article>"
    )
    assert reason_of(html) is None


def test_a_paywall_stub_is_an_article_and_is_flagged() -> None:
    html = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"The bridge reopens","isAccessibleForFree":false}</script>'
        f"<title>The bridge reopens</title><body><article><h1>The bridge reopens</h1><p>{SENTENCES}</p><div class='paywall'>Subscribe to read on.</div></article>"
    )
    article = extract(capture_of(html.encode(), URL))
    assert article.paywall.detected
    assert article.is_accessible_for_free is False


def test_a_page_without_any_text_is_refused_as_such() -> None:
    assert reason_of("<title>The bridge reopens</title><body><div></div>") is Reason.NO_TEXT


@pytest.mark.corpus
def test_no_page_of_the_corpus_is_refused_for_what_it_seems() -> None:
    pages = samples({"fundus", "newspaper4k"})
    if not pages:
        pytest.skip("no corpus beside the project")
    wrong = [
        (page.id, verdict) for page in pages if (verdict := screen(parse_page(page.capture), page.gold.get("body", "")))
    ]
    assert wrong == []
