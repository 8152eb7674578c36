"""Quotations: marks of ten languages, apostrophes, several paragraphs, speakers named and never guessed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.quotations import find_quotations
from tests.unit.extract.given import paragraphs


def _found(language: str | None, *texts: str):
    body = "\n".join(texts)
    out = []
    for quotation in find_quotations(paragraphs(*texts), language):
        assert body[quotation.start : quotation.end] == quotation.exact
        assert quotation.form == "direct"
        out.append((quotation.exact, quotation.speaker.name if quotation.speaker else None))
    return out


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        (
            "en",
            "“The crossing reopens on Monday,” Sara Haidari said.",
            [("The crossing reopens on Monday,", "Sara Haidari")],
        ),
        (
            "en",
            '"The crossing reopens on Monday," said Sara Haidari.',
            [("The crossing reopens on Monday,", "Sara Haidari")],
        ),
        ("en", "Haidari wrote: “The crossing reopens.”", [("The crossing reopens.", "Haidari")]),
        ("en", "According to Sara Haidari, “the crossing reopens”.", [("the crossing reopens", "Sara Haidari")]),
        (
            "en",
            "“The road is open,” Sara Haidari said, “but the bridge is not.”",
            [("The road is open,", "Sara Haidari"), ("but the bridge is not.", "Sara Haidari")],
        ),
        ("en", "‘We can’t go on like this,’ said Prime Minister Ann Lee.", [("We can’t go on like this,", "Ann Lee")]),
        ("en", "“He told me ‘go away now’ at once,” said Mr. Lee.", [("He told me ‘go away now’ at once,", "Lee")]),
        (
            "de",
            "„Das ist der richtige Weg“, sagte Bundeskanzler Karl Groß.",
            [("Das ist der richtige Weg", "Karl Groß")],
        ),
        (
            "de",
            "Das schrieb Anna Berg auf der Plattform: „Das ist der richtige Weg.“",
            [("Das ist der richtige Weg.", "Anna Berg")],
        ),
        (
            "de",
            "„Das ist der richtige Weg“, schrieb der deutsche Radprofi Karl Groß.",
            [("Das ist der richtige Weg", "Karl Groß")],
        ),
        (
            None,
            "«Мы готовы к новым переговорам», — заявил сегодня утром Иван Петров.",
            [("Мы готовы к новым переговорам", "Иван Петров")],
        ),
        ("de", "»Das ist der richtige Weg«, sagt Anna Berg.", [("Das ist der richtige Weg", "Anna Berg")]),
        (
            "fr",
            "« Nous allons gagner cette fois », a déclaré Jean Dupont.",
            [("Nous allons gagner cette fois", "Jean Dupont")],
        ),
        ("es", "«No habrá más impuestos», dijo la ministra Ana Ruiz.", [("No habrá más impuestos", "Ana Ruiz")]),
        ("it", "«Non ci sarà nessun aumento», ha detto Carla Rossi.", [("Non ci sarà nessun aumento", "Carla Rossi")]),
        ("ru", "«Мы готовы к переговорам», — заявил Иван Петров.", [("Мы готовы к переговорам", "Иван Петров")]),
        ("fa", "احمد کریمی گفت: «راه باز است و پل بسته است.»", [("راه باز است و پل بسته است.", "احمد کریمی")]),
        (
            "fa-AF",
            "وزارت ترانسپورت در برگهٔ خود نوشت: «گذرگاه روز دوشنبه باز می‌شود.»",
            [("گذرگاه روز دوشنبه باز می‌شود.", "وزارت ترانسپورت")],
        ),
        (
            "ps",
            "ګل محمد وویل: «لاره به د دوشنبې په ورځ پرانیستل شي.»",
            [("لاره به د دوشنبې په ورځ پرانیستل شي.", "ګل محمد")],
        ),
        ("ur", "سلیم خان نے کہا: ’گزرگاہ پیر کو کھل جائے گی۔‘", [("گزرگاہ پیر کو کھل جائے گی۔", "سلیم خان")]),
        ("ur", "سلیم خان کا کہنا تھا کہ ”ہم کبھی نہیں جھکیں گے“۔", [("ہم کبھی نہیں جھکیں گے", "سلیم خان")]),
        ("ar", "وقال الرئيس محمود درويش في مقابلة: «لن نقبل بهذا أبدا».", [("لن نقبل بهذا أبدا", "محمود درويش")]),
        ("sv", "”Det är inte bra alls”, säger hon.", [("Det är inte bra alls", None)]),
    ],
)
def test_a_quotation_is_found_with_its_speaker(language, text, found):
    assert _found(language, text) == found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "“The crossing reopens on Monday,” he said."),
        ("en", "Ann Lee left early. “The crossing reopens on Monday,” she said."),
        ("en", "“The crossing reopens on Monday,” officials said."),
        ("en", "The report called it “a very bad idea” last year."),
        ("fa", "او گفت: «راه باز است و پل بسته است.»"),
        ("ur", "انھوں نے کہا: ’گزرگاہ پیر کو کھل جائے گی۔‘"),
        ("de", "„Das ist der richtige Weg“, sagte die Sprecherin."),
        ("es", "«No habrá más impuestos», dijo el portavoz."),
    ],
)
def test_pronouns_and_bare_roles_name_nobody(language, text):
    assert [speaker for _, speaker in _found(language, text)] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "It's the workers' rights that don't matter, isn't it?",
        'The 5" screen and the 6" screen are new.',
        "Rock 'n' roll in the '90s was ’twas and ’tis.",
        "L’homme n’a pas dit d’accord aujourd’hui.",
        'He likes the “Gull” and the «Star» and "it".',
        "An opening “ mark that never closes",
        "»",
        "",
    ],
)
def test_apostrophes_inches_titles_and_strays_are_no_quotations(text):
    assert _found("en", text) == []


def test_a_quotation_over_several_paragraphs_is_one():
    found = _found(
        "en",
        "“This is the first part of it.",
        "“This is the second part.",
        "“This is the third,” said Ann Lee, the mayor of Gull Harbour. She left.",
    )
    assert found == [("This is the first part of it.\n“This is the second part.\n“This is the third,", "Ann Lee")]


def test_what_follows_an_attribution_is_the_same_speakers():
    assert _found("en", "“The road is open,” said Ann Lee. “The bridge is not open yet.”") == [
        ("The road is open,", "Ann Lee"),
        ("The bridge is not open yet.", "Ann Lee"),
    ]


def test_an_unclosed_mark_spoils_only_its_own_paragraph():
    texts = ("“This one never closes", "Nobody knows why.", "“This one does close,” said Ann Lee.")
    assert _found("en", *texts) == [("This one does close,", "Ann Lee")]
    assert _found("en", "A “stray and then “the real one here” at the end.") == [("the real one here", None)]


def test_a_description_goes_with_the_name():
    quotation = find_quotations(paragraphs("“It is open,” said Ann Lee, the mayor of Gull Harbour, on Monday."), "en")[
        0
    ]
    assert (quotation.speaker.name, quotation.speaker.description) == ("Ann Lee", "the mayor of Gull Harbour")
    quotation = find_quotations(paragraphs("“It is open,” said Foreign Minister Ann Lee."), "en")[0]
    assert (quotation.speaker.name, quotation.speaker.description) == ("Ann Lee", "Foreign Minister")


@pytest.mark.parametrize(
    ("language", "text", "name", "description"),
    [
        ("fa", "«راه باز است و پل بسته است»؛ این را سارا حیدری در کانال خود نوشته است.", "سارا حیدری", None),
        ("fa", "سخنگوی وزارت دفاع، احمد کریمی، گفت: «ما آماده گفتگو هستیم.»", "احمد کریمی", "سخنگوی وزارت دفاع"),
        ("fa", "احمد کریمی، سخنگوی وزارت دفاع، گفت: «ما آماده گفتگو هستیم.»", "احمد کریمی", "سخنگوی وزارت دفاع"),
        ("ur", "پاکستان کے وزیر خارجہ سلیم خان نے کہا: ’ہم بات چیت چاہتے ہیں۔‘", "سلیم خان", "پاکستان کے وزیر خارجہ"),
        ("ps", "د بهرنیو چارو وزیر ګل محمد وویل: «موږ خبرو ته چمتو یو.»", "ګل محمد", "د بهرنیو چارو وزیر"),
        (
            "ar",
            "وقال وزير الخارجية التركي هاكان علي في مؤتمر: «نحن مستعدون للحوار».",
            "هاكان علي",
            "وزير الخارجية التركي",
        ),
    ],
)
def test_an_office_is_told_from_the_name_that_holds_it(language, text, name, description):
    speaker = find_quotations(paragraphs(text), language)[0].speaker
    assert (speaker.name, speaker.description) == (name, description)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fa", "وزیر خارجه کشور همسایه گفت: «ما آماده گفتگو هستیم.»"),
        ("ps", "د حکومت ویاند وویل: «موږ خبرو ته چمتو یو.»"),
        ("ar", "وقال المتحدث باسم الوزارة: «نحن مستعدون للحوار»."),
        ("ar", "وأضاف: «نحن مستعدون للحوار»."),
    ],
)
def test_an_office_without_a_name_is_nobody(language, text):
    assert find_quotations(paragraphs(text), language)[0].speaker is None


Q = "«راه باز است و پل بسته است.»"
P = "«موږ به د خلکو تر څنګ پاتې شو.»"
U = "’ہم عوام کے ساتھ کھڑے رہیں گے۔‘"
A = "«نحن مستعدون للحوار الآن»"


@pytest.mark.parametrize(
    ("language", "text", "name", "description"),
    [
        ("ur", f"وزیر اعظم شہباز شریف نے کہا کہ {U}", "شہباز شریف", "وزیر اعظم"),
        ("ur", f"وزیرِ اعظم شہباز شریف نے کہا کہ {U}", "شہباز شریف", "وزیرِ اعظم"),
        ("ur", f"وزیر اعلیٰ پنجاب مریم نواز نے کہا کہ {U}", "مریم نواز", "وزیر اعلیٰ پنجاب"),
        ("ur", f"اعظم خان نے کہا کہ {U}", "اعظم خان", None),
        ("ur", f"علی خان کے مطابق: {U}", "علی خان", None),
        ("ur", f"وزیر خارجہ سلیم خان کے بقول {U}", "سلیم خان", "وزیر خارجہ"),
        ("ur", f"لاہور میں علی خان کے مطابق {U}", "علی خان", None),
        ("ur", f"علی خان کے مطابق سلیم شیخ نے کہا: {U}", "سلیم شیخ", None),
        ("ps", f"د احمد شاه په وینا، {P}", "احمد شاه", None),
        ("ps", f"په کابل کې د احمد شاه په وینا {P}", "احمد شاه", None),
        ("ps", f"د بهرنیو چارو د وزیر ګل محمد په وینا، {P}", "ګل محمد", "د بهرنیو چارو د وزیر"),
        ("ps", f"د پوهنې وزارت په وینا، {P}", "د پوهنې وزارت", None),
        ("ps", f"احمد شاه ازادي راډیو ته وویل: {P}", "احمد شاه", None),
        ("ps", f"احمد شاه خبریالانو ته وویل: {P}", "احمد شاه", None),
        ("ps", f"د بهرنیو چارو وزیر ګل محمد بي بي سي ته وویل: {P}", "ګل محمد", "د بهرنیو چارو وزیر"),
        ("fa", f"عباس عراقچی وزیر امور خارجه گفت: {Q}", "عباس عراقچی", "وزیر امور خارجه"),
        ("fa", f"آقای عراقچی وزیر امور خارجه گفت: {Q}", "عراقچی", "آقای وزیر امور خارجه"),
        ("fa", f"وزیر امور خارجه عباس عراقچی گفت: {Q}", "عباس عراقچی", "وزیر امور خارجه"),
        ("fa", f"رئیس‌جمهور آمریکا دونالد ترامپ گفت: {Q}", "دونالد ترامپ", "رئیس‌جمهور آمریکا"),
        ("fa", f"رئیس جمهور پیشین افغانستان حامد کرزی گفت: {Q}", "حامد کرزی", "رئیس جمهور پیشین افغانستان"),
        ("fa", f"احمد کریمی صبح شنبه گفت: {Q}", "احمد کریمی", None),
        (
            "ar",
            f"وقال المتحدث باسم الجيش الإسرائيلي أفيخاي أدرعي في بيان: {A}",
            "أفيخاي أدرعي",
            "المتحدث باسم الجيش الإسرائيلي",
        ),
        (
            "ar",
            f"وقالت المتحدثة باسم وزارة الخارجية الروسية ماريا زاخاروفا: {A}",
            "ماريا زاخاروفا",
            "المتحدثة باسم وزارة الخارجية الروسية",
        ),
        ("ar", f"ونقلت وكالة الأنباء عن محمود درويش قوله: {A}", "محمود درويش", None),
        ("ar", f"ونقلت الوكالة عن الوزيرة سلمى علي قولها إن {A}", "سلمى علي", "الوزيرة"),
    ],
)
def test_offices_addressees_and_sources_are_told_from_names(language, text, name, description):
    speaker = find_quotations(paragraphs(text), language)[0].speaker
    assert speaker is not None
    assert (speaker.name, speaker.description) == (name, description)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ur", f"وزیر اعظم نے کہا کہ {U}"),
        ("ur", f"رپورٹ کے مطابق {U}"),
        ("ur", f"بی بی سی کی رپورٹ کے مطابق {U}"),
        ("ur", f"علی خان کے وکیل کے مطابق {U}"),
        ("ur", f"پولیس حکام کے مطابق {U}"),
        ("ps", f"د سرچینو په وینا، {P}"),
        ("ps", f"د حکومت د ویاند په وینا، {P}"),
        ("ps", f"احمد شاه محمود خان ته وویل: {P}"),
        ("ps", f"احمد شاه په وینا، {P}"),
        ("fa", f"رئیس‌جمهور آمریکا گفت: {Q}"),
        ("fa", f"رئیس‌جمهور پیشین کشور همسایه گفت: {Q}"),
        ("fa", f"مدیر بیمارستان علی آباد گفت: {Q}"),
        ("fa", f"وزیر دفاع و رئیس ستاد ارتش گفت: {Q}"),
        ("ar", f"ونقلت الوكالة عن مصدر أمني قوله: {A}"),
        ("ar", f"وقال متحدث باسم الجيش: {A}"),
        ("ar", f"وقال المتحدث باسم حركة حماس: {A}"),
    ],
)
def test_offices_sources_and_unclear_subjects_alone_are_nobody(language, text):
    assert find_quotations(paragraphs(text), language)[0].speaker is None


def test_context_stands_around_the_words():
    quotation = find_quotations(paragraphs("Ann Lee said “it is open now” on Monday."), "en")[0]
    assert (quotation.prefix, quotation.suffix) == ("Ann Lee said ", " on Monday.")


MARKS = st.sampled_from(
    [*"“”„«»‹›‘’‚\"'", " said ", " Ann Lee ", ", ", ". ", "abc def ghi", " گفت ", " قال ", "\u200c", " von "]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(MARKS, max_size=25).map("".join), max_size=5),
    st.sampled_from([None, "en", "de", "fa", "ar", "ur", "zz"]),
)
def test_any_marks_give_spans_that_hold(texts, language):
    body = "\n".join(texts)
    last = 0
    for quotation in find_quotations(paragraphs(*texts), language):
        assert body[quotation.start : quotation.end] == quotation.exact
        assert quotation.start >= last
        last = quotation.end


def test_hostile_text_takes_no_long_time():
    started = time.process_time()
    for text in ("“" * 20_000, "'a " * 10_000, "Aa " * 20_000 + "said “a b c”", "“a b c” " + "said the " * 5000):
        find_quotations(paragraphs(text), "en")
    find_quotations(paragraphs(*["“a b c"] * 3000), "en")
    assert time.process_time() - started < 5
