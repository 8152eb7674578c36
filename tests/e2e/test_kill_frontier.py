"""Kill a crawl again and again: what it had captured is known, what it had not is due, and no article is captured twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from archiver import clock
from archiver.archive import Archive
from archiver.demo import DemoNewspaper
from archiver.frontier import Frontier
from tests.e2e.conftest import Crawled, prepare
from tests.e2e.kit import archiver, documents, start
from tests.e2e.test_kill import KILLS, PATIENCE, instant, sound, wait_for, wait_for_group


def test_each_article_is_captured_once_however_often_the_crawl_is_killed(
    tmp_path: Path, newspaper: DemoNewspaper, crawled: Crawled
) -> None:
    prepare(tmp_path, newspaper, requisites=False, delay="30ms", per_host=1)
    store = tmp_path / "archive"
    outlets = newspaper.outlets[1:]
    names = [outlet.id for outlet in outlets]
    articles = {url for outlet in outlets for url in outlet.article_urls}
    whole = sum(path.stat().st_size for name in names for path in crawled.store.glob(f"warc/{name}/**/*.warc.gz"))
    rng = random.Random(5)
    begun = time.monotonic()
    before: list[int] = []
    for number in range(KILLS):
        if number > 4 and time.monotonic() - begun > PATIENCE:
            break
        process = start("crawl", *names, cwd=tmp_path)
        # Requisites are most of a full crawl's bytes; articles alone are a sixth of it.
        wait_for(process, instant(rng, number, store, whole // 6))
        process.kill()
        process.communicate()
        assert wait_for_group(process.pid)
        before.append(len(documents(store)))
    last = archiver("crawl", *names, cwd=tmp_path)
    assert last.returncode == 0, last.stderr.decode()
    sound(store)
    found = documents(store)
    assert {document["url"] for document in found} == articles, "no URL is lost"
    assert len(found) == len(articles), "no document is there twice"
    assert {document["version_number"] for document in found} == {1}
    archive = Archive(store)
    captures = Counter({url: len(archive.captures(url)) for url in articles})
    assert set(captures.values()) == {1}, [url for url, count in captures.items() if count > 1]
    assert before[-1] > 0, "no kill met a crawl that had documents"
    with Frontier(f"sqlite:///{store}/.frontier/frontier.sqlite") as frontier:
        now = clock.now()
        assert not [known for name in names for known in frontier.due(name, now)]
        assert {known.url for name in names for known in frontier.due(name, now + timedelta(hours=2))} == articles
