"""`sources add`, `record` and `test`: a new site, its saved page, and whether that page still gives what it gave.

Belongs here: what asks a site is an ordinary recorded crawl into a folder that is thrown away: same robots.txt, same pace.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver import clock
from archiver.cli.common import complain, talk
from archiver.cli.crawling import crawl_in_process, sources_folder
from archiver.cli.exits import Exit
from archiver.config import Config, require_contact
from archiver.errors import UsageError
from archiver.fixtures import JSON, WARC, compare_fixture, write_document, write_fixture
from archiver.layout import new_run_id
from archiver.models import Capture
from archiver.models.hints import ExtractHints
from archiver.probe import Probe, default_id, toml_of
from archiver.reasons import Reason
from archiver.settings import settings_of
from archiver.sources import Source, check_id, read_source, read_sources
from archiver.spool import RunSpool
from archiver.urls import absolute, host_of
from archiver.warc import excerpt, read_captures
from archiver.work import extract_capture, is_article_capture

RECORD_PAGES = 5
"""Articles that `sources record` asks for at most, until one gives a document."""

FIXTURES = Path("tests/sources")


def add_source(config: Config, url: str, source_id: str | None, folder: Path | None, *, verbose: bool) -> int:
    """`archiver sources add`: probes a site and writes its file."""
    require_contact(config)
    homepage = absolute(url if "://" in url else f"https://{url}")
    if homepage is None or any(map(str.isspace, host_of(homepage))):
        raise UsageError(f"{url}: no http(s) URL; write it whole, such as https://www.example.com/")
    source_id = check_id(source_id or default_id(homepage))
    folder = folder if folder is not None else sources_folder(config)
    path = folder / f"{source_id}.toml"
    if path.exists():
        raise UsageError(f"{path}: is there already; remove it, or choose another name with --id")
    probe = Probe(homepage)
    with _thrown_away(config, {"probe": {"probe": probe}}, {"ARCHIVER_WORKERS": 0}, verbose=verbose):
        pass
    if not probe.reached:
        return complain("\n".join(probe.problems) or f"{homepage}: gave no page", Exit.ERROR)
    for problem in probe.problems:
        talk.print(f"not used: {problem}", markup=False)
    text = toml_of(probe, source_id)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path}: is there already; nothing was written") from None
    talk.print(f"{path} is written; look at it, then: archiver crawl {source_id}", markup=False)
    return Exit.OK


def record_source(
    config: Config, source_id: str, url: str | None, folder: Path | None, into: Path | None, *, verbose: bool
) -> int:
    """`archiver sources record`: captures one article of a source and saves it with its document."""
    require_contact(config)
    sources = sources_folder(config, folder)
    source = _source(sources, source_id)
    into = (into or FIXTURES) / source.id
    spiders: dict[str, dict[str, Any]] = {"page": {"urls": [url]}} if url else {source.id: {}}
    changes = {"ARCHIVER_SOURCES": [str(sources)], "ARCHIVER_MAX_PAGES": RECORD_PAGES, "ARCHIVER_WORKERS": 0}
    with _thrown_away(config, spiders, changes, verbose=verbose) as spool:
        chosen, reasons = _first_article(spool, source.extract)
        if chosen is None:
            told = "".join(f"\n  {reason}" for reason in reasons)
            return complain(f"{source.id}: no page gave a document{told}", Exit.ERROR)
        document = write_fixture(into, excerpt(chosen.file, chosen.record_id), source.extract)
    talk.print(f"{into / WARC} and {into / JSON}: {document.get('headline')}", markup=False)
    return Exit.OK


def test_sources(
    config: Config, source_id: str | None, folder: Path | None, fixtures: Path | None, *, accept: bool = False
) -> int:
    """`archiver sources test`: every saved page again; exit 1 when a document is no longer what it was.

    With `accept` the documents of today take the place of the saved ones.
    """
    fixtures = fixtures or FIXTURES
    known = {source.id: source for source in read_sources(sources_folder(config, folder))[0]}
    names = [source_id] if source_id else sorted(path.parent.name for path in fixtures.glob(f"*/{WARC}"))
    if not names:
        raise UsageError(f"{fixtures}: no fixtures here; `archiver sources record ID` saves one")
    changed = 0
    for name in names:
        hints = known[name].extract if name in known else ExtractHints()
        differences = compare_fixture(fixtures / name, hints)
        for difference in differences:
            sentence = f"{name}: {difference.field}: was {difference.expected}, is {difference.found}"
            talk.print(sentence, markup=False) if accept else complain(sentence, Exit.ERROR)
        if accept and differences:
            write_document(fixtures / name, hints)
        changed += bool(differences)
    if accept:
        talk.print(f"{changed} of {len(names)} saved documents are new")
        return Exit.OK
    talk.print(f"{len(names) - changed} of {len(names)} saved pages give what they gave")
    return Exit.ERROR if changed else Exit.OK


def _source(folder: Path, source_id: str) -> Source:
    path = folder / f"{source_id}.toml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.toml")))
        raise UsageError(f'no source "{source_id}" in {folder}; known: {known}')
    return read_source(path)


@contextmanager
def _thrown_away(
    config: Config, spiders: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Any], *, verbose: bool
) -> Iterator[Path]:
    """Runs spiders into a temporary folder, with a frontier that knows nothing; gives the spool's folder while it is there."""
    with tempfile.TemporaryDirectory(prefix="archiver-") as name:
        own = config.model_copy(
            update={
                "archive": config.archive.model_copy(update={"store": name, "spool": None}),
                "crawl": config.crawl.model_copy(update={"requisites": False}),
                "posts": config.posts.model_copy(update={"follow": False}),
                "frontier": config.frontier.model_copy(update={"url": None}),
            }
        )
        now = clock.now()
        spool = own.spool / new_run_id(now)
        settings = {**settings_of(own, spool.name, spool), **changes, "ARCHIVER_STARTED": now}
        settings["LOG_LEVEL"] = "INFO" if verbose else "ERROR"
        crawl_in_process(settings, spiders)
        yield spool


@dataclass(frozen=True, slots=True)
class _Chosen:
    file: Path
    record_id: str


def _first_article(spool: Path, hints: ExtractHints) -> tuple[_Chosen | None, list[str]]:
    """(the first capture that gives a document, why others gave none)."""
    reasons: list[str] = []
    read: set[str | None] = set()
    for path in sorted(spool.glob("*.warc.gz")):
        for capture in read_captures(path):
            if not is_article_capture(capture):
                continue
            read.add(capture.pointer.warc_record_id)
            outcome = extract_capture(capture, hints)
            if outcome.line:
                return _Chosen(path, capture.pointer.warc_record_id), reasons
            reasons.append(_why(capture, str(outcome.reason), outcome.detail))
    for refusal in RunSpool(spool).refusals():
        if refusal.record_id not in read and refusal.reason != Reason.BUDGET_SPENT:
            reasons.append(f"{refusal.url}: {refusal.reason}")
    return None, reasons


def _why(capture: Capture, reason: str, detail: str) -> str:
    return f"{capture.url}: {reason}: {detail}" if detail else f"{capture.url}: {reason}"
