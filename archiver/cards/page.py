"""An article with all that it cites as one page: text, quotations where they stand, verdicts, differences, cards.

Belongs here: what an archivist reads where the platform's widget cannot replay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archiver.cards.card import Image, candidate_card, captured_image, card, definitions, pointer_rows, stamp
from archiver.cards.html import Content, Markup, direction, document, join, link, tag
from archiver.cards.names import card_name
from archiver.cards.style import SHEET
from archiver.cards.words import CITATIONS, VERDICTS, network_name
from archiver.models import Article
from archiver.models.article import Citation, Paragraph
from archiver.models.post import Post
from archiver.models.resolution import DiffPart, Resolution

CANDIDATES_MAX = 3


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation and what is known of it. `earlier`: states of the same post that said something else, newest first. `gone`: why and
    for whom the post is not shown."""

    citation: Citation
    resolution: Resolution | None = None
    post: Post | None = None
    earlier: tuple[Post, ...] = ()
    gone: str | None = None


def article_page(
    article: Article, cited: Sequence[Cited], image: Image = captured_image, images: str = "'self' data:"
) -> str:
    """The page of an article. `image` and `images` are as for `post_card`."""
    return document(
        article.headline or article.url, article.language or "en", _body(article, cited, image), SHEET, images
    )


def _body(article: Article, cited: Sequence[Cited], image: Image) -> Markup:
    way = direction(article.language)
    return join(
        [
            tag("p", "Made from the documents of a news archive. It is not the page as it looked: ",
                link(article.url, "the captured page"), ".", class_="note", lang="en", dir="ltr"),
            tag("h1", article.headline or "(no headline)", dir=way),
            tag("p", _meta(article), class_="meta", dir=way),
            tag("main", *_paragraphs(article, cited), dir=way),
            tag("section", *_citations(cited, image), lang="en", dir="ltr") if cited else None,
            tag("section", tag("h2", "Evidence"), _evidence(article), lang="en", dir="ltr"),
        ]
    )  # fmt: skip


def _meta(article: Article) -> Markup:
    names = ", ".join(author.name for author in article.authors)
    dates = [
        f"{label} {stamp(moment)}"
        for label, moment in (("published", article.date_published), ("modified", article.date_modified))
        if moment
    ]
    parts = [article.publisher.name, names, *dates, article.language]
    return join((tag("bdi", part) for part in parts if part), " · ")


def _paragraphs(article: Article, cited: Sequence[Cited]) -> Iterator[Markup]:
    spans = sorted(
        (one.citation.quote.start, one.citation.quote.end, number)
        for number, one in enumerate(cited, 1)
        if one.citation.quote
    )
    return (tag("p", *_marked(paragraph, spans)) for paragraph in article.paragraphs)


def _marked(paragraph: Paragraph, spans: list[tuple[int, int, int]]) -> Iterator[Content]:
    """A paragraph with the quoted words marked. Spans are code points of the article's body; overlapping ones are cut."""
    at = paragraph.start
    for start, end, number in spans:
        first, last = max(start, at), min(end, paragraph.end)
        if first < last:
            yield paragraph.text[at - paragraph.start : first - paragraph.start]
            words = paragraph.text[first - paragraph.start : last - paragraph.start]
            yield tag("mark", words, tag("sup", tag("a", f"{number}", href=f"#citation-{number}")))
            at = last
    yield paragraph.text[at - paragraph.start :]


def _citations(cited: Sequence[Cited], image: Image) -> Iterator[Markup]:
    yield tag("h2", f"What it cites ({len(cited)})")
    for number, one in enumerate(cited, 1):
        yield tag("section", *_citation(number, one, image), class_="citation", id=f"citation-{number}")


def _citation(number: int, one: Cited, image: Image) -> Iterator[Content]:
    citation, resolution = one.citation, one.resolution
    who = [citation.speaker.name if citation.speaker else None, f"@{citation.username}" if citation.username else None]
    head = [f"{number}", citation.kind, network_name(citation.platform), *who]
    yield tag("h3", join((tag("bdi", part) for part in head if part), " · "))
    words = citation.quote.text if citation.quote else citation.embedded_text
    if words:
        yield tag("blockquote", words, dir="auto", class_="words")
    if citation.url:
        yield tag("p", link(citation.url, citation.url), class_="meta")
    if one.gone:
        yield tag("p", f"The post was {one.gone}; the words above are the article's own.", class_="verdict")
        return
    if resolution is None:
        yield tag("p", "Nothing is known about it yet.", class_="verdict")
        return
    yield tag(
        "p", tag("b", CITATIONS[resolution.status]), " Verdict: ", VERDICTS[resolution.verdict], ".", class_="verdict"
    )
    if resolution.match and resolution.match.diff and resolution.verdict not in ("verbatim", "not_checked"):
        yield _difference(resolution.match.diff)
    if one.post:
        yield card(one.post, image)
        yield tag("p", "stored as ", tag("code", card_name(one.post.platform, one.post.native_id)), class_="note")
        for state in one.earlier:
            yield tag("p", "What it said before:", class_="note")
            yield card(state, image)
    elif resolution.post_id:
        yield tag("p", "The post: ", link(resolution.post_id, resolution.post_id), class_="meta")
    else:
        yield from map(candidate_card, resolution.candidates[:CANDIDATES_MAX])


def _difference(parts: list[DiffPart]) -> Markup:
    """The post's words: what the outlet left out is inserted, what it put in is struck out."""
    return tag("p", *_words_of(parts), class_="words difference", dir="auto")


def _words_of(parts: list[DiffPart]) -> Iterator[Content]:
    for part in parts:
        if part.op in ("delete", "replace"):
            yield join([tag("del", part.quote), " "])
        if part.op in ("insert", "replace"):
            yield join([tag("ins", part.post), " "])
        if part.op == "equal":
            yield f"{part.post} "


def _evidence(article: Article) -> Markup:
    rows: list[tuple[str, Content]] = [("page", link(article.url, article.url))]
    rows += pointer_rows(article.capture)
    rows += [("document", article.id), ("version", article.version_id)]
    rows += [("warning", warning) for warning in article.extraction.warnings]
    return definitions(rows)
