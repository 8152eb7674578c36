"""The download path around exactness: memory, retries, kept connections, the end of a run, and what stops one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.warc import read_captures
from archiver.warc.checker import check_warc
from tests.integration.crawling import ROOT, asking, captures, crawl, records
from tests.integration.exactness.resources import chunks, raw, sized, text
from tests.integration.origin import CLOSE, CUT, RESET, Origin, Proxy, Resource, write_certificate

MEGA = 2**20
LARGE = random.Random(3).randbytes(50 * MEGA)


@pytest.fixture(scope="module")
def large() -> Iterator[Origin]:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE)
    framed = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    served = Origin(
        [
            Resource("large", (head + LARGE,), head, LARGE),
            Resource("large-chunks", (framed + chunks(LARGE, 2**16 + 1),), framed, LARGE),
            sized("small", b"small"),
        ]
    )
    yield served
    served.stop()


@pytest.fixture
def origin() -> Iterator[Origin]:
    served = Origin(
        [
            sized("small", b"small"),
            sized("busy", b"come back", status=b"HTTP/1.1 503 Busy"),
            *[sized(f"page-{number}") for number in range(40)],
            Resource("flaky", (b"HTTP/1.1 200 OK\r\nContent-Le", RESET), b""),
        ]
    )
    yield served
    served.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["large", "large-chunks"])
def test_a_body_of_50_mb_is_recorded_in_flat_memory(large: Origin, tmp_path: Path, name: str) -> None:
    limits = {"ARCHIVER_BODY_MEMORY_MAX": MEGA}
    small = crawl(tmp_path / "small", [asking(large, large.resources["small"])], settings=limits)
    done = crawl(tmp_path / "large", [asking(large, large.resources[name])], settings=limits)
    assert done.requests[0]["outcome"] == "response"
    assert (done.requests[0]["flags"], done.requests[0]["length"]) == (["body-not-kept"], 0)
    (warc,) = done.warcs
    assert captures(warc)[f"{large.base}/{name}"][0]["response"].body == LARGE
    assert done.peak - small.peak < 16 * MEGA
    assert not list(done.folder.glob("exchange-*")), "scratch files are gone"


def test_every_retry_is_recorded(origin: Origin, tmp_path: Path) -> None:
    asked = [asking(origin, origin.resources[name]) for name in ("busy", "flaky")]
    done = crawl(tmp_path, asked, settings={"RETRY_ENABLED": True, "RETRY_TIMES": 2})
    found = captures(done.warcs[0])
    assert [one["response"].body for one in found[f"{origin.base}/busy"]] == [b"come back"] * 3
    assert [one["response"].get("WARC-Truncated") for one in found[f"{origin.base}/flaky"]] == ["disconnect"] * 3
    assert done.requests[0]["outcome"] == "response"
    assert done.requests[0]["status"] == 503


def test_exchanges_on_kept_connections_of_several_hosts_are_paired(tmp_path: Path) -> None:
    origins = [
        Origin([sized(f"page-{number}", text(f"{number} of {host}")) for number in range(30)]) for host in range(3)
    ]
    asked = [asking(one, one.resources[f"page-{number}"]) for number in range(30) for one in origins]
    done = crawl(tmp_path, asked, settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 6})
    found = captures(done.warcs[0])
    for host, one in enumerate(origins):
        assert one.connections <= 8
        for number in range(30):
            (capture,) = found[f"{one.base}/page-{number}"]
            (logged,) = one.logged(f"page-{number}")
            assert capture["request"].block == logged.received
            assert capture["response"].block == logged.sent
            assert capture["response"].body == text(f"{number} of {host}")
        one.stop()


def test_a_kept_connection_that_died_is_retried_and_recorded_once(tmp_path: Path) -> None:
    # Each connection answers once and then dies without saying so; Twisted tries again by itself on a new one.
    answer = sized("page", text("page"))
    one = Origin([Resource("page", (*answer.steps, 0.05, RESET), answer.head, answer.body)])
    done = crawl(tmp_path, [asking(one, answer)] * 5, settings={"CONCURRENT_REQUESTS": 1})
    assert [entry["outcome"] for entry in done.requests.values()] == ["response"] * 5
    kinds = [record.kind for record in records(done.warcs[0])]
    assert kinds.count("response") + kinds.count("revisit") == 5
    one.stop()


def test_an_https_answer_that_ends_without_close_notify_is_whole_and_noted(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    one = Origin([raw("page", head, text("page"), CUT)], write_certificate(tmp_path / "cert.pem"))
    done = crawl(tmp_path / "run", [asking(one, one.resources["page"])])
    (capture,) = captures(done.warcs[0])[f"{one.base}/page"]
    assert capture["response"].body == text("page")
    assert capture["response"].get("WARC-Truncated") is None
    assert capture["metadata"].words("arc-note") == ["tls-close-notify-missing"]
    one.stop()


def test_a_reset_connection_cuts_a_body_without_length(tmp_path: Path) -> None:
    one = Origin([raw("page", b"HTTP/1.1 200 OK\r\n\r\n", b"hello", 0.1, RESET)])
    done = crawl(tmp_path, [asking(one, one.resources["page"])])
    (capture,) = captures(done.warcs[0])[f"{one.base}/page"]
    assert (capture["response"].body, capture["response"].get("WARC-Truncated")) == (b"hello", "disconnect")
    one.stop()


def test_ipv6_addresses_are_recorded_bare(tmp_path: Path) -> None:
    try:
        one = Origin([sized("page")], host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    done = crawl(tmp_path, [asking(one, one.resources["page"])])
    (capture,) = captures(done.warcs[0])[f"{one.base}/page"]
    assert capture["response"].get("WARC-IP-Address") == "::1"
    assert capture["request"].block == one.log[0].received
    one.stop()


def test_files_roll_and_every_capture_is_whole(origin: Origin, tmp_path: Path) -> None:
    asked = [asking(origin, origin.resources[f"page-{number}"]) for number in range(40)]
    done = crawl(tmp_path, asked, settings={"ARCHIVER_WARC_MAX_BYTES": 8000})
    assert len(done.warcs) > 3
    urls = []
    for warc in done.warcs:
        assert warc.name.endswith(".warc.gz")
        assert not [finding for finding in check_warc(warc) if finding.severity == "error"]
        urls += [capture.url for capture in read_captures(warc)]
    assert sorted(urls) == sorted(f"{origin.base}/page-{number}" for number in range(40))
    keys = {entry["capture"]["warc_filename"].rpartition("/")[2] for entry in done.requests.values()}
    assert keys == {warc.name for warc in done.warcs}


def test_an_item_passes_with_its_capture_and_is_refused_without(origin: Origin, tmp_path: Path) -> None:
    done = crawl(tmp_path, [asking(origin, origin.resources["small"])], items=True)
    assert done.stats["item_scraped_count"] == 1
    strange = {"ITEM_PIPELINES": {"tests.integration.strangers.Strangers": 50, "pipelines.warc.WarcPipeline": 100}}
    done = crawl(tmp_path / "strange", [asking(origin, origin.resources["small"])], items=True, settings=strange)
    assert "item_scraped_count" not in done.stats
    assert done.stats["archiver/items_without_capture"] == 1
    assert "did not record" in done.entries[-1]["text"]


def test_a_full_disk_stops_the_run_and_leaves_whole_records(tmp_path: Path) -> None:
    noise = random.Random(5)
    one = Origin([sized(f"page-{number}", noise.randbytes(60_000)) for number in range(60)])
    asked = [asking(one, one.resources[f"page-{number}"]) for number in range(60)]
    # A file may not grow beyond this; Python turns the signal that comes with it into an OSError.
    done = crawl(tmp_path, asked, limits={"RLIMIT_FSIZE": 700_000}, settings={"CONCURRENT_REQUESTS": 4})
    assert "archiver/recording_failed" in done.stats
    assert done.stats["finish_reason"] == "recording-failed"
    answered = [entry for entry in done.requests.values() if entry["outcome"] == "response"]
    refused = [entry for entry in done.requests.values() if entry["outcome"] == "RecordingError"]
    assert refused and all(entry["capture"] is None for entry in refused)
    assert len(one.log) < 40, "no more is asked for once recording has failed"
    kept = {capture.pointer.warc_record_id for warc in done.warcs for capture in read_captures(warc)}
    assert {entry["capture"]["warc_record_id"] for entry in answered} == kept
    assert answered
    one.stop()


def test_an_answer_too_large_for_the_disk_stops_the_run(large: Origin, tmp_path: Path) -> None:
    done = crawl(tmp_path, [asking(large, large.resources["large"])], limits={"RLIMIT_FSIZE": 3 * MEGA})
    assert done.requests[0]["outcome"] == "RecordingError"
    assert "archiver/recording_failed" in done.stats
    assert not list(done.folder.glob("exchange-*"))


def test_the_writer_may_work_in_a_thread(origin: Origin, tmp_path: Path) -> None:
    asked = [asking(origin, origin.resources[f"page-{number}"]) for number in range(40)]
    done = crawl(tmp_path, asked, settings={"ARCHIVER_WRITER_PROCESS": False})
    assert done.stats["archiver/captures"] == len(list(read_captures(done.warcs[0]))) == 40


def test_a_writer_process_that_dies_stops_the_run(origin: Origin, tmp_path: Path) -> None:
    asked = [asking(origin, origin.resources[f"page-{number}"]) for number in range(40)]
    killer = {"ITEM_PIPELINES": {"tests.integration.strangers.Killer": 50}, "CONCURRENT_REQUESTS": 2}
    done = crawl(tmp_path, asked, items=True, settings=killer)
    assert done.stats["finish_reason"] == "recording-failed"
    assert "is gone" in done.stats["archiver/recording_failed"]
    answered = {entry["capture"]["warc_record_id"] for entry in done.requests.values() if entry["capture"]}
    kept = {capture.pointer.warc_record_id for capture in read_captures(done.warcs[0])}
    assert answered and answered <= kept, "what was acknowledged is there"
    assert len(origin.log) < 40


def test_a_lost_message_to_the_writer_stops_the_run_and_mixes_nothing_up(origin: Origin, tmp_path: Path) -> None:
    asked = [asking(origin, origin.resources[f"page-{number}"]) for number in range(40)]
    refuser = {"ITEM_PIPELINES": {"tests.integration.strangers.Refuser": 50}, "CONCURRENT_REQUESTS": 2}
    done = crawl(tmp_path, asked, items=True, settings=refuser)
    assert done.stats["finish_reason"] == "recording-failed"
    kept = {capture.pointer.warc_record_id: capture for capture in read_captures(done.warcs[0])}
    answered = [
        (asked[number]["url"], entry["capture"]) for number, entry in done.requests.items() if entry.get("capture")
    ]
    assert answered
    for url, capture in answered:
        assert kept[capture["warc_record_id"]].url == url
    assert all(capture.body == text(capture.url.rpartition("/")[2]) for capture in kept.values())


def test_a_crawl_may_run_where_the_writer_cannot_choose_its_scheduling(origin: Origin, tmp_path: Path) -> None:
    # What the kernel says to a user's process of the idle class (systemd's CPUSchedulingPolicy=idle), which may not leave it. Told
    # and not done: on a busy machine a process of that class hardly runs.
    done = crawl(tmp_path, [asking(origin, origin.resources["small"])], unscheduled=True)
    assert done.stats["archiver/captures"] == 1


def test_an_interrupted_crawl_seals_what_it_has(tmp_path: Path) -> None:
    # The keyboard's signal goes to the whole group, the writer process included.
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    one = Origin([sized("first"), Resource("slow", (head + b"hello", 1.5, b" you"), head, b"hello you")])
    path = tmp_path / "job.json"
    asked = [asking(one, one.resources[name]) for name in ("first", "slow")]
    path.write_text(json.dumps({"requests": asked, "folder": str(tmp_path / "spool")}))
    command = [sys.executable, "-m", "tests.integration.crawl", str(path)]
    running = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 30
    while len(one.log) < 2 and time.monotonic() < ends:
        time.sleep(0.02)
    time.sleep(0.2)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(30) == 0
    (warc,) = (tmp_path / "spool").glob("*.warc.gz")
    assert [capture.body for capture in read_captures(warc)] == [text("first"), b"hello you"]
    assert not [finding for finding in check_warc(warc) if finding.severity == "error"]
    one.stop()


def test_no_writer_outlives_a_killed_crawl(tmp_path: Path) -> None:
    done = crawl(tmp_path, [{"url": "http://127.0.0.1:9/"}], suicide=True)
    pid = int((tmp_path / "writer.pid").read_text())
    assert not done.entries
    state = Path(f"/proc/{pid}/stat")
    for _ in range(50):
        # A zombie is dead as well; who reaps it is for the machine to say.
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    pytest.fail(f"the writer {pid} is still there")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_behind_a_proxy_the_exchange_is_recorded_without_its_address(tmp_path: Path, scheme: str) -> None:
    certificate = write_certificate(tmp_path / "cert.pem") if scheme == "https" else None
    one = Origin([sized("page")], certificate)
    proxy = Proxy(one.port)
    asked = {"url": f"{scheme}://news.test/page?a=1", "meta": {"proxy": f"http://127.0.0.1:{proxy.port}"}}
    done = crawl(tmp_path / "run", [asked])
    assert done.requests[0]["outcome"] == "response"
    (capture,) = captures(done.warcs[0])[f"{scheme}://news.test/page?a=1"]
    assert capture["request"].block == one.log[0].received
    assert capture["response"].block == one.log[0].sent
    assert capture["response"].get("WARC-IP-Address") is None
    assert b"CONNECT" not in b"".join(record.block for record in records(done.warcs[0]))
    one.stop()


def test_a_failed_connection_is_counted(tmp_path: Path) -> None:
    one = Origin([])
    one.stop()
    done = crawl(tmp_path, [{"url": f"{one.base}/page"}, {"url": f"http://127.0.0.1:{one.port}/other"}])
    assert done.stats["archiver/unanswered"] == 2
    assert not done.warcs


def test_a_response_that_closes_is_followed_by_a_new_connection(tmp_path: Path) -> None:
    one = Origin([raw(f"page-{number}", b"HTTP/1.0 200 OK\r\n\r\n", text(str(number)), CLOSE) for number in range(5)])
    done = crawl(tmp_path, [asking(one, resource) for resource in one.resources.values()])
    assert one.connections == 5
    assert len(captures(done.warcs[0])) == 5
    one.stop()
