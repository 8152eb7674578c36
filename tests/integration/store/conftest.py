"""The stores that every test of the protocol runs on, each started once a session."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.config import S3Table
from archiver.store import FolderStore, Store, open_store
from archiver.store.s3 import Capabilities, S3Store
from archiver.store.s3.probe import probe
from tests.servers import ceph, kit, rclone, seaweedfs
from tests.servers.faults import FaultServer

KINDS = ("folder", "seaweedfs", "seaweedfs-tls", "ceph", "rclone", "fault", "fault-tls")
BUCKET = "news-archive"


def table(**values: Any) -> S3Table:
    """An [s3] table for tests: small parts, no waiting."""
    given = {"single_max": "1MiB", "part": "5MiB", "attempts": 3, "patience": "0s", "publishers": None, **values}
    return S3Table(**given)


@dataclass(frozen=True)
class At:
    """A server, and where in it a test's own store is."""

    kind: str
    server: kit.Server
    prefix: str

    @property
    def url(self) -> str:
        ca = f"&ca={self.server.ca}" if self.server.ca else ""
        return f"s3://{BUCKET}/{self.prefix}?endpoint={self.server.endpoint}{ca}"

    def store(self, known: Capabilities | None = None, **values: Any) -> S3Store:
        if self.kind == "rclone":
            values.setdefault("publishers", 1)
        store = open_store(self.url, table(**values))
        assert isinstance(store, S3Store)
        store.known = known or store.known
        return store


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], kit.Server]]:
    """A server of a kind, started when it is first asked for; skips with the reason where it is not installed."""
    running: dict[str, kit.Server] = {}
    with ExitStack() as stack:

        def get(kind: str) -> kit.Server:
            if kind not in running:
                running[kind] = stack.enter_context(_made(kind, tmp_path_factory.mktemp(kind)))
                kit.client(running[kind]).create_bucket(Bucket=BUCKET)
            return running[kind]

        yield get


def _made(kind: str, folder: Path) -> Any:
    if kind.startswith("fault"):
        return FaultServer(folder, tls=kind.endswith("tls"))
    if kind.startswith("seaweedfs"):
        if seaweedfs.weed() is None:
            pytest.skip("no SeaweedFS: make setup")
        return seaweedfs.SeaweedFS(folder, tls=kind.endswith("tls"))
    if kind == "rclone":
        if rclone.rclone() is None:
            pytest.skip("no rclone: make setup")
        return rclone.Rclone(folder)
    if missing := ceph.missing():
        pytest.skip(f"no Ceph gateway here: apt-get install ceph-mon ceph-osd radosgw ({', '.join(missing)})")
    return ceph.CephRGW(folder)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in kit.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def findings() -> dict[str, Capabilities]:
    """What the probe found, by kind of server: asked once."""
    return {}


@pytest.fixture
def at(request: pytest.FixtureRequest, serving: Callable[[str], kit.Server]) -> At:
    """A place of the test's own on the server that the test's parameter names."""
    server = serving(request.param)
    if isinstance(server, FaultServer):
        server.reset()
        server.buckets[BUCKET] = {}
    return At(request.param, server, f"t-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path, findings: dict[str, Capabilities]) -> Store:
    """A probed store of each kind."""
    if request.param == "folder":
        return FolderStore(tmp_path / "archive")
    at = At(request.param, request.getfixturevalue("serving")(request.param), f"t-{uuid.uuid4().hex[:12]}")
    if isinstance(at.server, FaultServer):
        at.server.reset()
        at.server.buckets[BUCKET] = {}
    if request.param not in findings:
        findings[request.param], _ = probe(at.store(), lambda: datetime.now(UTC))
    return at.store(findings[request.param])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that takes a `store` runs on all of them."""
    if "store" in metafunc.fixturenames:
        metafunc.parametrize("store", KINDS, indirect=True)
