"""What an article cites, as a person wants to read it: quotation, who, where, verdict, difference, post, availability, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from archiver.cards.words import VERDICTS
from archiver.cli.common import paper
from archiver.models.article import Article, Citation
from archiver.models.post import Attempt, Post
from archiver.models.resolution import Candidate, DiffPart, Resolution
from archiver.models.tombstone import Tombstone
from archiver.platforms.build import has_own_words
from archiver.platforms.compare import changes
from archiver.suppression import Suppressed

STYLE_OF = {
    "verbatim": "green",
    "near": "green",
    "altered": "yellow",
    "paraphrase": "yellow",
    "contradicted": "red",
    "not_found": "red",
    "not_checked": "dim",
}
CANDIDATES_MAX = 3
STYLES = {"equal": "", "delete": "red strike", "insert": "green"}


def print_citations(
    cited: list[tuple[Citation, Resolution | None, Post | None]],
    states: Mapping[str, Sequence[Post]],
    hidden: Suppressed,
) -> None:
    """One block a citation; nothing when the article cites nothing. `states` are the posts' states by id, oldest first; `hidden` says
    why there is none of a post that the article names."""
    if not cited:
        return
    paper.print(Text(f"\n{len(cited)} cited post{'s' if len(cited) > 1 else ''}", style="bold"))
    for citation, resolution, post in cited:
        paper.print()
        gone = hidden.covers(citation.url) if citation.url else None
        _print_citation(citation, resolution, post, states.get(post.id, ()) if post else (), gone)


def _print_citation(
    citation: Citation,
    resolution: Resolution | None,
    post: Post | None,
    states: Sequence[Post],
    gone: Tombstone | None,
) -> None:
    who = citation.speaker.name if citation.speaker else None
    name = f"@{citation.username}" if citation.username else None
    head = Text(f"  {citation.kind} · {citation.platform}", style="bold")
    head.append("".join(f" · {part}" for part in (who, name) if part))
    paper.print(head)
    words = citation.quote.text if citation.quote else citation.embedded_text
    if words:
        paper.print(Text(f"  “{words}”"))
    if citation.url:
        paper.print(Text(f"  {citation.url}", style="cyan"))
    if gone is not None:
        paper.print(Text(f"  the post was {gone.sentence}; the words above are the article's own", style="dim"))
        return
    if resolution is None:
        paper.print(Text("  nothing is known about it yet", style="dim"))
        return
    sentence, style = VERDICTS[resolution.verdict], STYLE_OF[resolution.verdict]
    if resolution.status == "ambiguous":
        sentence += "; several posts are equally near"
    paper.print(Text(f"  {resolution.status}: {sentence}", style=style))
    if resolution.match and resolution.match.diff and resolution.verdict not in ("verbatim", "not_checked"):
        paper.print(_difference(resolution.match.diff))
    if post:
        _print_post(post, citation.url)
        _print_earlier(post, states)
    if (post is None or not has_own_words(post)) and resolution.attempts:
        paper.print(Text(f"  asked: {_asked(resolution.attempts)}", style="dim"))
    for candidate in () if post else resolution.candidates[:CANDIDATES_MAX]:
        _print_candidate(candidate)


def _asked(attempts: Sequence[Attempt]) -> str:
    """What each method said, the newest of each: why there is no post to show."""
    newest = {attempt.method: attempt for attempt in attempts}
    return "; ".join(
        f"{one.method} {one.outcome}" + (f" ({one.reason_text[:80]})" if one.reason_text else "")
        for one in newest.values()
    )


def _difference(parts: list[DiffPart]) -> Text:
    """The post's words with what the outlet left out in green and what it put in struck out in red; in a file between {+ +} and [- -]."""
    line, plain = Text("  "), not paper.is_terminal  # in a file or a pipe there is no colour
    for part in parts:
        if part.op in ("delete", "replace"):
            line.append(f"[-{part.quote}-] " if plain else part.quote + " ", style=STYLES["delete"])
        if part.op in ("insert", "replace"):
            line.append(f"{{+{part.post}+}} " if plain else part.post + " ", style=STYLES["insert"])
        if part.op == "equal":
            line.append(part.post + " ")
    return line


def print_post(post: Post, states: Sequence[Post], citing: Sequence[Article]) -> None:
    """One post by itself, what it said before, and who cites it."""
    paper.print(Text(post.platform, style="bold"))
    _print_post(post)
    _print_earlier(post, states)
    for article in citing:
        paper.print(Text(f"  cited by {article.headline or '(no headline)'}"))
        paper.print(Text(f"  {article.url}", style="cyan"))


def _print_post(post: Post, shown: str | None = None) -> None:
    """A post; its address, unless it was `shown` as that of the citation."""
    when = f"{post.published:%Y-%m-%d %H:%M}Z" if post.published else "time unknown"
    author = post.author.name or post.author.username or "author unknown"
    by = f" by {post.obtained_via}" if post.obtained_via else ""
    paper.print(Text(f"  post: {author}, {when}; {post.status}{by}"))
    if post.url != shown:
        paper.print(Text(f"  {post.url}", style="cyan"))
    if has_own_words(post):
        paper.print(Text(f"  “{post.text}”", style="italic"))
    if post.capture:
        where = post.capture
        paper.print(Text(f"  {where.warc_filename} {where.warc_record_offset}+{where.warc_record_length}", style="dim"))


def _print_earlier(post: Post, states: Sequence[Post]) -> None:
    """What the post said when it was last seen to say something else: old captures stay."""
    shown = post.text if has_own_words(post) else None
    for earlier in reversed(states):
        if has_own_words(earlier) and earlier.text != shown and earlier.capture:
            where = earlier.capture
            paper.print(Text(f"  on {where.fetch_time:%Y-%m-%d %H:%M}Z it {'read otherwise' if shown else 'read'}:"))
            if changed := changes(earlier, post):
                paper.print(Text(f"  changed since: {', '.join(changed)}", style="yellow"))
            paper.print(Text(f"  “{earlier.text}”", style="italic"))
            address = f"{where.warc_filename} {where.warc_record_offset}+{where.warc_record_length}"
            paper.print(Text(f"  {address}", style="dim"))
            return


def _print_candidate(candidate: Candidate) -> None:
    when = f", {candidate.published:%Y-%m-%d %H:%M}Z" if candidate.published else ""
    paper.print(Text(f"  candidate: {candidate.post_id}{when} (coverage {candidate.score:.2f})"))
    if candidate.text:
        paper.print(Text(f"  “{candidate.text}”", style="italic"))
