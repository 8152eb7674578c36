"""What is known about each citation of an article: the `resolution` documents, from the records of a run alone.

Belongs here: putting a citation beside the posts and searches that a run recorded, and the verdict's words. How close two texts
are is `archiver.citations.matching`'s matter; how a post was asked for is `archiver.resolve`'s.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from archiver.citations import matching
from archiver.config import software_version
from archiver.models import Article, Capture
from archiver.models.article import Citation, QuoteSpan
from archiver.models.post import Attempt, Post
from archiver.models.resolution import (
    Candidate,
    DiffPart,
    Match,
    Resolution,
    ResolutionProvenance,
    Verdict,
    Window,
)
from archiver.platforms import PostRef, chain, homepage, id_time
from archiver.platforms.failures import understood
from archiver.platforms.search import draft_of_post, read_text
from archiver.platforms.steps import ACCOUNT_METHODS, HOMEPAGE, USERS, WIKIDATA_METHODS, Draft, Reading
from archiver.platforms.x import people
from archiver.reasons import PostOutcome, PostStatus
from archiver.resolve import Chained, Gathered, Searched, answer_of, posts_of, reference_of, step_of
from archiver.urls import NAMESPACE

BEFORE, AFTER = timedelta(days=3), timedelta(days=1)
"""How long before and after an article's publication a post may be the quoted one."""

ALTERED_MIN = 0.25
"""Coverage below which the words that an article shows and the post's own are not called altered but another text."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An article of an earlier run, and what was known about its citations by their number."""

    article: Article
    known: Mapping[int, Resolution] = field(default_factory=dict)


def conclude(
    articles: Sequence[Article], gathered: Gathered, followed: Sequence[Followed] = ()
) -> tuple[list[Post], list[Resolution]]:
    """(posts, resolutions) of a run, in the order of the records and of the articles.

    Of an article of an earlier run (`followed`) only those citations are concluded about whose post or search this run asked for.
    """
    every = [*articles, *(one.article for one in followed)]
    by_record = {article.capture.warc_record_id: article for article in every}
    made = {
        key: posts_of(about, _citation_of(about, by_record))
        for key, about in gathered.posts.items()
        if (about.asked or about.left) and not about.remembered
    }
    archived = {key: post for key, about in gathered.posts.items() if (post := about.remembered)}
    posts = {key: post for key, (post, _) in made.items()} | archived
    along: dict[tuple[str, str], Post] = {}
    for other in (other for _, others in made.values() for other in others):
        if (key := (other.platform, other.native_id)) not in posts:
            along.setdefault(key, other)
    resolutions = [
        _resolution(article, number, citation, posts, gathered)
        for article in articles
        for number, citation in enumerate(article.citations)
    ]
    new_posts = [*(post for post, _ in made.values()), *along.values()]  # what is archived has its document
    return new_posts, resolutions + [new for one in followed for new in _again(one, posts, gathered)]


def _again(followed: Followed, posts: dict[tuple[str, str], Post], gathered: Gathered) -> Iterable[Resolution]:
    """What a follow run adds about one article."""
    article = followed.article
    for number, citation in enumerate(article.citations):
        known = followed.known.get(number)
        ref = reference_of(citation)
        named_now = ref is not None and (ref.key in posts or ref.canonical_url in gathered.shorts)
        if named_now or (article.capture.warc_record_id, number) in gathered.searches:
            new = _resolution(article, number, citation, posts, gathered)
            yield _as_it_was(known, new) if known is not None else new
        elif known is not None and (post := _by_id(posts, known.post_id)):
            # Which post was quoted is settled; whether it is still there is what was asked.
            fields = ("status", "verdict", "post_id", "match", "candidates")
            yield _made(article, number, {name: getattr(known, name) for name in fields} | {"attempts": post.attempts})


_BETTER: tuple[Verdict, ...] = ("verbatim", "near", "altered", "paraphrase")


