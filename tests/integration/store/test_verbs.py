"""What an operator is told when a store cannot be published to: one sentence, an exit code, and nothing lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.cli.crawling import publish_left
from archiver.cli.exits import Exit
from archiver.cli.storing import probe_store
from archiver.config import Config
from archiver.errors import StoreError, UsageError
from archiver.publish import publish_run
from archiver.store import open_store
from archiver.store.opening import open_for_publishing
from archiver.strict import decode
from tests.e2e.kit import environment, free_port
from tests.integration.store.conftest import BUCKET, At, table
from tests.servers import kit, seaweedfs
from tests.servers.faults import FaultServer
from tests.unit.making import RUN
from tests.unit.test_publish import WORKERS, errors, stage

KILLS = int(os.environ.get("KILLS", "3"))
"""Kills of the publishing process, at calls that a seed draws."""


def now() -> datetime:
    """Not a constant: the probe compares clocks, and a test may come long after its module was imported."""
    return datetime.now(UTC)


fault = pytest.mark.parametrize("at", ["fault"], indirect=True)


def config_of(url: str, folder: Path, **s3: object) -> Config:
    raw = {"archive": {"store": url, "spool": str(folder / "spool")}, "s3": {"attempts": 1, "patience": "0s", **s3}}
    return decode(Config, raw, "the test's configuration")


def server_of(at: At) -> FaultServer:
    assert isinstance(at.server, FaultServer)
    return at.server


def refused(config: Config, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said when nothing can be published; the run in the spool stays as it was."""
    run = stage(config.spool)
    run.release()
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    assert publish_left(config) == 4
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before
    said = capsys.readouterr().err
    assert "1 run(s) stay in" in said
    shutil.rmtree(run.folder)
    assert publish_left(config) == 1
    first, *more = capsys.readouterr().err.strip().splitlines()
    assert more == []
    return first


