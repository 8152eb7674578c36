"""The slow and large pages of the gallery, through `archiver capture`: each costs its own page only, with a Reason."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from archiver.archive import Archive
from archiver.demo import GALLERY, DemoNewspaper, Misbehaviour

_SLOW = [entry for entry in GALLERY.values() if entry.slow]
_CONFIG = """
[crawl]
contact = "demo@localhost.localdomain"
delay = "0s"
per_host = 16
timeout = "6s"
retries = 1
size_max = "20MB"
requisites = false
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Name -> reason, or "document", of one capture of all slow pages and one good one."""
    folder = tmp_path_factory.mktemp("slow")
    (folder / "archiver.toml").write_text(_CONFIG, encoding="utf-8")
    with DemoNewspaper(slow_seconds=3.5) as newspaper:
        outlet = newspaper.outlets[0]
        urls = [f"{outlet.base_url}gallery/{entry.name}" for entry in _SLOW]
        command = [sys.executable, "-m", "archiver", "capture", *urls, outlet.article_urls[0]]
        command += ["--store", str(folder / "store"), "--config", str(folder / "archiver.toml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    manifests = list((folder / "store").glob("runs/*/*/manifest.json"))
    assert len(manifests) == 1, done.stderr[-4000:]
    listed = json.loads(manifests[0].read_text(encoding="utf-8"))["refusals"]
    found = {urlsplit(refusal["url"]).path: refusal["reason"] for refusal in listed}
    found |= {urlsplit(article.requested_url).path: "document" for article in Archive(folder / "store").articles()}
    yield {path.removeprefix("/gallery/"): outcome for path, outcome in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("entry", _SLOW, ids=[entry.name for entry in _SLOW])
def test_a_slow_or_large_page_ends_with_its_reason(outcomes: dict[str, str], entry: Misbehaviour) -> None:
    assert outcomes.get(entry.name) == (entry.reason.value if entry.reason else "document")


@pytest.mark.slow
def test_a_good_page_among_them_becomes_a_document(outcomes: dict[str, str]) -> None:
    assert [outcome for path, outcome in outcomes.items() if path.startswith("/20")] == ["document"]