def _as_it_was(known: Resolution, new: Resolution) -> Resolution:
    """What a post said when the outlet printed it decides: an edit, or a deletion, makes no quotation worse than it was found to be."""
    at = {verdict: number for number, verdict in enumerate(_BETTER)}
    if known.post_id != new.post_id or at.get(known.verdict, len(at)) >= at.get(new.verdict, len(at)):
        return new
    records = list(dict.fromkeys([*known.provenance.record_ids, *new.provenance.record_ids]))
    kept = {"verdict": known.verdict, "match": known.match}
    return new.model_copy(update={**kept, "provenance": new.provenance.model_copy(update={"record_ids": records})})


def _by_id(posts: dict[tuple[str, str], Post], post_id: str | None) -> Post | None:
    return next((post for post in posts.values() if post_id is not None and post.id == post_id), None)


def window_of(article: Article) -> Window:
    """The days in which the quoted post must lie; open where the article gives no date."""
    published = article.date_published
    return Window(start=published - BEFORE, end=published + AFTER) if published else Window()


def _citation_of(about: Chained, by_record: dict[str, Article]) -> Citation | None:
    article = by_record.get(str(about.cause.get("article_record")))
    number = about.cause.get("citation")
    if article is None or not isinstance(number, int) or not 0 <= number < len(article.citations):
        return None
    return article.citations[number]


def _resolution(
    article: Article, number: int, citation: Citation, posts: dict[tuple[str, str], Post], gathered: Gathered
) -> Resolution:
    if citation.kind in ("embed", "link"):
        known = _about_marked(citation, posts, gathered)
    elif citation.quote is not None:
        search = gathered.searches.get((article.capture.warc_record_id, number))
        known = _about_quoted(article, citation, search, posts, gathered.lists)
    else:
        known = {"status": "not_attempted", "verdict": "not_checked"}
    return _made(article, number, known)


def _made(article: Article, number: int, known: dict[str, Any]) -> Resolution:
    attempts: list[Attempt] = known.get("attempts", [])
    evidence: list[str] = known.pop("evidence", [])
    resolved_at = max([article.capture.fetch_time, *(attempt.at for attempt in attempts)])
    name = f"{article.version_id} {article.capture.warc_record_id} {number} {resolved_at.isoformat()}"
    return Resolution(
        id=uuid.uuid5(NAMESPACE, name).urn,
        article_id=article.id,
        article_version_id=article.version_id,
        citation_index=number,
        resolved_at=resolved_at,
        capture=article.capture,
        provenance=ResolutionProvenance(
            software=f"news-archiver/{software_version()}",
            article_record_id=article.capture.warc_record_id,
            record_ids=[*evidence, *(attempt.warc_record_id for attempt in attempts if attempt.warc_record_id)],
        ),
        **known,
    )


def _about_marked(citation: Citation, posts: dict[tuple[str, str], Post], gathered: Gathered) -> dict[str, Any]:
    """An embed or a link names its post; whether the words the article shows are the post's is the question left.

    A post that was edited or has gone since is compared as it was seen before, too: the outlet printed what stood there then.
    """
    status = "embedded" if citation.kind == "embed" else "linked"
    ref = reference_of(citation)
    hops: list[Attempt] = []
    if ref is not None and ref.native_id is None:
        ref, hops = _end_of(ref, gathered)
        if ref is None:
            answered = any(hop.outcome == PostOutcome.OK for hop in hops)
            return {"status": "unresolved", "verdict": "not_found" if answered else "not_checked", "attempts": hops}
    post = posts.get(ref.key) if ref else None
    if ref is None or post is None:
        known_id = chain.post_id(ref) if ref else None
        return {"status": status, "verdict": "not_checked", "post_id": known_id, "attempts": hops}
    attempts = [*hops, *post.attempts]
    known: dict[str, Any] = {"status": status, "post_id": post.id, "attempts": attempts, "verdict": "not_checked"}
    shown = citation.quote.text if citation.quote else citation.embedded_text
    states = [one for one in (post, gathered.posts[ref.key].before) if one and one.text_basis != "article-markup"]
    parts = citation.quote.parts if citation.quote else []
    compared = [(_coverages(shown, parts, one.text), one) for one in states if shown and one.text]
    if not shown or not compared:
        return known
    (three, single), nearest = max(compared, key=lambda pair: pair[0])
    kind = matching.band(three, single, author_agrees=True)
    printed, whole = matching.parts_of(shown, parts), nearest.text_complete is not False
    if printed:  # a link alone, or a date, is no word of the post
        wording = matching.wording(printed, matching.words(nearest.text or ""), whole=whole)
        known["verdict"] = _verdict(kind, wording, three, whole=whole, embedded=citation.kind == "embed")
    known["match"] = Match(
        kind=kind,
        coverage3=three,
        word_coverage=single,
        author_basis=citation.kind,
        diff=_diff(shown, nearest.text or ""),
    )
    return known


