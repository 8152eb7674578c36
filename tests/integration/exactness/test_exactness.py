"""The recorded block equals the bytes that a raw-socket server received and sent, for every behaviour of `resources`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest
from fastwarc.warc import ArchiveIterator

from archiver.models import Role
from archiver.warc import read_capture_at, read_captures
from archiver.warc.checker import check_warc
from tests.integration.crawling import Crawl, Stored, asking, captures, crawl
from tests.integration.exactness.resources import CUT, RECORDED, UNRECORDED
from tests.integration.origin import Origin, Resource, write_certificate

HOPS = ("hop-2", "hop-3", "hop-4")


@dataclass
class Run:
    scheme: str
    origin: Origin
    crawl: Crawl
    by_url: dict[str, list[dict[str, Stored]]]
    numbers: dict[str, int]

    def capture(self, name: str) -> dict[str, Stored]:
        urls = [url for url in self.by_url if url.split("?")[0] == f"{self.origin.base}/{name}"]
        assert len(urls) == 1, f"{name}: {urls}"
        (found,) = self.by_url[urls[0]]
        return found


@pytest.fixture(scope="module", params=["http", "https"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp(request.param)
    certificate = write_certificate(folder / "cert.pem") if request.param == "https" else None
    resources = [*RECORDED, *UNRECORDED]
    origin = Origin(resources, certificate)
    asked = [resource for resource in resources if resource.name not in HOPS]
    done = crawl(folder, [asking(origin, resource) for resource in asked])
    origin.stop()
    assert len(done.warcs) == 1, done.log
    numbers = {resource.name: number for number, resource in enumerate(asked)}
    return Run(request.param, origin, done, captures(done.warcs[0]), numbers)


def named(resource: Resource) -> str:
    return resource.name


def expected_head(head: bytes) -> bytes:
    """The one change, spelled out without the code under test."""
    lines = head.split(b"\n")
    return b"\n".join(
        b"X-Crawler-" + line if line.lower().startswith(b"transfer-encoding:") else line for line in lines
    )


@pytest.mark.parametrize("resource", RECORDED, ids=named)
def test_the_request_block_is_what_the_server_received(run: Run, resource: Resource) -> None:
    (logged,) = run.origin.logged(resource.name)
    block = run.capture(resource.name)["request"].block
    assert block == logged.received
    if resource.request_body:
        assert block.endswith(resource.request_body)


@pytest.mark.parametrize("resource", RECORDED, ids=named)
def test_the_response_block_is_what_the_server_sent(run: Run, resource: Resource) -> None:
    (logged,) = run.origin.logged(resource.name)
    assert resource.head in logged.sent
    record = run.capture(resource.name)["response"]
    head = expected_head(resource.head)
    assert record.block[: len(head)] == head
    # A cap or a time-out cuts where the network happened to be.
    body = record.block[len(head) :]
    if resource.name == "endless-head":
        assert logged.sent.startswith(record.block) and len(record.block) > 2**19
        return
    assert body == resource.body or (resource.name.startswith("cap-") and resource.body.startswith(body))
    assert record.get("WARC-Truncated") == resource.truncated
    if run.scheme == "https":
        assert record.get(
            "WARC-Cipher-Suite",
        ) in ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256")
    assert record.get("WARC-IP-Address") == "127.0.0.1"


@pytest.mark.parametrize("resource", RECORDED, ids=named)
def test_the_metadata_holds_what_the_response_record_cannot(run: Run, resource: Resource) -> None:
    metadata = run.capture(resource.name)["metadata"]
    assert [json.loads(head).encode("latin-1") for head in metadata.words("arc-interim")] == list(resource.interim)
    assert metadata.words("arc-trailer") == [line.decode() for line in resource.trailers]
    assert [
        note
        for note in metadata.words("arc-note")
        if note.startswith(("content-length", "transfer-", "bytes-", "head-inc"))
    ] == list(resource.notes)
    assert int(metadata.words("fetchTimeMs")[0]) >= 0


@pytest.mark.parametrize("resource", [*RECORDED, *UNRECORDED], ids=named)
def test_scrapy_sees_what_it_would_see_without_recording(run: Run, resource: Resource) -> None:
    if resource.name in HOPS:
        return
    seen = run.crawl.requests[run.numbers[resource.name]]
    assert seen["outcome"] == (resource.fails or "response"), seen
    recorded = resource not in UNRECORDED
    assert bool(seen["capture"]) == recorded
    if recorded and not resource.fails and resource.name != "hop-1":
        assert seen["length"] == len(resource.body)
        assert (
            seen["capture"]["warc_record_id"]
            == (run.capture(resource.name)["response"].get("WARC-Record-ID") or "")[1:-1]
        )


def test_every_redirect_hop_is_recorded_once(run: Run) -> None:
    assert run.crawl.requests[run.numbers["hop-1"]]["url"].endswith("/hop-4#part")
    urls = [url.removeprefix(run.origin.base) for url in run.by_url if "hop-" in url]
    assert urls == ["/hop-1", "/hop-2?x=1", "/hop-3", "/hop-4"]


def test_what_cannot_be_recorded_is_counted(run: Run) -> None:
    assert not [url for url in run.by_url if url.rpartition("/")[2] in {resource.name for resource in UNRECORDED}]
    assert run.crawl.stats["archiver/unanswered"] == 2
    assert run.crawl.stats["archiver/unrecorded/not-http"] == 2
    assert run.crawl.stats["archiver/captures"] == len(RECORDED)


def test_connections_are_kept_and_said_to_be(run: Run) -> None:
    assert run.origin.connections < len(RECORDED)
    if run.scheme == "https":
        assert set(run.origin.alpn) <= {None, "http/1.1"}


def test_our_checker_finds_nothing(run: Run) -> None:
    errors = [finding for finding in check_warc(run.crawl.warcs[0]) if finding.severity == "error"]
    assert not errors, errors


def test_warcio_and_fastwarc_find_nothing(run: Run) -> None:
    # Without brotli: warcio 1.8.1 crashes on any `br` body with Brotli 1.2 (it sets an attribute that class no longer has).
    code = "import sys; sys.modules['brotli'] = None; from warcio.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "check", "-v", str(run.crawl.warcs[0])]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "fail" not in checked.stdout
    for record in ArchiveIterator(run.crawl.warcs[0].open("rb"), parse_http=False):
        assert record.verify_block_digest(), record.record_id


def test_pointers_lead_to_their_captures(run: Run) -> None:
    by_id = {capture.pointer.warc_record_id: capture for capture in read_captures(run.crawl.warcs[0])}
    for seen in run.crawl.requests.values():
        if not seen["capture"]:
            continue
        name, offset = seen["capture"]["warc_filename"], seen["capture"]["warc_record_offset"]
        capture = read_capture_at(run.crawl.warcs[0], offset, warc_filename=name)
        assert capture.pointer.model_dump(mode="json") == seen["capture"]
        assert capture.context.role is Role.ARTICLE
        assert (capture.context.run_id, capture.context.user_agent) == ("run1", "Tests/1")
        assert by_id[capture.pointer.warc_record_id].body == capture.body


def test_every_kind_of_cut_is_here() -> None:
    assert {resource.truncated for resource in CUT} == {"disconnect", "time", "length", "unspecified"}
