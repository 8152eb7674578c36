"""Every fault at every step of publishing: published and identical, or exit 4 with the spool intact. And each fault by itself."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.errors import KeyExists, StoreError
from archiver.publish import publish_run
from archiver.spool import RunSpool
from archiver.store import FolderStore
from archiver.store.s3 import Capabilities, S3Store
from archiver.store.s3.client import Client
from archiver.store.s3.place import parse_place
from archiver.store.s3.probe import probe
from archiver.store.s3.upload import journal_of
from tests.integration.store.conftest import BUCKET, At, table
from tests.servers.faults import Blob, FaultServer
from tests.unit.making import RUN
from tests.unit.test_publish import WORKERS, errors, stage

FAULTS = int(os.environ.get("FAULTS", "24"))
"""How many of the combinations are tried, drawn by a seed; FAULTS=100000 tries all."""

ANSWERS = ("slow-down", "busy", "away", "denied", "expired", "skewed", "full")
WRITES = (*ANSWERS, "conflict", "lost-answer", "cut", "flip", "flip-lying", "short", "lost", "empty-etag", "slow")
STEPS = ("warc/", "cdxj/", "articles/", "schemas/", "manifest.json", "_SUCCESS", "changes/", "events/")
MATRIX = [
    *((kind, "PutObject", step) for kind in WRITES for step in STEPS),
    *((kind, "HeadObject", step) for kind in (*ANSWERS, "cut", "slow") for step in STEPS),
    *(
        (kind, "GetObject", step)
        for kind in (*ANSWERS, "cut", "flip", "slow")
        for step in ("manifest.json", "_SUCCESS", "changes/")
    ),
    *((kind, "ListObjectsV2", "") for kind in (*ANSWERS, "slow")),
    *((kind, "CreateMultipartUpload", "warc/") for kind in (*ANSWERS, "lost-answer", "slow")),
    *((kind, "UploadPart", "warc/") for kind in (*WRITES, "forgotten")),
    *(
        (kind, "CompleteMultipartUpload", "warc/")
        for kind in (
            *ANSWERS,
            "conflict",
            "lost-answer",
            "error-200",
            "error-200-done",
            "empty-etag",
            "forgotten",
            "slow",
        )
    ),
]
KNOWN = Capabilities(
    create=True, swap="quoted", create_multipart=True, md5_verified=True, etag_md5=True, multipart_etag_md5=True
)

fault = pytest.mark.parametrize("at", ["fault"], indirect=True)


def server_of(at: At) -> FaultServer:
    assert isinstance(at.server, FaultServer)
    return at.server


SILENT = ("flip", "flip-lying", "short", "lost")
"""What no answer tells: always tried on the evidence itself, whatever the seed draws."""


def chosen() -> list[tuple[str, str, str]]:
    drawn = random.Random(6).sample(MATRIX, min(FAULTS, len(MATRIX)))
    return sorted({*drawn, *(one for one in MATRIX if one[0] in SILENT and one[2] == "warc/")})


def objects(store: S3Store | FolderStore) -> dict[str, bytes]:
    """What is stored; of what holds times or fresh record ids (manifests, events, cards) only that it is there."""
    dated = ("runs/", "events/", "warc/cards/", "cdxj/cards/")
    return {key: b"" if key.startswith(dated) else store.read(key) for key in store.list()}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run as a crawl leaves it, which every test publishes a copy of."""
    run = stage(tmp_path_factory.mktemp("template"))
    run.release()
    return run.folder


def copied(template: Path, spool: Path) -> RunSpool:
    run = RunSpool(Path(shutil.copytree(template, spool / RUN)))
    assert run.take_lock()
    return run