def _end_of(ref: PostRef, gathered: Gathered) -> tuple[PostRef | None, list[Attempt]]:
    """(the post that a short link leads to, the attempts to learn it)."""
    shortened = gathered.shorts.get(ref.canonical_url)
    return shortened.end() if shortened else (None, [])


def _coverages(shown: str, parts: Sequence[str], text: str) -> tuple[float, float]:
    printed, post = matching.parts_of(shown, parts), matching.words(text)
    return round(matching.coverage3(printed, post), 4), round(matching.word_coverage(printed, post), 4)


def _verdict(kind: str, wording: matching.Wording, three: float, *, whole: bool, embedded: bool) -> Verdict:
    """The word for how the printed words relate to a post that is certainly the cited one. Those of an embed are the post's own, so
    others are altered ones; those beside a link may be somebody else's."""
    if not whole and kind != "verbatim":
        return "not_checked"  # a cut text gives only a lower bound
    if kind in ("verbatim", "near"):
        return wording
    return "altered" if embedded or three >= ALTERED_MIN else "paraphrase"


def _about_quoted(
    article: Article,
    citation: Citation,
    search: Searched | None,
    posts: dict[tuple[str, str], Post],
    lists: Mapping[str, Capture],
) -> dict[str, Any]:
    """A quotation without a link: found, a candidate, or unresolved; never more than the words show."""
    quote = citation.quote
    assert quote is not None
    if search is None:
        return {"status": "not_attempted", "verdict": "not_checked"}
    username, basis = str(search.cause.get("username") or ""), search.cause.get("basis")
    drafts, attempts = _found(search, username, window_of(article), posts, lists)
    author_basis = str(basis) if basis else None
    user_id = str(search.cause.get("user_id") or "")
    candidates = [candidate_of(draft, username, author_basis, user_id) for draft in drafts if draft.text]
    judged = matching.judge(
        quote.text,
        candidates,
        parts=quote.parts,
        published=article.date_published,
        language=article.language,
    )
    best = judged.scored[0] if judged.scored else None
    known: dict[str, Any] = {
        "status": judged.status,
        "verdict": _wording(quote, best) if best else "not_found",
        "post_id": judged.post_id,
        "attempts": attempts,
        "candidates": [_kept(scored, drafts) for scored in judged.scored],
        "evidence": [str(record) for record in search.cause.get("evidence") or ()],
    }
    looked = any(a.outcome in ("ok", "partial") and a.method not in ACCOUNT_METHODS for a in attempts)
    if judged.status == "unresolved" and not candidates and not looked:
        known["verdict"] = "not_checked"
    if best:
        known["match"] = Match(
            kind="ambiguous" if judged.status == "ambiguous" else best.kind,
            coverage3=best.coverage3,
            word_coverage=best.word_coverage,
            author_basis=best.candidate.author_basis,
            window=window_of(article),
            diff=_diff(quote.text, best.candidate.text),
        )
    return known


