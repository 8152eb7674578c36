"""Time stamps of packages, by a real authority on loopback: what it signs holds, and what does not is said."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.replay.wacz import check_wacz
from archiver.replay.wacz.stamp import check_stamp, stamp_of
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver
from tests.servers.tsa import Authority, authority


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def asked(tsa: Authority) -> Iterator[Authority]:
    yield tsa
    tsa.answer = None


def export(crawled: Crawled, to: Path, *options: object, code: int = 0) -> subprocess.CompletedProcess[bytes]:
    url = next(one.url for one in crawled.archive.articles() if not one.rights.archiving_restricted)
    done = archiver("export", "wacz", url, "-o", to, "--store", crawled.store, *options, cwd=to.parent)
    assert done.returncode == code, done.stderr.decode()
    return done


def stamped(package: Path) -> list[tuple[str, str]]:
    return [(one.severity, one.sentence) for one in check_wacz(package) if one.rule == "wacz-stamp"]


@pytest.fixture(scope="module")
def package(crawled: Crawled, tsa: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("stamped") / "story.wacz"
    done = export(crawled, to, "--timestamp", tsa.url, "--timestamp-ca", tsa.certificates)
    assert b"story.wacz.tsr: stamped at 20" in done.stderr.replace(b"\n", b"")
    return to


def test_the_stamp_is_over_the_digest_of_the_whole_package(package: Path, tsa: Authority, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        (tmp_path / "datapackage.json").write_bytes(opened.read("datapackage.json"))
    verify = ["openssl", "ts", "-verify", "-data", str(tmp_path / "datapackage.json"), "-in", str(stamp_of(package))]
    done = subprocess.run([*verify, "-CAfile", str(tsa.certificates)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr
    assert tsa.kinds[0] == "application/timestamp-query"


def test_check_says_when_a_package_was_stamped(package: Path, tmp_path: Path) -> None:
    ((severity, sentence),) = stamped(package)
    assert severity == "note" and sentence.startswith("stamped at 20")
    digest = opened_digest(package)
    assert abs(check_stamp(package, digest).moment - datetime.now(UTC)) < timedelta(minutes=10)
    assert archiver("check", package, cwd=tmp_path).returncode == 0


def opened_digest(package: Path) -> str:
    with zipfile.ZipFile(package) as opened:
        return hashlib.sha256(opened.read("datapackage.json")).hexdigest()


def test_the_stamp_of_another_package_does_not_hold(package: Path, crawled: Crawled, tmp_path: Path) -> None:
    other = tmp_path / "other.wacz"
    export(crawled, other, "--title", "Another")
    stamp_of(other).write_bytes(stamp_of(package).read_bytes())
    ((severity, sentence),) = stamped(other)
    assert severity == "error" and "imprint" in sentence
    assert archiver("check", other, cwd=tmp_path).returncode == 5


def test_a_stamp_with_a_changed_byte_does_not_hold(package: Path, tmp_path: Path) -> None:
    copy = tmp_path / "story.wacz"
    copy.write_bytes(package.read_bytes())
    whole = stamp_of(package).read_bytes()
    for broken in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:100], b"", b"<html>no</html>"):
        stamp_of(copy).write_bytes(broken)
        ((severity, sentence),) = stamped(copy)
        assert severity == "error", sentence


def test_an_authority_without_voucher_is_named_as_such(crawled: Crawled, asked: Authority, tmp_path: Path) -> None:
    done = export(crawled, tmp_path / "p.wacz", "--timestamp", asked.url)
    assert b"nobody has vouched for" in b" ".join(done.stderr.split())


def test_an_authority_that_leads_elsewhere_is_not_believed(crawled: Crawled, asked: Authority, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with authority(other) as strangers:
        export(crawled, tmp_path / "p.wacz", "--timestamp", asked.url, "--timestamp-ca", strangers.certificates, code=1)
    assert (tmp_path / "p.wacz").exists() and not stamp_of(tmp_path / "p.wacz").exists()


@pytest.mark.parametrize(
    "answer",
    [
        (500, b""),
        (200, b""),
        (200, b"<html>welcome</html>"),
        (200, b"\0" * 300_000),
        (200, b"\x30\x05\x30\x03\x02\x01\x02"),
    ],
    ids=["an error", "nothing", "a page", "too much", "a refusal"],
)
def test_no_stamp_is_said_and_the_package_is_there_all_the_same(
    answer: tuple[int, bytes], crawled: Crawled, asked: Authority, tmp_path: Path
) -> None:
    asked.answer = answer
    done = export(crawled, tmp_path / "p.wacz", "--timestamp", asked.url, code=1)
    assert b"Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".toml") == ["p.wacz"]


def test_what_cannot_work_is_a_sentence(crawled: Crawled, tmp_path: Path) -> None:
    export(crawled, tmp_path / "p.wacz", "--timestamp", "file:///etc/passwd", code=2)
    export(crawled, tmp_path / "p.wacz", "--timestamp-ca", "x.pem", code=2)
    assert not (tmp_path / "p.wacz").exists()
