"""One crawl of the demo newspaper through the real command, for every test that only looks at what it left."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo import DemoNewspaper, write_sources
from tests.e2e.kit import archiver, write_config


@pytest.fixture(scope="session")
def newspaper() -> Iterator[DemoNewspaper]:
    with DemoNewspaper(slow_seconds=0.5, huge_bytes=200_000_000) as running:
        yield running


@dataclass(frozen=True)
class Crawled:
    """`folder` holds archiver.toml, sources/ and archive/; `run` is the finished command."""

    folder: Path
    newspaper: DemoNewspaper
    run: subprocess.CompletedProcess[bytes]

    @property
    def store(self) -> Path:
        return self.folder / "archive"

    @property
    def archive(self) -> Archive:
        return Archive(self.store)

    def copy(self, to: Path) -> Path:
        """A copy of the archive that a test may spoil."""
        return shutil.copytree(self.store, to / "archive")


def prepare(folder: Path, newspaper: DemoNewspaper, **crawl: object) -> Path:
    """archiver.toml and the three source files in `folder`."""
    write_sources(folder / "sources", {outlet.id: outlet.base_url for outlet in newspaper.outlets})
    return write_config(folder, '[archive]\nstore = "archive"\nsources = "sources"\n', **crawl)


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory, newspaper: DemoNewspaper) -> Crawled:
    folder = tmp_path_factory.mktemp("crawled")
    prepare(folder, newspaper)
    return Crawled(folder, newspaper, archiver("crawl", "--all", "--json", cwd=folder))
