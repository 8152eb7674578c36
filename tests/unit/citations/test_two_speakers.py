"""Two people are quoted in one paragraph, and only one of them posted; any order of words is read without a fault."""

from __future__ import annotations

from random import Random

import pytest

from archiver.citations.prose import quotations
from archiver.models.article import Citation, Paragraph

POSTED = {
    "fa": (
        "خانم نوری به خبرنگاران گفت: «ما خسته نمی‌شویم و ادامه می‌دهیم.» زهرا نوری در صفحه ایکس خود (@zahra_herat) نوشت: "
        "«امروز دروازه‌های مکاتب دخترانه در هرات باز شد و ما شاهد اشک شادی مادران بودیم.»"
    ),
    "ps": (
        "ښاغلي کریم خبریالانو ته وویل: «موږ نه ستړي کېږو او دوام ورکوو.» ذبیح الله مجاهد پر خپله اېکس پاڼه لیکلي: "
        "«د هېواد په ټولو ولایتونو کې امنیت ټینګ دی او خلک دې اندېښنه نه کوي.»"
    ),
    "ar": (
        "وقال الوزير للصحفيين: «لن نتعب وسنواصل العمل.» وكتب أفيخاي أدرعي على منصة إكس: "
        "«إلى سكان القرى الحدودية: نطلب منكم عدم العودة إلى منازلكم اليوم.»"
    ),
    "ur": (
        "وزیر نے صحافیوں سے کہا: ’ہم نہیں تھکتے اور جاری رکھیں گے۔‘ شہباز شریف (@CMShehbaz) نے ایکس پر لکھا: "
        "’پاکستان اپنی خودمختاری پر کوئی سمجھوتہ نہیں کرے گا۔‘"
    ),
}
BEGINS = {"fa": "امروز دروازه", "ps": "د هېواد", "ar": "إلى سكان", "ur": "پاکستان اپنی"}
WORDS = {
    "en": "Amelia Brandt , ; . : ( ) (@port) (R-SC), (54), the port captain posted on X wrote said in a tweet who , that "
    "“We will open the lock at dawn today.” “no” X: Facebook Mr. and minister — she' 's Twitter ’ tweeted Kaja Kallas",
    "fa": "زهرا نوری ، ( ) (@zahra) در صفحه ایکس نوشت : که «ما خسته نمی‌شویم و ادامه می‌دهیم.» گفت و او ؛ . وزیر توییت کرد",
    "ar": "وكتب محمد علي على منصة إكس : «لن نتعب وسنواصل العمل.» ، وقال الوزير ( ) (@m) إن تغريدة . غرد",
    "ur": "شہباز شریف (@C) نے ایکس پر لکھا : ’ہم نہیں تھکتے اور جاری‘ کہا ، ۔ کہ وزیر ٹویٹ کیا ( )",
    "ps": "ذبیح الله مجاهد پر خپله اېکس پاڼه لیکلي : «موږ نه ستړي کېږو او دوام ورکوو.» وویل چې ، . ( ) (@Z)",
    "ru": "Анна Белл , ; ( ) написала в X : «Мы откроем шлюз завтра утром.» и министр . что она сказала",
}


def cited(text: str, language: str) -> list[Citation]:
    return quotations(text, [Paragraph(text=text, start=0, end=len(text))], language)


@pytest.mark.parametrize("language", sorted(POSTED))
def test_what_another_said_before_is_not_what_was_posted(language: str) -> None:
    """The first quotation ends with its full stop inside the marks, and letters without capitals begin the next sentence."""
    (found,) = cited(POSTED[language], language)
    assert found.quote is not None and found.quote.text.startswith(BEGINS[language])
    assert found.speaker is None or "(" not in found.speaker.name


@pytest.mark.parametrize(
    "opening",
    [
        "Amelia Brandt (@portcaptain), the port captain, posted on X:",
        "Lindsey Graham (R-SC), a senator, posted on X:",
        "Amelia Brandt (Labour), the minister, wrote on X:",
        "Amelia Brandt (54), the port captain, posted on Facebook:",
    ],
)
def test_a_name_with_brackets_and_an_apposition_is_read(opening: str) -> None:
    (found,) = cited(f"{opening} “We will open the northern lock at dawn tomorrow.”", "en")
    assert found.quote and found.quote.text.startswith("We will open")
    assert found.speaker and found.speaker.name in opening


@pytest.mark.parametrize(
    ("name", "text"), [("زهرا نوری", "زهرا نوری (@zahra_herat) در صفحه ایکس خود نوشت: «امروز دروازه‌های مکاتب باز شد.»")]
)
def test_the_printed_account_is_no_part_of_the_name(name: str, text: str) -> None:
    (found,) = cited(text, "fa")
    assert found.speaker and found.speaker.name == name


@pytest.mark.parametrize("language", sorted(WORDS))
def test_any_order_of_words_is_read_without_a_fault(language: str) -> None:
    chance = Random(7)
    words = WORDS[language].split(" ")
    for _ in range(400):
        cited(" ".join(chance.choice(words) for _ in range(chance.randint(3, 22))), language)
