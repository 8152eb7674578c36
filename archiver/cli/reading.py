"""`show`, `extract` and `sources list`: reading what is there."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from rich.table import Table
from rich.text import Text

from archiver.archive import Archive
from archiver.cli.citing import print_citations, print_post
from archiver.cli.common import complain, paper, talk
from archiver.cli.crawling import sources_folder, workers_of
from archiver.cli.exits import Exit
from archiver.cli.progress import attempts_table
from archiver.cli.showing import card_of, page_of
from archiver.config import Config
from archiver.errors import UsageError, WarcError
from archiver.health import SHOWN, Health, health_of
from archiver.models import Article
from archiver.models.post import Post
from archiver.reextract import extract_warc
from archiver.sources import Source, read_sources
from archiver.tally import drifts


def show(config: Config, name: str, *, as_json: bool, as_html: bool = False) -> int:
    """`archiver show`: an article with what it cites, or a post with its states and the articles that cite it; for a person, or as
    documents (the article first, or the states, oldest first) for a program."""
    archive = Archive(config.store, optout=config.optout)
    if article := archive.article(name):
        return _show_article(archive, article, as_json=as_json, as_html=as_html)
    if post := archive.post(name):
        return _show_post(archive, post, as_json=as_json, as_html=as_html)
    return _not_shown(archive, name)


def _show_article(archive: Archive, article: Article, *, as_json: bool, as_html: bool) -> int:
    if as_html:
        sys.stdout.write(page_of(archive, article))
        return Exit.OK
    pages = [article] if as_json else archive.pages(article)
    cited = [found for page in pages for found in archive.citations(page)]
    if as_json:
        known = [document for _, *documents in cited for document in documents if document]
        for document in (article, *known):
            sys.stdout.write(document.model_dump_json() + "\n")
    else:
        _print_article(pages)
        print_citations(cited, archive.states({post.id for _, _, post in cited if post}), archive.suppressed())
    return Exit.OK


def _show_post(archive: Archive, post: Post, *, as_json: bool, as_html: bool) -> int:
    states = archive.states({post.id})[post.id]
    if as_html:
        sys.stdout.write(card_of(archive, post))
    elif as_json:
        for state in states:
            sys.stdout.write(state.model_dump_json() + "\n")
    else:
        print_post(post, states, archive.citing(post.id))
    return Exit.OK


def _not_shown(archive: Archive, name: str) -> int:
    """Why there is nothing to show: no archive, a URL that was refused (with its Reason), or a name nobody knows."""
    runs = list(archive.runs())
    if not runs:
        raise UsageError(f"{archive.store.url}: no published run here; name the archive with --store")
    if known := archive.suppressed().covers_name(name):
        return complain(f"{name}: {known.sentence}", Exit.ERROR)
    for refusal in (refusal for run in reversed(runs) for refusal in run.refusals):
        if name in (refusal.url, refusal.requested_url):
            why = f"{refusal.reason}: {refusal.detail}" if refusal.detail else refusal.reason
            return complain(f"{name}: gave no article: {why}; record {refusal.record_id or 'none'}", Exit.ERROR)
    return complain(f"{name}: no article and no post with this URL or id in {archive.store.url}", Exit.ERROR)


def _print_article(pages: list[Article]) -> None:
    """An article: what its first page says of it, then the text of all its pages."""
    article = pages[0]
    paper.print(Text(article.headline or "(no headline)", style="bold"))
    names = ", ".join(author.name for author in article.authors)
    dates = [
        f"{label} {getattr(article, field):%Y-%m-%d %H:%M}Z ({getattr(article, f'{field}_source')})"
        for label, field in (("published", "date_published"), ("modified", "date_modified"))
        if getattr(article, field)
    ]
    paper.print(Text(" · ".join(filter(None, [article.publisher.name, names, *dates, article.language]))))
    paper.print(Text(article.url, style="cyan"))
    for number, page in enumerate(pages):
        if number:
            paper.print(Text(f"\n{page.url}", style="cyan"))
        for paragraph in page.paragraphs:
            paper.print()
            paper.print(Text(paragraph.text))
    last = pages[-1].pagination
    if last and last.next:
        paper.print(Text(f"\ngoes on at {last.next}, which is not in the archive", style="yellow"))
    quotations = [quotation for page in pages for quotation in page.quotations]
    if quotations:
        paper.print(Text(f"\n{len(quotations)} quotations", style="bold"))
        for quotation in quotations:
            speaker = quotation.speaker.name if quotation.speaker else "speaker not named"
            paper.print(Text(f"  “{quotation.exact}” — {speaker}"))
    paper.print(Text("\nEvidence", style="bold"))
    for page in pages:
        _print_evidence(page)


def _print_evidence(article: Article) -> None:
    capture = article.capture
    paper.print(Text(f"  {capture.warc_filename}  bytes {capture.warc_record_offset}+{capture.warc_record_length}"))
    paper.print(Text(f"  {capture.warc_record_id}  {capture.payload_digest}  {capture.fetch_time:%Y-%m-%dT%H:%M:%SZ}"))
    for warning in article.extraction.warnings:
        paper.print(Text(f"  warning: {warning}", style="yellow"))


def extract_files(config: Config, warcs: list[Path]) -> int:
    """`archiver extract FILE...`: any WARC, one document a line on stdout in record order; damage and refusals to stderr."""
    if not warcs:
        raise UsageError("name WARC files, or an archive with --archive URL")
    for path in warcs:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    damage: list[WarcError] = []
    refused: Counter[str] = Counter()
    documents = 0
    with workers_of(config).start() as pool:
        for path in warcs:
            for item in extract_warc(path, pool, on_damage=damage.append):
                if item.outcome.line:
                    documents += 1
                    sys.stdout.buffer.write(item.outcome.line)
                elif item.outcome.reason:
                    refused[item.outcome.reason.value] += 1
                    talk.print(f"{item.url}: {item.outcome.reason.value}: {item.outcome.detail}", markup=False)
            sys.stdout.buffer.flush()
    for error in damage:
        complain(error, Exit.DAMAGED)
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(refused.items()))
    talk.print(f"{documents} documents" + (f"; refused: {reasons}" if reasons else ""))
    return Exit.DAMAGED if damage else Exit.OK


def _sources_table(sources: list[Source], health: dict[str, Health]) -> Table:
    table = Table()
    columns = ["id", "name", "language", "homepage", "discover", "every", "checked live"]
    for column in [*columns, "last run", "articles", "refused"] if health else columns:
        table.add_column(column)
    for source in sources:
        kinds = ", ".join(item.kind for item in source.discover)
        checked = "yes" if source.checked else "not yet"
        row = [source.id, source.name, source.language, source.homepage, kinds, f"{source.every / 60:g}m", checked]
        if known := health.get(source.id):
            refused = f"{known.reasons[known.main_reason]} {known.main_reason}" if known.main_reason else "none"
            row += [f"{known.last_run:%Y-%m-%d %H:%M}Z", f"{known.articles}", refused]
        elif health:
            row += ["never", "", ""]
        table.add_row(*row)
    return table


def list_sources(config: Config, folder: Path | None, *, as_json: bool) -> int:
    """`archiver sources list`: the files, and how each source fared where there is an archive with runs."""
    sources, errors = read_sources(sources_folder(config, folder))
    health, attempts = health_of(Archive(config.store))
    if as_json:
        for source in sources:
            known = health.get(source.id)
            about = {"health": known.model_dump(mode="json") if known else None}
            print(json.dumps(source.model_dump(mode="json") | about, ensure_ascii=False))
    else:
        paper.print(_sources_table(sources, health))
        if attempts:
            paper.print(attempts_table(attempts, f"Cited posts, each method in its last {SHOWN} runs"))
    for sentence in drifts(attempts):
        complain(sentence, Exit.OK)
    for error in errors:
        complain(error, Exit.ERROR)
    return Exit.ERROR if errors else Exit.OK
