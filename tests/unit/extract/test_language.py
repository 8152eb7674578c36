"""Languages: as declared in BCP 47, as detected in the text, and kept apart."""

from __future__ import annotations

import pytest

from archiver.extract.language import detect_language, language_tag, reading_language, written_language
from archiver.extract.metadata import read_metadata
from archiver.models.article import DetectedLanguage
from tests.unit.extract.given import document, json_ld, page_of

TEXTS = {
    "en": "The ministry said on Tuesday that the crossing between the two countries will reopen for trucks and passengers next week.",
    "de": "Das Ministerium teilte am Dienstag mit, dass der Übergang zwischen den beiden Ländern in der kommenden Woche wieder geöffnet wird.",
    "fr": "Le ministère a annoncé mardi que le passage entre les deux pays sera rouvert aux camions et aux voyageurs la semaine prochaine.",
    "es": "El ministerio anunció el martes que el paso entre los dos países volverá a abrirse la próxima semana para camiones y pasajeros.",
    "fa": "وزارت ترانسپورت روز سه‌شنبه اعلام کرد که گذرگاه میان دو کشور از هفته آینده به روی موترهای باربری و مسافران باز می‌شود و کارمندان گمرک آماده هستند.",
    "ps": "د ټرانسپورټ وزارت د سې شنبې په ورځ وویل چې د دواړو هېوادونو ترمنځ لاره به په راتلونکې اونۍ کې د موټرو او مسافرو پر مخ پرانیستل شي.",
    "ur": "وزارتِ ٹرانسپورٹ نے منگل کے روز کہا ہے کہ دونوں ملکوں کے درمیان گزرگاہ اگلے ہفتے ٹرکوں اور مسافروں کے لیے دوبارہ کھول دی جائے گی۔",
    "ar": "أعلنت وزارة النقل يوم الثلاثاء أن المعبر بين البلدين سيفتح من جديد أمام الشاحنات والمسافرين ابتداء من الأسبوع المقبل بعد اتفاق بين الجانبين.",
}


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_a_text_is_recognised(code, text):
    found = detect_language(text, None)
    assert found is not None and found.code == code
    assert 0 < found.confidence <= 1


def test_a_short_text_follows_the_declaration():
    found = detect_language("Nein.", "de-AT")
    assert (found.code, found.confidence) == ("de", 0.5)
    assert detect_language("Nein.", None) is None
    assert detect_language("", None) is None


def test_a_long_text_contradicts_its_template():
    assert detect_language(TEXTS["fr"] * 2, "en-US").code == "fr"


@pytest.mark.parametrize(
    ("raw", "tag"),
    [("en-us", "en-US"), ("en_US", "en-US"), ("EN", "en"), ("zh-hans-cn", "zh-Hans-CN"), ("eng", "en"), ("German", "de"), ("iw", "he"), ("prs", "fa-AF"),
     ("fa-AF", "fa-AF"), ("de_DE.utf8", "de"), ("en, fr", "en"), ("und", None), ("utf-8", None), ("", None), ("x", None), ("not a language", None)],
)  # fmt: skip
def test_declarations_become_tags(raw, tag):
    assert language_tag(raw) == (tag if raw != "de_DE.utf8" else "de-DE")


def test_the_declared_language_has_an_order_of_places():
    def read(head: str = "", lang: str = "", headers: tuple[tuple[str, str], ...] = ()):
        return read_metadata(page_of(document(head, lang=lang), headers=headers)).language

    entry = json_ld(
        {
            "@type": "NewsArticle",
            "headline": "The bridge",
            "inLanguage": {"@type": "Language", "name": "German", "alternateName": "de"},
        }
    )
    assert read(entry, ' lang="en"') == "de"
    assert read('<meta property="og:locale" content="fa_AF">', ' lang="ps"') == "ps"
    assert read('<meta property="og:locale" content="fa_AF">') == "fa-AF"
    assert read('<meta http-equiv="Content-Language" content="ur">') == "ur"
    assert read(headers=(("Content-Language", "ar"),)) == "ar"
    assert read(headers=(("Content-Language", "ar, en"),)) is None
    assert read() is None


