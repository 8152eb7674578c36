"""The gate of detection: labelled sentences in five languages, and the corpus of real pages, each against its floor.

`python -m tests.quality.test_citations` prints the figures that docs/citations.md publishes.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from archiver import platforms
from archiver.citations import find_citations
from archiver.citations.folding import folded
from archiver.citations.prose import quotations
from archiver.extract.assemble import read_page
from archiver.models.article import Article, Citation, Paragraph
from archiver.page import Page, parse_page
from tests.quality.corpus import capture_of, corpus_root

SENTENCES = Path(__file__).parent / "citations"
LANGUAGES = ("en", "fa", "ps", "ur", "ar")

FOUND, SPEAKERS, REFUSED = 0.97, 0.95, 0.97
"""Least share of sentences found whole, of speakers named, of traps refused, in every language."""

POSTS = 0.97
"""Least precision and recall for posts in the body of the corpus pages."""

needs_corpus = pytest.mark.skipif(corpus_root() is None, reason="no corpus of real pages beside the project")


# -- labelled sentences


@dataclass
class Score:
    """Counts over the labelled sentences of one language; `wrong` holds those that went wrong."""

    sentences: int = 0
    found: int = 0
    speakers: int = 0
    traps: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def rows(language: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SENTENCES / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()]


@lru_cache
def score(language: str) -> Score:
    total = Score()
    for row in rows(language):
        text = row["text"]
        found = quotations(text, [Paragraph(text=text, start=0, end=len(text))], language)
        if row.get("trap"):
            total.traps += 1
            total.refused += not found
            right = not found
        else:
            total.sentences += 1
            whole, named = len(found) == 1 and _is_whole(row, found[0]), bool(found) and _is_named(row, found[0])
            total.found += whole
            total.speakers += named
            right = whole and named
        if not right:
            total.wrong.append(text)
    return total


def _is_whole(row: dict[str, Any], found: Citation) -> bool:
    if found.platform != row["platform"] or (found.quote is None) != (row["quote"] is None):
        return False
    if found.quote is None:
        return True
    return _bare(found.quote.text) == _bare(row["quote"]) and found.quote.form == row["form"]


def _is_named(row: dict[str, Any], found: Citation) -> bool:
    return row["speaker"] is None or (
        found.speaker is not None and folded(row["speaker"]) in folded(found.speaker.name)
    )


def _bare(text: str) -> str:
    return text.rstrip(".۔!؟? ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_labelled_sentences_are_found_and_traps_refused(language: str) -> None:
    total = score(language)
    assert total.sentences >= 20 and total.traps >= 20
    assert total.found >= FOUND * total.sentences, total.wrong
    assert total.speakers >= SPEAKERS * total.sentences, total.wrong
    assert total.refused >= REFUSED * total.traps, total.wrong


# -- real pages


def reading(file: str, url: str | None) -> tuple[Page, Article]:
    root = corpus_root()
    assert root is not None
    page = parse_page(capture_of(gzip.decompress((root / file).read_bytes()), url or "https://news.example/"))
    return page, read_page(page).article


def citations_of(page: Page, article: Article) -> list[Citation]:
    return find_citations(page, article.article_body, article.paragraphs, article.language)


def load(name: str) -> Any:
    root = corpus_root()
    assert root is not None
    return json.loads((root / name).read_text(encoding="utf-8"))


@dataclass
class Posts:
    """Counts by (network, markup): found, missed, found outside the body; `unlabelled` are posts that nobody labelled."""

    found: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        hits = sum(self.found.values())
        return hits / (hits + len(self.missed))

    @property
    def precision(self) -> float:
        hits = sum(self.found.values())
        return hits / (hits + len(self.wrong))


@lru_cache
def posts() -> Posts:
    total = Posts()
    for entry in load("embedded_posts.json")["pages"]:
        found = {
            _key(c.platform, c.native_id or c.url, c.username)
            for c in citations_of(*reading(entry["file"], entry["url"]))
            if c.kind in ("embed", "link")
        }
        labelled = {_label_key(post): post for post in entry["posts"]}
        for key, post in labelled.items():
            name = f"{entry['file']}: {key}"
            if post["where"] != "body":
                total.wrong += [name] if key in found else []
            elif key in found:
                total.found[post["platform"], post["markup"]] += 1
            else:
                total.missed.append(name)
        total.unlabelled += [f"{entry['file']}: {key}" for key in found - set(labelled)]
    return total


def _key(platform: str, native_id: str | None, username: str | None) -> tuple[str, str]:
    return platform, native_id or f"@{username}"


def _label_key(post: dict[str, Any]) -> tuple[str, str]:
    ref = platforms.match(post["url"]) if post.get("url") else None
    return _key(post["platform"], ref.native_id if ref else None, post.get("handle"))


@needs_corpus
@pytest.mark.corpus
def test_posts_of_real_pages_are_found_and_others_left() -> None:
    total = posts()
    assert total.recall >= POSTS, total.missed
    assert total.precision >= POSTS, total.wrong


def _folded_words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


@lru_cache
def textual() -> tuple[int, list[str]]:
    """(right, what went wrong) over the quotations of the corpus that have no link."""
    labels = load("textual_citations.json")
    right, wrong = 0, []
    for label in [*labels["posts"], *labels["not_posts"]]:
        found = [
            c
            for c in citations_of(*reading(label["file"], label["url"]))
            if c.quote and label["quote"] in _folded_words(c.quote.text)
        ]
        author = label.get("author")
        if author is None:
            good = not found
        else:
            last = _folded_words(author).split()[-1]
            good = any(
                c.platform == label["platform"] and c.speaker and last in _folded_words(c.speaker.name) for c in found
            )
        right += good
        wrong += [] if good else [f"{label['file']}: {label['quote']}: {[(c.platform, c.speaker) for c in found]}"]
    return right, wrong


@needs_corpus
@pytest.mark.corpus
def test_quotations_without_a_link_are_found_with_network_and_author_and_no_trap() -> None:
    _, wrong = textual()
    assert wrong == []


def main() -> None:
    for language in LANGUAGES:
        total = score(language)
        print(
            f"{language}: found {total.found}/{total.sentences}, speakers {total.speakers}, traps {total.refused}/{total.traps}"
        )
    if corpus_root() is None:
        return
    seen = posts()
    print(f"posts: precision {seen.precision:.3f}, recall {seen.recall:.3f}, unlabelled {len(seen.unlabelled)}")
    for (platform, markup), count in sorted(seen.found.items()):
        print(f"  {platform} {markup}: {count}")
    print("missed", seen.missed, "wrong", seen.wrong)
    print("without link:", textual())


if __name__ == "__main__":
    main()