@pytest.fixture(scope="session")
def wanted(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the run gives in a folder."""
    folder = tmp_path_factory.mktemp("wanted")
    store = FolderStore(folder / "archive")
    publish_run(copied(template, folder / "spool"), store, WORKERS, {})
    return objects(store)


@fault
@pytest.mark.parametrize(("kind", "operation", "step"), chosen())
def test_every_fault_at_every_step_loses_nothing(
    at: At, tmp_path: Path, template: Path, wanted: dict[str, bytes], kind: str, operation: str, step: str
) -> None:
    server, run = server_of(at), copied(template, tmp_path / "spool")
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    parts = "0B" if operation.endswith(("Upload", "Part")) else "1MiB"
    store = at.store(KNOWN, attempts=1, single_max=parts, read_timeout="5s")
    server.fail(kind, operation, key=step)
    try:
        publish_run(run, store, WORKERS, {})
    except StoreError as error:
        assert str(error)
        kept = {path.name: path.read_bytes() for path in run.folder.iterdir()}
        assert {name: kept.get(name) for name in before} == before
        assert list(Archive(store).runs()) == [] or step in ("_SUCCESS", "changes/", "manifest.json", "events/", "")
        publish_run(run, store, WORKERS, {})
    server.faults.clear()  # where publishing needed no such call
    assert objects(store) == wanted
    assert errors(Archive(store)) == []
    assert not (tmp_path / "spool" / RUN).exists()
    store.tidy(tmp_path / "spool")  # of an upload whose creation was answered to nobody
    assert not server.uploads


@fault
def test_our_own_412_is_success_and_a_foreign_one_is_not(at: At) -> None:
    server, store = server_of(at), at.store(KNOWN)
    server.fail("lost-answer", "PutObject")  # done, and the answer lost: the client's second try meets our own object
    assert store.create("changes/v1/1.json", b"ours")
    server.fail("taken", "PutObject")
    assert not store.create("changes/v1/2.json", b"ours")
    server.fail("lost-answer", "PutObject")
    store.put("warc/a", b"ours")
    server.fail("taken", "PutObject")
    with pytest.raises(KeyExists, match="nothing was overwritten"):
        store.put("warc/b", b"ours")
    assert server.struck == {"lost-answer": 2, "taken": 2}
    assert store.read("warc/b") == b"of another hand"


@fault
def test_our_own_412_on_completion_is_success_and_a_foreign_one_is_not(at: At, tmp_path: Path) -> None:
    server, store = server_of(at), at.store(KNOWN, single_max="0B")
    path = tmp_path / "x"
    path.write_bytes(b"ours" * 1000)
    server.fail("lost-answer", "CompleteMultipartUpload")
    store.put_file("warc/a", path)
    assert store.read("warc/a") == path.read_bytes()
    server.fail("taken", "CompleteMultipartUpload")
    with pytest.raises(KeyExists):
        store.put_file("warc/b", path)
    assert store.read("warc/b") == b"of another hand"


@fault
def test_a_race_in_progress_is_asked_again(at: At) -> None:
    server, store = server_of(at), at.store(KNOWN)
    server.fail("conflict", "PutObject", times=3)
    assert store.create("changes/v1/1.json", b"ours")
    assert server.struck["conflict"] == 3


@fault
def test_slowness_is_waited_for_with_doubling_pauses(at: At) -> None:
    server, pauses = server_of(at), list[float]()
    client = Client(parse_place(at.url), table(attempts=1, patience="20s"), sleep=pauses.append)
    server.fail("slow-down", "PutObject", times=4)
    client.ask("put_object", "put objects", "a", Body=b"x")
    assert pauses == [1, 2, 4, 8]
    server.fail("slow-down", "PutObject", times=100)
    with pytest.raises(StoreError, match=r"asked too often .* \[SlowDown\]") as caught:
        client.ask("put_object", "put objects", "a", Body=b"x")
    assert caught.value.temporary
    assert pauses[4:] == [1, 2, 4, 8]


@fault
def test_an_answer_that_breaks_off_is_asked_for_again_from_there(at: At) -> None:
    server, store = server_of(at), at.store(KNOWN)
    content = os.urandom(300_000)
    store.put("a/b", content)
    server.fail("cut", "GetObject", times=2)
    assert store.read("a/b", 100, 200_000) == content[100:200_100]
    server.fail("cut", "GetObject", times=2)
    with store.open("a/b") as stream:
        assert stream.read() == content
    assert server.struck["cut"] == 4


@fault
def test_an_object_that_changed_while_it_was_read_is_never_mixed(at: At) -> None:
    server, store = server_of(at), at.store(KNOWN)
    store.put("a/b", b"1" * 1_000_000)
    with store.open("a/b") as stream:
        assert stream.read(10) == b"1" * 10
        store.put("a/b", b"2" * 1_000_000, replace=True)
        stream.seek(500_000)
        with pytest.raises(StoreError, match="a/b"):
            stream.read(400_000)
    server.fail("cut", "GetObject")
    assert store.read("a/b") == b"2" * 1_000_000


@fault
def test_bytes_that_were_changed_on_the_way_are_sent_again(at: At) -> None:
    server, store = server_of(at), at.store(KNOWN)
    for kind in ("flip", "short", "lost"):
        server.fail(kind, "PutObject")
        store.put(f"warc/{kind}", b"content" * 100)
        assert store.read(f"warc/{kind}") == b"content" * 100
    server.fail("flip", "PutObject", times=100)
    with pytest.raises(StoreError, match="holds other bytes than were sent, 3 times over"):
        store.put("warc/never", b"content")


@fault
def test_a_manifest_is_read_back_even_where_the_etag_lies(at: At) -> None:
    server, store = server_of(at), at.store(KNOWN)
    server.fail("flip-lying", "PutObject")
    store.put("runs/x/manifest.json", b"content", replace=True)
    assert store.read("runs/x/manifest.json") == b"content"
    assert server.struck["flip-lying"] == 1


@fault
def test_a_store_without_proof_is_read_back_by_sample(at: At) -> None:
    server = server_of(at)
    store = at.store(Capabilities(create=True), read_back="0B")  # neither MD5 verified nor an ETag to compare
    key, content = next(
        (f"warc/{n}", b"%d" % n) for n in range(1000) if int(hashlib.sha256(b"%d" % n).hexdigest()[:8], 16) % 16 == 0
    )
    server.fail("flip-lying", "PutObject")
    store.put(key, content)
    assert store.read(key) == content


@fault
def test_a_store_that_drops_metadata_is_read_back(at: At) -> None:
    server = server_of(at)
    server.drop_metadata = True
    store = at.store(Capabilities(create=True, metadata_kept=False))
    store.put("warc/a", b"content")
    store.put("warc/a", b"content")
    with pytest.raises(KeyExists):
        store.put("warc/a", b"other")
    assert store.create("changes/v1/1.json", b"mine")
    assert not store.create("changes/v1/1.json", b"yours")


@fault
def test_an_upload_goes_on_where_it_was_and_sends_no_part_twice(at: At, tmp_path: Path) -> None:
    server, store = server_of(at), at.store(KNOWN, single_max="0B", workers=1, attempts=1)
    path = tmp_path / "large.warc.gz"
    path.write_bytes(os.urandom(22 * 2**20))
    server.fail("away", "UploadPart", after=3)
    with pytest.raises(StoreError, match="in trouble itself"):
        store.put_file("warc/large.warc.gz", path)
    assert journal_of(path).exists()
    server.fail("lost-answer", "UploadPart")  # the server holds it, and nobody was told
    with pytest.raises(StoreError):
        at.store(KNOWN, single_max="0B", workers=1, attempts=1).put_file("warc/large.warc.gz", path)
    at.store(KNOWN, single_max="0B", workers=1, attempts=1).put_file("warc/large.warc.gz", path)
    assert store.read("warc/large.warc.gz") == path.read_bytes()
    assert set(server.parts_sent.values()) == {1}
    assert server.calls["CreateMultipartUpload"] == 1
    assert not journal_of(path).exists()


@fault
def test_what_came_out_damaged_is_not_taken_for_sent_after_a_kill(at: At, tmp_path: Path) -> None:
    """Killed between the completion and the comparison: size and metadata fit, the bytes do not, and the journal is still there."""
    server, path = server_of(at), tmp_path / "large.warc.gz"
    path.write_bytes(os.urandom(11 * 2**20))
    for known, read_back in ((KNOWN, "0B"), (Capabilities(create=True), "16MiB")):
        server.buckets[BUCKET].clear()
        server.fail("flip", "UploadPart")
        server.fail("away", "HeadObject", times=1000, after=1)
        with pytest.raises(StoreError, match="in trouble itself"):
            at.store(known, single_max="0B", attempts=1, read_back=read_back).put_file("warc/large.warc.gz", path)
        server.faults.clear()
        assert server.buckets[BUCKET][f"{at.prefix}/warc/large.warc.gz"].body != path.read_bytes()
        at.store(known, single_max="0B", attempts=1, read_back=read_back).put_file("warc/large.warc.gz", path)
        assert server.buckets[BUCKET][f"{at.prefix}/warc/large.warc.gz"].body == path.read_bytes()
        assert not journal_of(path).exists()


@fault
def test_an_upload_that_the_server_forgot_begins_anew(at: At, tmp_path: Path) -> None:
    server, store = server_of(at), at.store(KNOWN, single_max="0B", attempts=1)
    path = tmp_path / "large.warc.gz"
    path.write_bytes(os.urandom(11 * 2**20))
    server.fail("away", "UploadPart", after=1)
    with pytest.raises(StoreError):
        store.put_file("warc/large.warc.gz", path)
    server.uploads.clear()
    store.put_file("warc/large.warc.gz", path)
    assert store.read("warc/large.warc.gz") == path.read_bytes()


@fault
def test_uploads_of_nobody_go_after_a_week_and_known_ones_stay(at: At, tmp_path: Path) -> None:
    server, store = server_of(at), at.store(KNOWN, single_max="0B", attempts=1)
    folder = tmp_path / "spool" / RUN
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(os.urandom(100))
    server.fail("away", "CompleteMultipartUpload", times=6)
    with pytest.raises(StoreError):
        store.put_file("warc/a", folder / "a")
    for number in range(5):  # more than the server tells in one page
        (tmp_path / f"b{number}").write_bytes(os.urandom(100))
        with pytest.raises(StoreError):
            store.put_file(f"warc/b{number}", tmp_path / f"b{number}")
    assert len(server.uploads) == 6
    assert store.tidy(tmp_path / "spool") == 5
    store.put_file("warc/a", folder / "a")


@fault
def test_what_killed_probes_left_goes_after_a_day(at: At, tmp_path: Path) -> None:
    server, store = server_of(at), at.store(KNOWN)
    for name in ("old", "new"):
        store.put(f"_probe/{name}/one", b"x")
    server.buckets[BUCKET][f"{at.prefix}/_probe/old/one"].modified -= timedelta(days=2)
    assert store.tidy(tmp_path / "spool") == 1
    assert list(store.list("_probe/")) == ["_probe/new/one"]


# The probe


@pytest.mark.parametrize("at", ["fault", "fault-tls"], indirect=True)
def test_both_checksum_modes_upload_where_the_server_takes_them(at: At) -> None:
    for mode in ("when_required", "when_supported"):
        found, _ = probe(at.store(checksums=mode))
        assert (found.create, found.refusals) == (True, [])


@pytest.mark.parametrize("at", ["fault-tls"], indirect=True)
def test_checksums_that_the_server_refuses_fail_in_the_probe_with_advice(at: At) -> None:
    server = server_of(at)
    server.refuse_chunked = True
    with pytest.raises(StoreError, match=r'refuses uploads without a length .* set checksums = "when_required"'):
        probe(at.store(checksums="when_supported"))
    server.refuse_chunked, server.keep_encoding = False, True
    found, _ = probe(at.store(checksums="when_supported"))
    assert any("marks objects as encoded (aws-chunked)" in sentence for sentence in found.refusals)
    with pytest.raises(StoreError, match="marks it as encoded"):
        at.store(KNOWN, checksums="when_supported").put("warc/a", b"x")
    found, _ = probe(at.store())
    assert found.refusals == []


@fault
def test_the_probe_believes_a_200_only_where_a_412_was_seen(at: At) -> None:
    server_of(at).ignore_conditions = True
    found, answers = probe(at.store())
    assert (found.create, found.swap, found.create_multipart) == (False, "", False)
    assert "no: ignored" in {answer.answer for answer in answers}


@fault
def test_the_probe_sees_what_the_server_proves(at: At) -> None:
    server = server_of(at)
    server.check_md5, server.drop_metadata, server.late_listing = False, True, 60.0
    found, _ = probe(at.store())
    assert (found.md5_verified, found.metadata_kept, found.lists_at_once) == (False, False, False)
    assert server.buckets[BUCKET] == {}, "the probe left something behind"


@fault
def test_clocks_that_differ_are_refused(at: At) -> None:
    server = server_of(at)
    server.clock_offset = 3600.0
    found, _ = probe(at.store())
    assert any("differ by 3600 s" in sentence or "differ by 3599 s" in sentence for sentence in found.refusals)
    found, _ = probe(at.store(), lambda: datetime.now(UTC) + timedelta(hours=1))
    assert found.refusals == []


@pytest.mark.parametrize("act", [lambda s: s.put("a", b"x"), lambda s: s.read("a"), lambda s: list(s.list())])
@fault
def test_what_the_store_says_without_end_is_a_sentence(at: At, act: Callable[[S3Store], object]) -> None:
    server = server_of(at)
    server.buckets[BUCKET][f"{at.prefix}/a"] = Blob(b"y", "0" * 32, {}, datetime.now(UTC))
    server.fail("away", times=1000)
    with pytest.raises(StoreError, match=r"in trouble itself \(HTTP 502\); try again later") as caught:
        act(at.store(KNOWN, attempts=1))
    assert caught.value.temporary
