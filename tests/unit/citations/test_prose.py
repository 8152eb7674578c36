"""Quotations without a link: orders, languages, speakers, offsets into the original text, and what is no post."""

from __future__ import annotations

import pytest

from archiver.citations.prose import quotations
from tests.unit.citations.pages import cited, paragraphs_of, quoted

SHAPES = [
    ("en", "“The crossing reopens on Monday,” the Ministry of Transport posted on X.", "x", "The crossing reopens on Monday", "direct", "Ministry of Transport"),
    ("en", "In a Telegram post, Governor Karimi wrote: “Nobody will be moved by force.”", "telegram", "Nobody will be moved by force.", "direct", "Karimi"),
    ("en", "Writing on LinkedIn, the bank’s chair argued that the figures were wrong.", "linkedin", "the figures were wrong", "reported", None),
    ("fa", "وزارت ترانسپورت در برگهٔ ایکس خود نوشت: «گذرگاه روز دوشنبه باز می‌شود.»", "x", "گذرگاه روز دوشنبه باز می‌شود.", "direct", "وزارت ترانسپورت"),
    ("fa", "کریمی با نشر پیامی در شبکهٔ اجتماعی اکس گفته است که هیچ کس به زور بیجا نخواهد شد.", "x", "هیچ کس به زور بیجا نخواهد شد", "reported", "کریمی"),
    ("fa", "«راه باز است»؛ این را سارا حیدری در کانال تلگرام خود نوشته است.", "telegram", "راه باز است", "direct", "سارا حیدری"),
    ("ps", "د ټرانسپورټ وزارت پر خپله اېکس پاڼه لیکلي: «لاره به د دوشنبې په ورځ پرانیستل شي.»", "x", "لاره به د دوشنبې په ورځ پرانیستل شي.", "direct", "د ټرانسپورټ وزارت"),
    ("ps", "کریمي د ټیلیګرام په یوه پیغام کې ویلي چې هېڅوک به په زور ونه ایستل شي.", "telegram", "هېڅوک به په زور ونه ایستل شي", "reported", "کریمي"),
    ("ur", "وزارتِ ٹرانسپورٹ نے ایکس پر لکھا: ’گزرگاہ پیر کو کھل جائے گی۔‘", "x", "گزرگاہ پیر کو کھل جائے گی۔", "direct", "وزارتِ ٹرانسپورٹ"),
    ("ur", "کریمی نے سماجی رابطے کی ویب سائٹ ایکس پر اپنے پیغام میں کہا کہ کسی کو زبردستی نہیں نکالا جائے گا۔", "x", "کسی کو زبردستی نہیں نکالا جائے گا", "reported", "کریمی"),
    ("ar", "كتبت وزارة النقل على منصة «إكس»: «سيُفتح المعبر يوم الاثنين».", "x", "سيُفتح المعبر يوم الاثنين", "direct", "وزارة النقل"),
    ("ar", "وقال كريمي في منشور عبر حسابه في تلغرام إن أحداً لن يُنقل بالقوة.", "telegram", "أحداً لن يُنقل بالقوة", "reported", "كريمي"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "platform", "words", "form", "speaker"), SHAPES)
def test_a_quotation_without_a_link_is_cited_with_its_place(
    language: str, text: str, platform: str, words: str, form: str, speaker: str | None
) -> None:
    (found,) = quoted(text, language)
    assert (found.kind, found.platform, found.native_id) == ("quote", platform, None)
    assert found.quote is not None
    assert (found.quote.text, found.quote.form) == (words, form)
    assert text[found.quote.start : found.quote.end] == words
    assert found.cue and found.cue in text
    if speaker:
        assert found.speaker is not None and found.speaker.name == speaker


NOT = [
    ("en", "Follow us on X."), ("en", "Share on Facebook."), ("en", "Malcolm X said that he was free."), ("en", "The Model X said to be safest is out."),
    ("en", "An X-ray was posted."), ("en", "Generation X wrote that."), ("en", "SpaceX said it would fly."), ("en", "The firm posted a profit on Monday."),
    ("en", "X Corp. said it would appeal."),
    ("fa", "اشعهٔ ایکس نشان داد و داکتر گفت."), ("fa", "نسل ایکس گفت."), ("fa", "ایکس‌باکس نوشت."), ("fa", "اسپیس‌ایکس اعلام کرد."), ("fa", "نوت‌بوک ایکس، فروشنده گفت."),
    ("fa", "ما را در ایکس دنبال کنید."),
    ("ps", "د اېکس وړانګې ویلي."), ("ps", "سپېس اېکس وویل."), ("ps", "موږ په اېکس کې تعقیب کړئ."),
    ("ur", "ایکس رے نے کہا۔"), ("ur", "ایکس باکس نے کہا۔"), ("ur", "اسپیس ایکس نے کہا۔"), ("ur", "ایکس سروس مین نے کہا۔"), ("ur", "ہمیں ایکس پر فالو کریں۔"),
    ("ar", "قال الطبيب إن أشعة إكس سليمة."), ("ar", "قالت إكس بوكس."), ("ar", "قالت سبيس إكس."), ("ar", "قال جيل إكس."), ("ar", "تابعونا على إكس."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), NOT)
