"""Word for word means word for word: what the outlet changed decides the verdict, a "not" and a number most of all."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from archiver.citations.generic import sightings
from archiver.citations.matching import parts_of, wording, words
from archiver.citations.prose import PARAGRAPH_MAX, quotations
from archiver.models.article import Paragraph

POST = (
    "The northern lock opens at dawn and it stays open until the last of the ice has gone from the river, and the harbour will pay each "
    "of the 300 families in the old town who lost a roof in the storm, as I promised in the spring. https://t.co/abc"
)


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (POST, "verbatim"),
        ("The Northern lock opens at dawn, and it stays open until the last of the ice has gone", "verbatim"),
        ("The northern lock opens at dawn … the harbour will pay each of the 300 families", "verbatim"),
        ("The northern lock [of the town] opens at dawn", "near"),
        ("the harbour will pay each of the 300 families in the town who lost a roof in the storm", "near"),
        ("the harbour will not pay each of the 300 families in the old town who lost a roof", "altered"),
        ("the harbour will pay each of the 3 families in the old town who lost a roof", "altered"),
        ("the harbour will pay each of the families in the old town who lost a roof", "altered"),
        ("The southern lock opens at dawn and it stays open until the last of the ice has gone", "near"),
        ("bbc.example/abc123 The northern lock opens at dawn", "verbatim"),
    ],
)
def test_the_word_for_a_quotation(printed: str, said: str) -> None:
    assert wording(parts_of(printed.replace("[of the town]", "of the town")), words(POST)) == said


@pytest.mark.parametrize(
    ("post", "printed"),
    [
        ("د هېواد په ټولو ولایتونو کې امنیت ټینګ دی", "د هېواد په ټولو ولایتونو کې امنیت ټینګ نه دی"),
        ("پاکستان اپنی خودمختاری پر سمجھوتہ کرے گا", "پاکستان اپنی خودمختاری پر سمجھوتہ نہیں کرے گا"),
        ("الحكومة ستدفع للعائلات غدا", "الحكومة لن ستدفع للعائلات غدا"),
        ("Die Stadt wird allen Familien helfen", "Die Stadt wird nicht allen Familien helfen"),
    ],
)
def test_a_not_in_any_language_is_an_alteration(post: str, printed: str) -> None:
    assert wording(parts_of(printed), words(post)) == "altered"


def test_of_a_cut_post_nothing_is_said_to_be_altered() -> None:
    assert wording(parts_of("the harbour will not pay"), words("the harbour will"), whole=False) == "near"


@pytest.mark.parametrize("before", [0, 3_000, 6_500, 20_000])
def test_a_story_in_one_paragraph_keeps_its_quotations(before: int) -> None:
    """Some sites put a whole story into one paragraph."""
    quoted = (
        "“The old pier will be closed in spring and nobody asked us,” Mina Farahi (@mina_writes) posted on X on Friday."
    )
    filler = "The harbour master counted the ferries again and wrote the number down. "
    text = filler * (before // len(filler)) + quoted + " " + filler * 120
    assert len(text) > PARAGRAPH_MAX
    (found,) = quotations(text, [Paragraph(text=text, start=0, end=len(text))], "en")
    assert found.quote and text[found.quote.start : found.quote.end] == found.quote.text
    assert found.quote.text.startswith("The old pier") and found.position and found.position.paragraph == 0


@pytest.mark.parametrize(
    ("inside", "kept"),
    [
        ('<a href="https://x.com/t/status/1986821476447158273">View this post on X</a>', None),
        ('<a href="https://x.com/t/status/1986821476447158273">November 19, 2026</a>', None),
        ('<a href="https://x.com/t/status/1986821476447158273">https://x.com/t/status/1986821476447158273</a>', None),
        ('Loading tweet… <a href="https://x.com/t/status/1986821476447158273"></a>', None),
        (
            '<p lang="en">The breakwater fell.</p>— Tester (@t) <a href="https://x.com/t/status/1986821476447158273">November 19, 2026</a>',
            "The breakwater fell.",
        ),
    ],
)
def test_what_stands_in_an_embed_until_it_is_loaded_is_no_word_of_the_post(inside: str, kept: str | None) -> None:
    (found,) = sightings(document_fromstring(f'<blockquote class="twitter-tweet">{inside}</blockquote>'))
    assert found.ref and found.text == kept
