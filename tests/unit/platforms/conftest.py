from __future__ import annotations

from collections.abc import Iterator

import pytest

from archiver.demo.platforms import FakePlatforms


@pytest.fixture
def fake() -> Iterator[FakePlatforms]:
    """Fake networks without posts of their own; every test puts in what it needs."""
    with FakePlatforms(posts=[], slow_seconds=0.3) as platforms:
        yield platforms