CASES: dict[str, tuple[Callable[[FaultServer, pytest.MonkeyPatch], object], str]] = {
    "wrong-key": (
        lambda s, m: m.setenv("AWS_ACCESS_KEY_ID", "nobody"),
        "does not know this access key; check AWS_ACCESS_KEY_ID or the profile [InvalidAccessKeyId]",
    ),
    "no-keys": (
        lambda s, m: [m.delenv(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")],  # type: ignore[func-returns-value]
        "cannot be asked without keys; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile",
    ),
    "expired": (
        lambda s, m: m.setenv("AWS_SESSION_TOKEN", "expired"),
        "says that the session token expired; get a new one [ExpiredToken]",
    ),
    "no-bucket": (lambda s, m: s.buckets.clear(), "has no such bucket; create it, or correct the bucket's name"),
    "denied": (lambda s, m: s.fail("denied", "PutObject", times=99), "lack the right to put objects"),
    "may-not-read": (lambda s, m: s.fail("denied", "HeadObject", times=99), "lack the right to read objects"),
    "may-not-list": (lambda s, m: s.fail("denied", "ListObjectsV2", times=99), "lack the right to list objects"),
    "may-not-delete": (lambda s, m: s.fail("denied", "DeleteObject", times=99), "lack the right to delete objects"),
    "region": (lambda s, m: setattr(s, "region", "eu-west-3"), "in another region; write &region="),
    "skewed": (lambda s, m: s.fail("skewed", times=99), "says that this machine's clock is wrong; set it (NTP)"),
    "clock": (lambda s, m: setattr(s, "clock_offset", 7200.0), "differ by"),
    "conditions": (lambda s, m: setattr(s, "ignore_conditions", True), "set publishers = 1 under [s3]"),
    "full": (lambda s, m: s.fail("full", "PutObject", times=99), "is full; free some space there"),
}


@fault
@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_one_sentence_and_an_exit_code(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    act, sentence = CASES[case]
    act(server_of(at), monkeypatch)
    said = refused(config_of(at.url, tmp_path), capsys)
    assert sentence in said
    assert f"s3://{BUCKET}/{at.prefix} at {at.server.endpoint}" in said
    assert kit.SECRET_KEY not in said


@fault
def test_a_region_that_the_store_names_is_used(at: At, tmp_path: Path) -> None:
    server_of(at).region, server_of(at).names_region = "eu-west-3", True
    assert publish_left(config_of(at.url, tmp_path)) == Exit.OK


def test_an_endpoint_that_nobody_serves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(config_of(f"s3://bucket/x?endpoint=http://127.0.0.1:{free_port()}", tmp_path), capsys)
    assert "cannot be reached, or broke off; check the endpoint and the network" in said


@pytest.mark.parametrize("at", ["fault-tls"], indirect=True)
def test_a_certificate_that_nobody_vouches_for(at: At, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(config_of(at.url.partition("&ca=")[0], tmp_path), capsys)
    assert "its certificate was refused; name its authority as ca under [s3]" in said


def test_a_wrong_secret_and_a_reader_that_would_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a real server, which checks signatures and rights."""
    if seaweedfs.weed() is None:
        pytest.skip("no SeaweedFS: make setup")
    reader = {
        "name": "r",
        "credentials": [{"accessKey": "reader", "secretKey": "readersecret"}],
        "actions": ["Read:news", "List:news"],
    }
    with seaweedfs.SeaweedFS(tmp_path / "server", identities=[reader]) as server:
        kit.client(server).create_bucket(Bucket="news")
        url = f"s3://news/x?endpoint={server.endpoint}"
        said = refused(config_of(url.replace("http://", "https://"), tmp_path), capsys)
        assert "does not speak TLS there; write the endpoint with http://, or with the port of its TLS" in said
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        assert "refused the signature: the secret key is wrong" in refused(config_of(url, tmp_path), capsys)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "readersecret")
        assert "lack the right to put objects" in refused(config_of(url, tmp_path), capsys)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("s3://B", '"B" is no bucket'),
        ("s3://bucket/x?endpont=http://h", 'unknown "endpont"; did you mean "endpoint"?'),
        ("s3://bucket/x?endpoint=host:9000", 'endpoint "host:9000" is no address'),
        ("s3://key:secret@bucket/x", "credentials come from the environment or a profile"),
        ("s3://bucket/x?endpoint=http://u:p@h/", "is no address"),
        ("gs://bucket/x", "no store of kind gs://"),
    ],
)
def test_a_url_that_names_no_store(url: str, sentence: str) -> None:
    with pytest.raises((UsageError, StoreError)) as caught:
        open_store(url)
    assert sentence in str(caught.value)


def test_a_profile_that_is_not_there() -> None:
    with pytest.raises(StoreError, match=r"no profile .nobody. in ~/\.aws"):
        open_store("s3://bucket/x?profile=nobody")


def test_the_table_completes_the_url(tmp_path: Path) -> None:
    config = config_of("s3://bucket/x?region=a", tmp_path, endpoint="https://h:1", region="b", profile="p")
    assert config.store == "s3://bucket/x?region=a&endpoint=https://h:1&profile=p"
    assert config_of(str(tmp_path), tmp_path, endpoint="https://h:1").store == str(tmp_path)


# Findings, remembered


@fault
def test_findings_are_kept_for_a_day_and_outlast_an_outage(at: At, tmp_path: Path) -> None:
    server = server_of(at)
    first = open_for_publishing(at.url, table(attempts=1), tmp_path, now())
    assert first.store.deciding == "create"
    asked = server.calls.total()
    open_for_publishing(at.url, table(attempts=1), tmp_path, now() + timedelta(hours=23))
    open_for_publishing(at.url, table(attempts=1), tmp_path, now() - timedelta(hours=1))
    assert server.calls.total() == asked + 2, "one question each: whether it lets us in"
    server.fail("away", times=10**6)
    later = open_for_publishing(at.url, table(attempts=1), tmp_path, now() + timedelta(hours=25))
    assert later.store.deciding == "create"
    assert later.trouble is not None
    within = open_for_publishing(at.url, table(attempts=1), tmp_path, now() + timedelta(hours=1))
    assert within.trouble is not None
    with pytest.raises(StoreError, match="in trouble itself"):
        open_for_publishing(at.url, table(attempts=1), tmp_path / "fresh", now())


@fault
def test_one_publisher_is_a_promise_that_the_configuration_makes(at: At, tmp_path: Path) -> None:
    server_of(at).ignore_conditions = True
    with pytest.raises(StoreError, match="ignores conditions, so two publishers could overwrite each other"):
        open_for_publishing(at.url, table(), tmp_path, now())
    opened = open_for_publishing(at.url, table(publishers=1), tmp_path, now())
    assert opened.store.deciding == "one publisher"
    assert opened.store.create("changes/v1/1.json", b"x")
    assert not opened.store.create("changes/v1/1.json", b"y")


@fault
def test_a_lock_that_the_bucket_lacks_is_refused(at: At, tmp_path: Path) -> None:
    server = server_of(at)
    server.buckets[BUCKET] = {}
    opened = open_for_publishing(at.url, table(), tmp_path, now())
    assert opened.warnings == ("versioning is off: an overwritten or deleted object is gone",)


@fault
def test_the_probes_table_for_programs(at: At, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe_store(config_of(at.url, tmp_path), as_json=True) == Exit.OK
    found = json.loads(capsys.readouterr().out)
    assert (found["create"], found["swap"], found["objections"]) == (True, "quoted", [])
    server_of(at).ignore_conditions = True
    assert probe_store(config_of(at.url, tmp_path), as_json=False) == Exit.ERROR
    said = capsys.readouterr()
    assert "create only (If-None-Match)" in said.out
    assert "publishers = 1" in said.err
    with pytest.raises(UsageError, match="a folder has nothing to be asked"):
        probe_store(config_of(str(tmp_path), tmp_path), as_json=False)


@pytest.mark.parametrize("at", ["seaweedfs", "ceph"], indirect=True)
def test_lock_and_versions_on_real_servers(at: At, tmp_path: Path) -> None:
    bucket = f"lock-{at.prefix}"
    asking = kit.client(at.server)
    asking.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    url = at.url.replace(BUCKET, bucket)
    s3 = table(object_lock="governance", retention="1d", publishers=1)
    opened = open_for_publishing(url, s3, tmp_path, datetime.now(UTC))
    opened.store.put("warc/a", b"kept")
    version = asking.head_object(Bucket=bucket, Key=f"{at.prefix}/warc/a")
    assert version["ObjectLockMode"] == "GOVERNANCE"
    with pytest.raises(StoreError, match="warc/a"):
        opened.store.delete("warc/a")
    opened.store.put("schemas/a.json", b"1", replace=True)
    opened.store.delete("schemas/a.json")
    kept = {entry["Key"] for entry in asking.list_object_versions(Bucket=bucket).get("Versions", [])}
    assert kept == {f"{at.prefix}/warc/a"}, "no version stands behind a marker, and the lock holds what it should"


@fault
def test_what_a_store_lists_late_is_no_damage(at: At, tmp_path: Path) -> None:
    """Eventually consistent: a run that is listed, whose files and change entry are not yet."""
    server, store = server_of(at), open_for_publishing(at.url, table(), tmp_path, now()).store
    publish_run(stage(tmp_path / "spool"), store, WORKERS, {})
    for key, blob in server.buckets[BUCKET].items():
        blob.modified -= timedelta(hours=1 if "/runs/" in key or "/schemas/" in key else 0)
    server.late_listing = 60.0
    archive = Archive(store)
    assert len(list(archive.runs())) == 1
    assert list(store.list("changes/")) == list(store.list("warc/")) == []
    assert errors(archive) == []
    del server.buckets[BUCKET][f"{at.prefix}/{next(archive.files('cdxj/'))}"]
    assert any("not in the store" in one for one in errors(archive)), "what is not there at all is still missed"


# Kills


@fault
@pytest.mark.parametrize("number", range(KILLS))
def test_a_publisher_killed_at_any_call_leaves_nothing_lost_and_nothing_twice(
    at: At, tmp_path: Path, number: int
) -> None:
    server, chance = server_of(at), random.Random(number)
    stage(tmp_path / "spool").release()
    config = tmp_path / "archiver.toml"
    config.write_text(
        f'[archive]\nstore = "{at.url}"\nspool = "spool"\n[s3]\nattempts = 1\nsingle_max = "0B"\npatience = "0s"\n'
    )
    command = [sys.executable, "-m", "archiver", "publish", "--config", str(config)]
    opened = open_for_publishing(at.url, table(), tmp_path / "spool", datetime.now(UTC))  # the probe, for every try
    assert opened.trouble is None
    server.stored.clear()
    server.parts_sent.clear()
    for _ in range(3):
        when, left = chance.choice(("before", "after")), chance.randrange(1, 60)
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE)
        _kill_at_call(server, process, when, left)
        process.communicate(timeout=60)
        server.on_call = None
        listed = [file.key for manifest in Archive(at.store()).runs() for file in manifest.files]
        assert all(at.store().exists(key) for key in listed)
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, timeout=60, check=False)
    assert done.returncode == Exit.OK, done.stderr.decode()
    assert errors(Archive(at.store())) == []
    assert [article.headline for article in Archive(at.store()).articles()] == ["First", "Second"]
    assert len(list(at.store().list("changes/v1/0"))) == 1
    assert not (tmp_path / "spool" / RUN).exists()
    assert not server.uploads
    twice = {key for key, count in server.stored.items() if count > 1 and "/runs/" not in key}
    assert twice == set()
    assert {part for part, count in server.parts_sent.items() if count > 1} == set()


def _kill_at_call(server: FaultServer, process: subprocess.Popen[bytes], when: str, left: int) -> None:
    waiting = [left]

    def told(moment: str, operation: str, key: str) -> None:
        if moment == when:
            waiting[0] -= 1
            if waiting[0] == 0:
                process.send_signal(signal.SIGKILL)

    server.on_call = told
