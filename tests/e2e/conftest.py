"""One crawl of the demo newspaper a session, through the real command, for every end-to-end test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that `archiver demo` makes. Tests that change it work on a copy."""
    store = tmp_path_factory.mktemp("demo") / "demo-archive"
    command = [sys.executable, "-m", "archiver", "demo", "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    return store
