"""A small sample of the corpus through the real crawl, with every proof of the whole run (`python -m benchmarks corpus`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.corpus import CHECKS, CorpusReport, run_corpus
from benchmarks.pages import has_corpus
from benchmarks.replays import run_replay
from benchmarks.site import Pages, decoded, load_pages, tail_of
from tests.replaying import need_pywb

SAMPLE = 12
REPLAYED = 3


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> CorpusReport:
    if not has_corpus():
        pytest.skip("the corpus of real pages is not beside the project")
    return run_corpus(tmp_path_factory.mktemp("corpus"), SAMPLE)


@pytest.mark.corpus
@pytest.mark.parametrize("check", list(CHECKS))
def test_a_crawl_of_real_pages_is_proven(report: CorpusReport, check: str) -> None:
    assert report.failures[check] == []


@pytest.mark.corpus
def test_real_pages_with_what_they_need_replay_as_they_were_recorded(tmp_path: Path) -> None:
    """The whole corpus: `python -m benchmarks replay`. What the site has not is a 404, and comes back as one."""
    if not has_corpus():
        pytest.skip("the corpus of real pages is not beside the project")
    need_pywb()
    found = run_replay(tmp_path, REPLAYED)
    assert found.good, "\n".join(found.broken[:20])
    assert found.needed > 10 * REPLAYED and found.accounts == REPLAYED
    assert found.counts["id_ replayed"] == found.counts["mp_ replayed"] > 10 * REPLAYED


@pytest.mark.corpus
def test_every_real_page_is_a_document_or_a_counted_refusal(report: CorpusReport) -> None:
    assert report.good
    assert report.documents + report.reasons.total() == report.pages == SAMPLE
    assert report.documents > report.reasons.total()


def test_pages_of_the_endless_sequence_differ_only_in_their_last_comment() -> None:
    pages = load_pages(3)
    site = Pages(pages)
    for number in (1, 4):
        request = b"GET /page/%d.html HTTP/1.1\r\nHost: x\r\n" % number
        plain, packed = site.find(request), site.find(request + b"Accept-Encoding: gzip\r\n")
        assert isinstance(plain, bytes)
        assert isinstance(packed, bytes)
        assert decoded(plain) == decoded(packed) == pages[1].body + tail_of(number)
