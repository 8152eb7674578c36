"""The public names: exactly these, all there, and cheap to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import archiver

ROOT = Path(__file__).parents[2]
PROMISED = [
    "Archive",
    "ArchiverError",
    "Article",
    "Capture",
    "CapturePointer",
    "ConfigError",
    "ExtractHints",
    "Finding",
    "Reason",
    "RecordingError",
    "Refusal",
    "Refused",
    "RunManifest",
    "Source",
    "Store",
    "StoreError",
    "UsageError",
    "WarcError",
    "check_archive",
    "check_warc",
    "extract_article",
    "open_store",
    "read_captures",
    "read_source",
    "read_sources",
]


def test_the_public_names_are_exactly_these() -> None:
    assert archiver.__all__ == sorted(PROMISED, key=lambda name: (name[0].islower(), name))


@pytest.mark.parametrize("name", PROMISED)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(archiver, name)
    assert name in dir(archiver)
    assert found.__doc__
    assert found.__module__.startswith("archiver.")


def test_other_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Tweet'"):
        archiver.Tweet  # noqa: B018


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ["lxml", "pydantic", "trafilatura", "warcio", "scrapy", "twisted", "feedparser", "tldextract"]
    loaded = run("import sys, archiver; print(*(name for name in sys.modules))").split()
    assert not {name.split(".")[0] for name in loaded} & set(heavy)
    assert [name for name in loaded if name.startswith("archiver.")] == []


def test_no_public_name_needs_the_crawler() -> None:
    loaded = run(
        "import sys, archiver\nfor name in archiver.__all__: getattr(archiver, name)\nprint(*sys.modules)"
    ).split()
    assert not {name.split(".")[0] for name in loaded} & {"scrapy", "twisted", "spiders", "pipelines"}


def test_the_crawler_is_not_loaded_to_read_an_archive() -> None:
    loaded = run("import sys, archiver.cli; print(*sys.modules)").split()
    assert not {name.split(".")[0] for name in loaded} & {"scrapy", "twisted", "trafilatura"}