def _wording(quote: QuoteSpan, best: matching.Scored) -> Verdict:
    """The word for how a quotation relates to the best candidate: near ones are compared word by word."""
    if best.kind not in ("verbatim", "near"):
        return "paraphrase" if best.kind == "paraphrase" else "not_found"
    post, whole = matching.words(best.candidate.text), best.candidate.text_complete
    return matching.wording(matching.parts_of(quote.text, quote.parts), post, whole=whole)


def _found(
    search: Searched, username: str, window: Window, posts: dict[tuple[str, str], Post], lists: Mapping[str, Capture]
) -> tuple[list[Draft], list[Attempt]]:
    """(posts with a text that may be meant, attempts): what the archive had, what the searches showed, then what was asked
    for by id. `lists` are the answers to the run's searches, of which one may have served this search, too."""
    platform, user_id = str(search.cause["platform"]), search.cause.get("user_id")
    drafts: dict[str, Draft] = {post.native_id: draft_of_post(post) for post in search.archived}
    attempts = list(search.left)
    mine = [search.asked[number] for number in sorted(search.asked)]
    shared = [lists[record] for attempt in search.left if (record := attempt.warc_record_id or "") in lists]
    for capture in [*mine, *(one for one in shared if one not in mine)]:
        step, answer = step_of(capture.context.post or {}), answer_of(capture)
        if step.method in ACCOUNT_METHODS:
            attempts.append(chain.attempt_of(step, answer, _READERS[step.method](answer), capture.pointer.fetch_time))
            continue
        listing = read_text(platform, step, answer, username, window)
        reading = Reading(listing.outcome, listing.reason_text, None, listing.retry_after, method=step.method)
        if capture in mine:
            attempts.append(chain.attempt_of(step, answer, reading, capture.pointer.fetch_time))
        for draft in listing.posts:
            known = drafts.get(draft.native_id)
            if draft.text and (known is None or (known.text_complete is False and draft.text_complete is not False)):
                drafts[draft.native_id] = draft
    for post in posts.values() if username else ():
        named = (post.author.username or "").lower() == username.lower() or (user_id and post.author.id == user_id)
        if post.platform == platform and named and post.text and post.status != PostStatus.NOT_ATTEMPTED:
            drafts[post.native_id] = draft_of_post(post)
    return list(drafts.values()), sorted(attempts, key=lambda attempt: attempt.at)


_READERS = dict.fromkeys(WIKIDATA_METHODS, understood) | {
    HOMEPAGE: homepage.reading_of,
    USERS: people.reading_of,
}
"""Account method -> how its answer is read."""


def candidate_of(draft: Draft, username: str, basis: str | None, user_id: str) -> matching.Candidate:
    """A post that may be meant. Its author is the quoted one by the network's number where both are known, since usernames are renamed
    and given to others; else by the username."""
    agrees = (draft.author.username or username).lower() == username.lower()
    if user_id and draft.author.id:
        agrees = draft.author.id == user_id
    return matching.Candidate(
        post_id=draft.id,
        text=draft.text or "",
        published=draft.published or id_time(draft.platform, draft.native_id),
        author_basis=basis if agrees else None,  # type: ignore[arg-type]
        text_complete=draft.text_complete is not False,
        language=draft.language,
    )


def _kept(scored: matching.Scored, drafts: Iterable[Draft]) -> Candidate:
    draft = next(draft for draft in drafts if draft.id == scored.candidate.post_id)
    return Candidate(
        post_id=scored.candidate.post_id,
        text=scored.candidate.text,
        score=scored.coverage3,
        coverage3=scored.coverage3,
        word_coverage=scored.word_coverage,
        author=draft.author.username,
        published=scored.candidate.published,
    )


def _diff(quote: str, post: str) -> list[DiffPart]:
    return [
        DiffPart(op=part.op, quote=" ".join(part.quote_words), post=" ".join(part.post_words))
        for part in matching.word_diff(quote, post)
    ]