def test_what_only_looks_like_a_cue_cites_nothing(language: str, text: str) -> None:
    assert quoted(text, language) == []


def test_a_quotation_split_around_its_cue_is_joined() -> None:
    text = "“The road is open,” Sara Haidari said in a thread on Bluesky, “but the bridge is not.”"
    (found,) = quoted(text)
    assert found.quote is not None and found.speaker is not None
    assert found.quote.parts == ["The road is open", "but the bridge is not."]
    assert text[found.quote.start : found.quote.end].startswith("The road") and found.speaker.name == "Sara Haidari"


def test_going_to_a_network_without_wording_is_a_quote_without_quotation() -> None:
    (found,) = quoted("Sara Haidari spoke on Monday. She took to X on Tuesday to deny the claim.")
    assert (found.kind, found.quote) == ("quote", None)
    assert found.speaker is not None and found.speaker.name == "Sara Haidari"


def test_a_platform_name_in_quotation_marks_is_no_quotation() -> None:
    (found,) = quoted("كتب الوزير على منصة «إكس» أن المعبر سيفتح قريباً.", "ar")
    assert found.quote is not None and found.quote.form == "reported"


def test_pronouns_and_last_names_lead_back_to_the_full_name() -> None:
    text = "Minister Lena Ortiz left the talks early.\n“We tried everything,” Ortiz wrote on X.\n“It was not enough for them,” she posted on Facebook."
    assert [c.speaker.name for c in quoted(text) if c.speaker] == ["Lena Ortiz", "Lena Ortiz"]


def test_a_description_stands_for_the_person_named_before() -> None:
    text = "Rubio hopes the conflict ends. Marco Rubio spoke to both sides.\nThe secretary of state said in a post on X that “the talks go on in good faith.”"
    (found,) = quoted(text)
    assert found.speaker is not None
    assert (found.speaker.name, found.speaker.description) == ("Marco Rubio", "The secretary of state")


def test_a_printed_username_is_kept() -> None:
    (found,) = quoted("Hassan Dar (@hassandar) wrote on X: “The tunnel was never inspected.”")
    assert found.username == "hassandar"


def test_odd_marks_in_one_paragraph_spare_the_rest() -> None:
    text = 'He said "this never ends and then left the room.\n“The bridge is safe for now,” the police posted on X.'
    (found,) = quoted(text)
    assert found.quote is not None and found.quote.text == "The bridge is safe for now"


def test_a_block_quotation_behind_a_colon_needs_no_marks() -> None:
    first, second = "The ministry of transport wrote on X:", "Nobody will have to leave the valley before the spring."
    inner = f"<p>{first}</p><blockquote><p>{second}</p></blockquote>"
    found = cited(inner, texts=(first, second))
    assert [c.quote.text for c in found if c.quote] == [second]


@pytest.mark.parametrize(("language", "text", "platform", "words", "form", "speaker"), SHAPES)
def test_an_article_without_a_known_language_is_read_by_its_letters(
    language: str, text: str, platform: str, words: str, form: str, speaker: str | None
) -> None:
    body, paragraphs = paragraphs_of(text)
    found = quotations(body, paragraphs, None)
    assert [(c.platform, c.quote.text if c.quote else None) for c in found] == [(platform, words)]
    assert found[0].evidence.attribute == language


def test_a_wrong_label_does_not_hide_a_language_that_its_letters_show() -> None:
    text = "د ټرانسپورټ وزارت پر خپله اېکس پاڼه لیکلي: «لاره به د دوشنبې په ورځ پرانیستل شي.»"
    assert [c.platform for c in quoted(text, "fa-AF")] == ["x"]
    assert [c.platform for c in quoted(text, "en")] == ["x"]


def test_a_cue_inside_a_quotation_is_no_cue() -> None:
    assert quoted("The statement: “I enjoy writing out my own maxims on Instagram, which are about me.”") == []


def test_a_quotation_beside_a_link_or_in_an_embed_is_one_citation() -> None:
    text = "“The tunnel was never inspected by anybody,” Hassan Dar wrote on X after the rain had stopped."
    link = f"<p>{text.replace('wrote on X', '<a href=https://x.com/hassandar/status/1790000000000000000>wrote on X</a>')}</p>"
    (found,) = cited(link, texts=(text,))
    assert (found.kind, found.native_id) == ("link", "1790000000000000000")
    assert found.quote is not None and found.speaker is not None and found.speaker.name == "Hassan Dar"
    embed = (
        f"<p>{text}</p><blockquote class='twitter-tweet'><p lang=en>The tunnel was never inspected by anybody. Shame!</p>&mdash; Hassan"
        " (@hassandar) <a href='https://x.com/hassandar/status/1790000000000000000'>May 1</a></blockquote>"
    )
    (found,) = cited(embed, texts=(text,))
    assert (found.kind, found.quote is not None) == ("embed", True)