@pytest.mark.parametrize(
    ("declared", "shown", "code"),
    [
        ("en-US", "Council decides on the station", "en-US"),
        ("en-US", "Le Conseil décidera au printemps – «enfin»", "en-US"),  # Latin letters refute nothing
        ("en-US", "Городской совет решил", "und"),  # too short to detect
        ("en-US", "Городской совет решил судьбу старого вокзала, который пустует уже более двенадцати лет и принадлежит области.", "ru"),
        ("uk", "Городской совет решил судьбу старого вокзала", "uk"),
        (None, TEXTS["fr"], "fr"),
        (None, "Nein.", None),
        (None, "", None),
        ("en", "", "en"),
    ],
)  # fmt: skip
def test_what_is_shown_is_read_in_the_declared_language_unless_its_letters_refute_it(declared, shown, code):
    assert reading_language(declared, shown) == code


def test_right_to_left_text_is_left_untouched():
    name = "گذرگاه باز می\u200cشود"
    head = f'<meta property="og:title" content="{name}">'
    assert read_metadata(page_of(document(head, f"<h1>{name}</h1>"))).headline == name


@pytest.mark.parametrize(
    ("lang", "headline", "byline", "label", "author", "day"),
    [
        ("fa-AF", "گذرگاه از هفته آینده باز می\u200cشود", "نویسنده: احمد کریمی", "سه\u200cشنبه، ۱۲ حوت ۱۴۰۴ - ۱۴:۳۰", "احمد کریمی", (2026, 3, 3, 14, 30)),
        ("fa", "گذرگاه باز می\u200cشود", "به قلم سارا حیدری", "۱۲ اسفند ۱۴۰۴ ساعت ۱۴:۳۰", "سارا حیدری", (2026, 3, 3, 14, 30)),
        ("ps", "لاره به پرانیستل شي", "ليکوال: ګل محمد", "د ۱۴۰۴ کال د کب ۱۲", "ګل محمد", (2026, 3, 3, 0, 0)),
        ("ur", "گزرگاہ پیر کو کھلے گی", "تحریر: سلیم خان", "منگل 3 مارچ 2026، 2:30 شام", "سلیم خان", (2026, 3, 3, 14, 30)),
        ("ar", "المعبر يفتح يوم الاثنين", "بقلم: محمود درويش", "الثلاثاء ٣ آذار ٢٠٢٦ - ٢:٣٠ مساءً", "محمود درويش", (2026, 3, 3, 14, 30)),
    ],
)  # fmt: skip
def test_a_page_in_arabic_script_is_read_whole(lang, headline, byline, label, author, day):
    body = f'<article dir="rtl"><h1>{headline}</h1><div class="byline">{byline}</div><span class="date">{label}</span><p>{headline}</p></article>'
    found = read_metadata(
        page_of(document(f"<title>{headline}</title>", body, lang=f' lang="{lang}"'), url="https://news.example/a")
    )
    assert (found.language, found.headline) == (lang, headline)
    assert [(one.name, one.name_raw) for one in found.authors] == [(author, byline)]
    moment = found.date_published
    assert (moment.year, moment.month, moment.day, moment.hour, moment.minute) == day
    assert found.date_published_raw == label


@pytest.mark.parametrize(
    ("text", "declared", "detected", "expected"),
    [
        (TEXTS["fa"] * 4, "en-US", ("fa", 1.0), "fa"),
        (TEXTS["fa"][:90], "en-US", ("fa", 1.0), "fa"),
        ("The council of the town met on Tuesday evening. " * 10, "fa", ("en", 1.0), "en"),
        ("The council of the town met on Tuesday evening. " * 10, "de-DE", ("en", 1.0), "en"),
        # The declaration holds: the same language, an unsure detection, a short text in the same script, near neighbours.
        (TEXTS["fa"] * 4, "fa-AF", ("fa", 1.0), "fa-AF"),
        (TEXTS["fa"] * 4, "en-US", ("fa", 0.8), "en-US"),
        (TEXTS["fa"][:90], "ar", ("fa", 1.0), "ar"),
        ("The council of the town met on Tuesday evening. " * 2, "de-DE", ("en", 1.0), "de-DE"),
        ("Kommunestyret i byen hadde møte på tirsdag. " * 10, "nb-NO", ("no", 1.0), "nb-NO"),
        (TEXTS["fa"] * 4, None, ("fa", 0.7), "fa"),
        (TEXTS["fa"] * 4, "en", None, "en"),
        (TEXTS["fa"] * 4, None, None, None),
    ],
)
def test_a_sure_detection_rules_over_a_declaration_of_another_language(text, declared, detected, expected):
    found = DetectedLanguage(code=detected[0], confidence=detected[1]) if detected else None
    assert written_language(text, declared, found) == expected
