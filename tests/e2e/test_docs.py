"""What is documented is executed: `sh` and `python` blocks of README and docs, in a folder that has the demo's archive."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Crawled

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def without_make(script: str) -> str:
    """The script less its `make` lines: this suite runs inside `make test`, and would start itself again."""
    return "\n".join(line for line in script.splitlines() if not line.startswith("make "))


@pytest.fixture
def folder(tmp_path: Path, crawled: Crawled) -> Path:
    """A working folder as after `make demo`."""
    shutil.copytree(crawled.store, tmp_path / "demo-archive")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent)
    shutil.copy(ROOT / "scrapy.cfg", tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_a_page_runs(page: Path, folder: Path) -> None:
    environment = {**os.environ, "ARCHIVER_CONTACT": "docs@localhost.localdomain"}
    for language, script in blocks(page):
        if language == "sh":
            command = ["bash", "-euo", "pipefail", "-c", without_make(script)]
        else:
            command = [sys.executable, "-c", script]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{page.name}: {script}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for name in re.findall(r"`?make ([a-z-]+)`?", page.read_text(encoding="utf-8")):
            assert name in targets or f"`make {name}`" not in page.read_text(encoding="utf-8"), (
                f"{page.name}: make {name}"
            )


def test_every_link_between_pages_leads_to_a_file() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"


def test_the_example_configuration_is_valid_and_shows_the_defaults() -> None:
    from archiver.config import Config, load_config

    shown = load_config(ROOT / "archiver.example.toml", environ={})
    contact = shown.crawl.contact
    defaults = Config()
    assert shown.model_copy(update={"crawl": defaults.crawl}) == defaults
    assert shown.crawl.model_copy(update={"contact": defaults.crawl.contact}) == defaults.crawl
    assert contact != defaults.crawl.contact
