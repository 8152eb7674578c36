"""Each exit code from a real situation; the sentences of wrong input; Scrapy's own commands."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from archiver.cli.exits import Exit
from archiver.demo import DemoNewspaper
from tests.e2e.conftest import Crawled, prepare
from tests.e2e.kit import (
    CONTACT,
    ROOT,
    Server,
    archiver,
    article,
    documents,
    environment,
    free_port,
    manifests,
    ok,
    reasons,
    write_config,
)


def test_0_ok(crawled: Crawled) -> None:
    assert crawled.run.returncode == Exit.OK == 0


def test_1_nothing_was_captured(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0)
    run = archiver("capture", f"http://127.0.0.1:{free_port()}/", "nonsense", cwd=tmp_path)
    assert run.returncode == Exit.ERROR == 1
    assert b"nothing was captured" in run.stderr
    assert b'"nonsense": no scheme' in run.stderr or b'"nonsense": no http(s) URL' in run.stderr
    assert sorted(reasons(tmp_path / "archive").values()) == ["bad-url", "connect-failed"]


def test_1_a_browser_that_does_not_start(tmp_path: Path) -> None:
    """Its host answered for robots.txt, and nothing of the page was captured."""
    with Server({"/1": ok(article()), "/robots.txt": ok("User-agent: *", kind="text/plain")}) as server:
        write_config(tmp_path, '[network]\nallow = ["127.0.0.0/8"]\n[browser]\nexecutable = "/bin/true"\n')
        run = archiver("capture", "--render", f"{server.base}/1", cwd=tmp_path)
    assert run.returncode == Exit.ERROR
    assert b"no page could be rendered" in run.stderr
    assert set(reasons(tmp_path / "archive").values()) == {"render-failed"}


def test_a_typed_password_is_repeated_nowhere(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0)
    place = f"127.0.0.1:{free_port()}"
    run = archiver("capture", f"http://desk:sesame@{place}/", f"http://{place}/", cwd=tmp_path)
    assert b"name and password have no place in a URL" in run.stderr
    assert b"sesame" not in run.stderr + run.stdout
    assert reasons(tmp_path / "archive")[f"http://***@{place}/"] == "bad-url"
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"sesame" in path.read_bytes()]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["crawl"], "name a source, or say --all"),
        (["crawl", "nowhere-times"], 'no source "nowhere-times"'),
        (["crawl", "--all", "--sources", "not-there"], "not-there: no such folder"),
        (["sources", "list", "--sources", "not-there"], "not-there: no such folder"),
        (["extract"], "name WARC files"),
        (["extract", "not-there.warc.gz"], "not-there.warc.gz: no such file"),
        (["extract", "--archive", "not-there"], "no published run here"),
        (["check", "not-there.warc.gz"], "not-there.warc.gz: no such file"),
        (["check", "--store", "not-there"], "no published run here"),
        (["crawl", "x", "--config", "not-there.toml"], "not-there.toml: no such file"),
        (["capture"], "Missing argument"),
        (["frobnicate"], "No such command"),
    ],
)
def test_2_usage(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    run = archiver(*arguments, cwd=tmp_path, ARCHIVER_CONTACT=CONTACT)
    assert run.returncode == Exit.USAGE == 2
    assert sentence in run.stderr.decode()
    assert "Traceback" not in run.stderr.decode()


def test_a_placeholder_contact_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    run = archiver("capture", f"http://127.0.0.1:{free_port()}/", cwd=tmp_path)
    assert run.returncode == Exit.USAGE
    assert "crawling needs an address where sites can reach you" in run.stderr.decode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[crawl]\ndelayy = '1s'\n", 'archiver.toml: crawl.delayy: unknown key "delayy"; did you mean "delay"?'),
        ("[crawl]\ndelay = 1\n", "archiver.toml: crawl.delay: 1 is no duration"),
        ("[crawl]\ncontact = 'nobody'\n", 'archiver.toml: crawl.contact: "nobody" is neither'),
        ("[network]\nallow = ['loopback']\n", 'archiver.toml: network.allow[0]: "loopback" is no network'),
        ("crawl = 3\n", "archiver.toml: crawl: must be a table"),
        ("[crawl\n", "archiver.toml: not valid TOML"),
        ("\x00\x01\x02", "archiver.toml: not valid TOML"),
    ],
)
def test_a_wrong_configuration_names_file_place_and_next_move(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "archiver.toml").write_text(text)
    run = archiver("publish", cwd=tmp_path)
    assert run.returncode == Exit.USAGE
    assert sentence in run.stderr.decode()


def test_one_broken_source_file_is_told_and_stops_no_other(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper)
    (tmp_path / "sources/broken.toml").write_bytes(b"\x89PNG\x00")
    listed = archiver("sources", "list", "--json", cwd=tmp_path)
    assert listed.returncode == Exit.ERROR
    assert "broken.toml: cannot be read" in listed.stderr.decode()
    assert len(listed.stdout.splitlines()) == 3
    named = archiver("crawl", "broken", cwd=tmp_path)
    assert named.returncode == Exit.USAGE
    assert "broken.toml: cannot be read" in named.stderr.decode()
    run = archiver("crawl", newspaper.outlets[1].id, cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()


def test_3_below_expectation(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper, max_pages=2)
    outlet = newspaper.outlets[1]
    run = archiver("crawl", outlet.id, cwd=tmp_path)
    assert run.returncode == Exit.BELOW_EXPECTATION == 3
    assert f"{outlet.id}: 2 articles, expected at least {len(outlet.article_urls)}" in run.stderr.decode()
    assert list(reasons(tmp_path / "archive").values()) == ["budget-spent"] * (len(outlet.article_urls) - 2)


def test_who_opted_out_costs_no_page_of_the_budget(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper, max_pages=2)
    outlet = newspaper.outlets[1]
    entries = (
        f'[[url]]\nprefix = "{url}"\ndate = 2026-11-24\nreason = "a request"\n' for url in outlet.article_urls[:5]
    )
    (tmp_path / "optout.toml").write_text("".join(entries))
    file = tmp_path / "archiver.toml"
    file.write_text(file.read_text().replace("[archive]\n", '[archive]\noptout = "optout.toml"\n'))
    archiver("crawl", outlet.id, cwd=tmp_path)
    found = Counter(reasons(tmp_path / "archive").values())
    assert found == {"opted-out": 5, "budget-spent": len(outlet.article_urls) - 7}


def test_4_left_unpublished(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper, max_pages=1)
    (tmp_path / "archive").write_text("in the way")
    run = archiver("crawl", newspaper.outlets[1].id, cwd=tmp_path, ARCHIVER_SPOOL=str(tmp_path / "staged"))
    assert run.returncode == Exit.UNPUBLISHED == 4
    said = re.search(r"when this is mended, `(ARCHIVER_SPOOL=\S+ archiver publish --store \S+)`", run.stderr.decode())
    assert said, run.stderr.decode()
    (tmp_path / "archive").unlink()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", said[1]], cwd=tmp_path, env=environment(PATH=path), capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0 and b"1 run(s) published" in done.stderr, done.stderr.decode()


def test_5_damaged(tmp_path: Path) -> None:
    (tmp_path / "odd.warc.gz").write_bytes(b"this was never a WARC")
    for verb in ("check", "extract"):
        run = archiver(verb, "odd.warc.gz", cwd=tmp_path)
        assert run.returncode == Exit.DAMAGED == 5, run.stderr.decode()
        assert b"odd.warc.gz" in run.stdout + run.stderr
        assert b"Traceback" not in run.stderr


def test_6_locked(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper)
    spool = tmp_path / "archive/.spool"
    spool.mkdir(parents=True)
    with (spool / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for verb in (["crawl", newspaper.outlets[1].id], ["publish"]):
            run = archiver(*verb, cwd=tmp_path)
            assert run.returncode == Exit.LOCKED == 6
            assert b"another run holds the lock" in run.stderr


def test_the_time_budget_ends_a_run_and_says_what_it_left(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper, delay="300ms", per_host=1, concurrency=2, requisites=False, max_time="4s")
    outlet = newspaper.outlets[1]
    run = archiver("crawl", outlet.id, cwd=tmp_path)
    assert run.returncode == Exit.BELOW_EXPECTATION, run.stderr.decode()
    store = tmp_path / "archive"
    assert "closespider_timeout" in str(manifests(store)[0]["notes"])
    refused = reasons(store)
    assert set(refused.values()) == {"budget-spent"}
    assert set(outlet.article_urls) <= {d["requested_url"] for d in documents(store)} | set(refused)


def test_a_missing_article_is_an_error(crawled: Crawled) -> None:
    run = archiver("show", "https://example.org/never", cwd=crawled.folder)
    assert run.returncode == Exit.ERROR
    assert b"no article and no post with this URL or id" in run.stderr


@pytest.mark.parametrize("verb", ["crawl", "capture", "show", "extract", "check", "publish", "demo", "sources list"])
def test_help_begins_with_a_sentence_and_an_example(tmp_path: Path, verb: str) -> None:
    run = archiver(*verb.split(), "--help", cwd=tmp_path)
    assert run.returncode == 0
    assert f"Example: archiver {verb}" in run.stdout.decode()


# Scrapy's own commands


def scrapy(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "scrapy", *arguments]
    values = environment(SCRAPY_SETTINGS_MODULE="archiver.settings", **env)
    return subprocess.run(command, cwd=cwd, env=values, capture_output=True, timeout=120, check=False)


def test_scrapy_knows_every_source_and_publish_finishes_its_crawl(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper)
    listed = scrapy("list", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr.decode()
    assert listed.stdout.decode().split() == sorted([outlet.id for outlet in newspaper.outlets] + ["page", "posts"])
    outlet = newspaper.outlets[1]
    run = scrapy("crawl", outlet.id, cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    assert manifests(tmp_path / "archive") == []
    published = archiver("publish", cwd=tmp_path)
    assert published.returncode == 0, published.stderr.decode()
    assert {document["url"] for document in documents(tmp_path / "archive")} == set(outlet.article_urls)
    assert "cut short" not in json.dumps(manifests(tmp_path / "archive")[0]["notes"])
    assert archiver("check", cwd=tmp_path).returncode == 0


def test_scrapy_list_works_in_the_project_itself() -> None:
    command = [sys.executable, "-m", "scrapy", "list"]
    run = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr.decode()
    assert "page" in run.stdout.decode().split()
