"""The body: what leaves it, what stays in order, and where its paragraphs stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archiver.extract import extract
from archiver.models.article import Article
from archiver.models.hints import ExtractHints
from tests.quality.corpus import capture_of

URL = "https://news.example/2026/11/24/bridge"
HEADLINE = "Bridge over the river reopens after nine months"
ONE = "The bridge over the river reopened on Monday after nine months of repairs, the ministry of transport said in a statement."
TWO = "Lorries had been sent on a detour of sixty kilometres, which doubled the price of flour in the northern districts last winter."
THREE = "Engineers will inspect the pillars every week until the spring floods are over, an official told reporters at the site."


def article(
    inner: str, *, head: str = "", after: str = "", lang: str = "en", hints: ExtractHints | None = None
) -> Article:
    html = (
        f"<html lang={lang}><head><meta charset=utf-8><title>{HEADLINE} | Example Times</title>{head}</head><body>"
        f"<nav><a href=/>Home</a></nav><article>{inner}</article>{after}<footer>© 2026 Example Times</footer></body></html>"
    )
    return extract(capture_of(html.encode(), URL), hints)


def body(inner: str, **more: str) -> list[str]:
    return [paragraph.text for paragraph in article(inner, **more).paragraphs]  # type: ignore[arg-type]


def p(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_paragraphs_are_joined_by_line_feeds_and_their_offsets_are_code_points() -> None:
    document = article(
        f"<h1>{HEADLINE}</h1>" + p(ONE, "Überraschung 🌉 – die Brücke steht, sagte der Minister am Montag.", THREE)
    )
    assert document.article_body == "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert all(document.article_body[q.start : q.end] == q.text for q in document.paragraphs)
    assert len(document.paragraphs) == 3


def test_the_headline_is_not_repeated_in_the_body() -> None:
    assert body(f"<h1>{HEADLINE}</h1>" + p(HEADLINE, ONE, TWO, THREE)) == [ONE, TWO, THREE]


def test_a_sentence_that_holds_the_headline_stays() -> None:
    sentence = f"“{HEADLINE}” was the headline of every paper in the valley on Tuesday morning."
    assert sentence in body(f"<h1>{HEADLINE}</h1>" + p(sentence, TWO, THREE))


@pytest.mark.parametrize(
    "line",
    [
        "By Sara Haidari",
        "Von Anna Müller",
        "Par Jeanne Petit",
        "Published: 24 November 2026, 08:00",
        "24.11.2026",
        "4 min read",
        "Lesedauer: 4 Minuten",
        "3 hours ago",
    ],
)
def test_bylines_dates_and_reading_times_at_the_top_are_no_text(line: str) -> None:
    assert body(f"<h1>{HEADLINE}</h1>" + p(line, ONE, TWO, THREE)) == [ONE, TWO, THREE]


def test_a_first_sentence_that_begins_like_a_byline_stays() -> None:
    sentence = "By Monday evening forty lorries had crossed the bridge, and not one of them paid the new toll."
    assert body(p(sentence, TWO, THREE))[0] == sentence


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Ministry promises second bridge",
        "Lesen Sie auch: Ministerium verspricht zweite Brücke",
        "À lire aussi : Le ministère promet un second pont",
        "Lea también: El ministerio promete otro puente",
        "Leggi anche: Il ministero promette un secondo ponte",
        "Читайте также: Министерство обещает второй мост",
        "بیشتر بخوانید: وزارت وعدهٔ پل دوم می‌دهد",
        "اقرأ أيضاً: الوزارة تعد بجسر ثان",
        "یہ بھی پڑھیں: وزارت کا دوسرے پل کا وعدہ",
        "Advertisement",
        "Anzeige",
        "Related to this topic:",
        "Sign up for our daily newsletter",
        "Follow us on Facebook and Instagram",
        "Abonnieren Sie unseren Newsletter jetzt",
        "Suivez-nous sur les réseaux sociaux",
        "Síguenos en Facebook",
        "Подписывайтесь на наш канал",
        "تابعونا على فيسبوك",
        "انتهای پیام/",
        "کد خبر: 1234567",
        "برچسب‌ها: پل، رودخانه",
        "كلمات دلالية: جسر، نهر",
        "دا هم ولولئ: وزارت د بل پله ژمنه وکړه",
        "Нашли ошибку? Выделите её и нажмите Ctrl+Enter",
        "Riproduzione riservata",
        "Schlagwörter: Brücke, Fluss",
    ],
)
def test_lines_that_lead_elsewhere_are_no_text_wherever_they_stand(line: str) -> None:
    assert body(p(ONE, TWO, line, THREE)) == [ONE, TWO, THREE]
    assert body(p(ONE, TWO, THREE, line)) == [ONE, TWO, THREE]


def test_a_heading_for_related_stories_goes_with_the_list_under_it() -> None:
    related = "<h3>Related stories</h3><ul><li><a href=/a>Ministry promises a second bridge by spring</a></li><li><a href=/b>Flour is cheaper again</a></li></ul>"
    assert body(p(ONE, TWO) + related + p(THREE)) == [ONE, TWO, THREE]


def test_a_paragraph_that_is_nearly_all_link_is_no_text() -> None:
    assert body(
        p(ONE, TWO, "<a href='/2026/b'>Ministry of transport promises a second bridge by the spring</a>", THREE)
    ) == [ONE, TWO, THREE]


def test_a_sentence_with_a_link_stays_and_its_link_is_listed() -> None:
    sentence = "The toll was fixed in <a href='/toll' rel='nofollow'>a decree of the ministry</a> that was published in the gazette last week."
    document = article(p(ONE, sentence, THREE))
    assert [link.model_dump() for link in document.links] == [
        {"url": "https://news.example/toll", "anchor": "a decree of the ministry", "rel": "nofollow", "internal": True}
    ]
    assert len(document.paragraphs) == 3


def test_links_outside_the_body_are_not_listed() -> None:
    document = article(
        p(ONE, TWO, THREE), after="<aside><p><a href='https://ads.example/x'>Buy a boat now</a></p></aside>"
    )
    assert document.links == []


def test_the_word_of_a_menu_or_a_button_is_no_link_of_a_text_that_has_the_word() -> None:
    sentence = "News of the harbour was there to share with everybody who read <a href='/map'>the map</a> on the quay."
    menu = "<ul><li><a href='/news/'>News</a></li><li><a href='/harbour/'>Harbour</a></li></ul><div><a href='/s'>Share</a></div>"
    document = article(p(ONE, sentence, THREE), after=menu)
    assert [link.anchor for link in document.links] == ["the map"]


def test_sub_headings_lists_and_block_quotes_stay_in_order() -> None:
    inner = (
        p(ONE)
        + "<h2>What changes</h2>"
        + "<ul><li>Lorries pay a toll of two coins.</li><li>Buses cross free of charge.</li></ul>"
    )
    inner += f"<blockquote><p>Nobody will wait at the river again.</p></blockquote>{p(TWO)}<h2>What comes next</h2>{p(THREE)}"
    assert body(inner) == [
        ONE,
        "What changes",
        "Lorries pay a toll of two coins.",
        "Buses cross free of charge.",
        "Nobody will wait at the river again.",
        TWO,
        "What comes next",
        THREE,
    ]


def test_live_blog_entries_stay_in_order() -> None:
    entries = "".join(
        f"<div class=entry><h3>Entry {n} of the day</h3><p>{ONE} It was entry number {n} of the live report.</p></div>"
        for n in range(6)
    )
    numbers = re.findall(r"entry number (\d)", article(f"<h1>{HEADLINE}</h1>{entries}").article_body)
    assert numbers == list("012345")


def test_everything_behind_the_heading_of_the_comments_goes() -> None:
    comments = "<h3>3 Comments</h3>" + p(
        "I crossed it on Monday and my horse did not like it at all, said nobody.", "First!"
    )
    texts = body(p(ONE, TWO, THREE, ONE.replace("Monday", "Tuesday"), TWO.replace("sixty", "seventy")) + comments)
    assert texts[-1].startswith("Lorries had been sent on a detour of seventy")


@pytest.mark.parametrize(
    "line",
    [
        "(dpa)",
        "Reporting by Ana Karimi in Kabul; Editing by Tom Lee",
        "Source: Ministry of Transport",
        "© 2026 Example Times. All rights reserved.",
    ],
)
def test_sign_offs_at_the_end_are_no_text(line: str) -> None:
    assert body(p(ONE, TWO, THREE, line)) == [ONE, TWO, THREE]


def test_a_sources_prune_hint_removes_elements() -> None:
    inner = (
        p(ONE)
        + "<div class=promo><p>Boats are for sale at the northern pier every Friday from eight until noon.</p></div>"
        + p(TWO, THREE)
    )
    hinted = article(inner, hints=ExtractHints(prune_xpath=["//div[@class='promo']"]))
    assert [paragraph.text for paragraph in hinted.paragraphs] == [ONE, TWO, THREE]
    assert hinted.extraction.settings_digest != article(inner).extraction.settings_digest


def test_right_to_left_text_and_its_joiners_are_untouched() -> None:
    first = "وزارت ترانسپورت می‌گوید که پل پس از نُه ماه دوباره باز شده است و موترها می‌توانند از آن بگذرند."
    second = "به گفتهٔ یک مقام محلی، انجنیران هر هفته پایه‌های پل را بررسی خواهند کرد تا سیلاب‌های بهاری تمام شوند."
    third = "باشنده‌های ولسوالی‌های شمالی می‌گویند که بهای آرد در زمستان گذشته دو برابر شده بود و حالا پایین می‌آید."
    assert body(p(first, second, third), lang="fa") == [first, second, third]


def test_screen_reader_labels_do_not_double_a_heading() -> None:
    inner = p(ONE) + "<h2><span class='sr-only'>What changes now</span>What changes now</h2>" + p(TWO, THREE)
    assert body(inner)[1] == "What changes now"


def test_text_that_trafilatura_loses_is_read_plainly_and_said_so() -> None:
    wanted = [f"{ONE} This is part {n}." for n in range(6)]
    inner = "<div class='sidebar related'>" + p(*wanted) + "</div>"
    html = f"<html><head><title>{HEADLINE}</title></head><body><div>{inner}</div></body></html>"
    document = extract(capture_of(html.encode(), URL))
    assert [paragraph.text for paragraph in document.paragraphs] == wanted


FRAME = "<header><h1>{}</h1><p class=byline>By Ann Lee</p><time>20 November 2026</time><ul class=share><li>Share on Facebook</li></ul></header>"
SHORT_ONE, SHORT_TWO = "A fire broke out in the mill on Monday night.", "Nobody was hurt, the brigade said."


def test_a_page_with_little_text_keeps_its_paragraphs_apart_and_its_frame_out() -> None:
    document = article(FRAME.format(HEADLINE) + f"<div>{p(SHORT_ONE, SHORT_TWO)}</div>")
    assert [paragraph.text for paragraph in document.paragraphs] == [SHORT_ONE, SHORT_TWO]
    assert "text:short" in document.extraction.warnings


def test_a_short_article_does_not_give_way_to_the_teasers_below_it() -> None:
    sentence = "A fire broke out in the old mill on Monday night, and nobody was hurt, the brigade said on Tuesday."
    cards = "".join(
        f"<div class=card><h3><a href=/{n}>Story number {n} of the day</a></h3><p>A teaser for story {n}, longer than its title.</p></div>"
        for n in range(8)
    )
    document = article(
        f"<h1>{HEADLINE}</h1><p>{sentence}</p>", after=f"<section class=more-stories><h2>More</h2>{cards}</section>"
    )
    assert sentence in document.article_body
    assert "text:plain-reading" not in document.extraction.warnings


@pytest.mark.parametrize("list_tag", ["ol", "ul"])
def test_the_entries_of_a_live_blog_in_a_list_keep_their_blocks(list_tag: str) -> None:
    entries = "".join(f"<li><h3>Entry {n}</h3><p>{ONE}</p><p>{TWO} ({n})</p></li>" for n in range(3))
    assert body(f"<h1>{HEADLINE}</h1><{list_tag}>{entries}</{list_tag}>") == [
        text for n in range(3) for text in (f"Entry {n}", ONE, f"{TWO} ({n})")
    ]


def test_an_ordinary_lists_items_stay_lines() -> None:
    inner = (
        p(ONE, TWO)
        + "<ul><li>Flour <b>doubles</b> in price</li><li><p>Lorries take the long way round</p></li></ul>"
        + p(THREE)
    )
    assert body(inner) == [ONE, TWO, "Flour doubles in price", "Lorries take the long way round", THREE]


@pytest.mark.parametrize(
    "tail",
    [
        ("Prev Article", "Ministry promises a second bridge", "Next Article", "Flour is cheaper again"),
        ("Previous article: Ministry promises a second bridge", "Next article: Flour is cheaper again"),
        ("Vorheriger Artikel", "Ministerium verspricht Brücke", "Nächster Artikel", "Mehl wird billiger"),
        ("مطلب قبلی", "وزارت وعدهٔ پل دوم می‌دهد", "مطلب بعدی", "بهای آرد پایین آمد"),
    ],
)
def test_neighbouring_stories_and_their_titles_are_no_text(tail: tuple[str, ...]) -> None:
    assert body(p(ONE, TWO, THREE, *tail)) == [ONE, TWO, THREE]


SEED = Path(__file__).resolve().parents[3].parent / "shared" / "seed"


@pytest.mark.parametrize("file", sorted(SEED.glob("*.txt")) or [None], ids=lambda file: file.name if file else "none")
def test_a_page_of_a_republished_story_gives_its_paragraphs_once_and_no_tail(file: Path | None) -> None:
    if file is None:
        pytest.skip("no seed beside the project")
    blocks = [block.strip() for block in file.read_text(encoding="utf-8").split("\n\n") if block.strip()]
    headline = blocks[0]
    tail = next(
        (n for n, block in enumerate(blocks) if re.match(r"(?:Prev|Previous|Next) Article|Related", block)), len(blocks)
    )
    wanted = [block for block in blocks[1:tail] if block != headline]
    inner = f"<h1>{headline}</h1>" + "".join(f"<p>{block}</p>" for block in blocks)
    html = f"<html><head><title>{headline}</title></head><body><article>{inner}</article></body></html>"
    document = extract(capture_of(html.encode(), URL))
    assert headline not in document.article_body
    assert not re.search(r"Prev(?:ious)? Article|Next Article|^Related", document.article_body, re.MULTILINE)
    folded = " ".join(document.article_body.split())
    assert [block for block in wanted if " ".join(block.split()) not in folded] == []


@pytest.mark.parametrize("href", ["/office/{}", "#office-{}"])
def test_entries_whose_titles_are_links_keep_them(href: str) -> None:
    entries = "".join(
        f"<li><a href={href.format(n)}>{n}. Office of town {n}</a><div><p>{ONE}</p><p>{TWO}</p></div></li>"
        for n in range(3)
    )
    text = article(f"<h1>{HEADLINE}</h1>{p(THREE)}<ol>{entries}</ol>").article_body
    assert all(f"{n}. Office of town {n}" in text for n in range(3))
