"""`archiver follow`: what is due, what its answers make of a post, and that it all comes out of the WARCs again.

The clock is moved in the command's own process; the networks change their answers between two runs, as networks do.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms
from archiver.models.resolution import Resolution
from tests.e2e.kit import Server, archiver, everything, manifests, ok, posts_come_again, start
from tests.e2e.networks import configure, embed, linked, record_ids, stored, story, x_link, x_number, x_post

HOUR, DAY = 3600, 86400


class Days:
    """An archive of one story, and the command at later moments."""

    def __init__(self, folder: Path, networks: FakePlatforms, url: str) -> None:
        self.folder, self.networks, self.url = folder, networks, url

    @property
    def store(self) -> Path:
        return self.folder / "archive"

    def command(self, *arguments: object, later: float = 0) -> subprocess.CompletedProcess[bytes]:
        return archiver(*arguments, cwd=self.folder, later=later)

    def follow(self, later: float, *arguments: str) -> bytes:
        """stderr of `archiver follow`, `later` seconds from now."""
        run = self.command("follow", *arguments, later=later)
        assert run.returncode == 0, run.stderr.decode()
        return run.stderr

    def states(self, number: int) -> list[str]:
        """The statuses of a post, oldest first."""
        return [post["status"] for post in stored(self.store, "posts") if post["native_id"] == x_number(number)]

    def newest(self) -> list[Resolution]:
        """What counts for each citation of the story."""
        archive = Archive(self.store)
        article = archive.article(self.url)
        assert article
        return [resolution for _, resolution, _ in archive.citations(article) if resolution]

    def shown(self) -> str:
        return self.command("show", self.url).stdout.decode()


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    posts = [x_post(1), x_post(2), x_post(3, "throttled", states={"x.oembed": "throttled"}), x_post(4)]
    page = story(*(embed(number, post.text) for number, post in enumerate(posts, start=1)))
    with FakePlatforms(posts=posts) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks)
        found = Days(tmp_path, networks, f"{server.base}/story")
        assert found.command("capture", found.url).returncode == 0
        yield found


def test_nothing_is_asked_before_its_time(days: Days) -> None:
    before, asked = everything([days.store / "posts", days.store / "runs"]), len(days.networks.requests)
    assert b"no cited post of archive is due" in days.follow(0)
    assert b"no cited post of archive is due" in days.follow(HOUR - 120)
    assert len(days.networks.requests) == asked
    assert everything([days.store / "posts", days.store / "runs"]) == before


def test_a_throttled_post_is_asked_again_after_an_hour_and_its_captured_state_counts(days: Days) -> None:
    assert days.states(3) == ["pending"]
    days.networks.set_state("x", x_number(3), "visible")
    days.networks.set_state("x", x_number(3), "visible", "x.oembed")
    assert b"due: 1 to try again" in days.follow(HOUR + 60)
    assert days.states(3) == ["pending", "captured"]
    assert [days.states(number) for number in (1, 2, 4)] == [["captured"]] * 3
    new = [post for post in stored(days.store, "posts") if post["native_id"] == x_number(3)][-1]
    assert [attempt["outcome"] for attempt in new["attempts"]].count("throttled") > 0  # the whole story of the post
    resolution = days.newest()[2]
    assert (resolution.status, resolution.verdict) == ("embedded", "verbatim")
    assert b"no cited post of archive is due" in days.follow(HOUR + 120)


def test_retries_end_after_the_fourth_and_the_post_is_unavailable(days: Days) -> None:
    later = 0.0
    for wait in (HOUR, 6 * HOUR, DAY, 7 * DAY):
        later += wait + 60
        for number in (1, 2, 4):
            assert days.states(number)
        assert b"1 to try again" in days.follow(later)
    assert days.states(3) == ["pending"] * 4 + ["unavailable"]
    assert b"to try again" not in days.follow(later + 30 * DAY)


def test_a_post_that_goes_is_deleted_and_what_it_said_stays(days: Days) -> None:
    days.networks.set_state("x", x_number(2), "deleted")
    days.follow(DAY + 60)
    assert days.states(2) == ["captured", "deleted"]
    old, new = [post for post in stored(days.store, "posts") if post["native_id"] == x_number(2)]
    assert old["text"] == x_post(2).text
    assert new["capture"]["warc_record_id"] != old["capture"]["warc_record_id"]
    resolution = days.newest()[1]
    assert (resolution.status, resolution.verdict) == ("embedded", "verbatim")
    assert {attempt.outcome for attempt in resolution.attempts} >= {"deleted", "not_found"}
    shown = days.shown()
    assert "; deleted" in shown
    assert f"“{x_post(2).text}”" in shown
    assert old["capture"]["warc_filename"] in shown
    assert b"2 to look at again" in days.follow(31 * DAY)  # the post that is gone is not asked for any more
    assert days.states(2) == ["captured", "deleted"]


def test_a_captured_post_that_two_servers_no_longer_know_is_deleted_and_not_merely_not_found(tmp_path: Path) -> None:
    with FakePlatforms(posts=[x_post(1)]) as networks, Server({"/story": ok(story(linked(x_link(1))))}) as server:
        configure(tmp_path, networks)
        days = Days(tmp_path, networks, f"{server.base}/story")
        days.command("capture", days.url)
        networks.set_state("x", x_number(1), "not-found")
        days.follow(DAY + 60)
        assert days.states(1) == ["captured", "deleted"]
        assert stored(days.store, "posts")[-1]["text"] is None


def test_one_tombstone_is_no_deletion_and_a_failing_network_is_none_either(days: Days) -> None:
    days.networks.set_state("x", x_number(1), "false-tombstone")
    days.networks.set_state("x", x_number(2), "broken")
    days.follow(DAY + 60)
    assert days.states(1) == ["captured", "captured_partial"]
    assert days.states(2) == ["captured", "pending"]
    assert [resolution.verdict for resolution in days.newest()][:2] == ["verbatim", "verbatim"]


def test_an_edit_is_a_new_state_and_the_verdict_remembers_what_was_printed(days: Days) -> None:
    words = "Quite other words by now, says the harbour master, who never owned a dog"
    days.networks.put(x_post(4, text=words))
    days.follow(DAY + 60)
    texts = [post["text"] for post in stored(days.store, "posts") if post["native_id"] == x_number(4)]
    assert texts == [x_post(4).text, words]
    assert days.newest()[3].verdict == "verbatim"
    shown = days.shown()
    assert f"“{words}”" in shown
    assert "read otherwise" in shown
    days.follow(DAY + 120, "--all")  # by now the edit is what was seen before
    kept = days.newest()[3]
    assert kept.verdict == "verbatim" and kept.match and kept.match.kind == "verbatim"
    assert f"“{x_post(4).text}”" in days.shown()
    posts_come_again(days.store, days.folder)


def test_re_checks_come_after_a_day_and_after_thirty_and_then_no_more(days: Days) -> None:
    assert b"3 to look at again" in days.follow(DAY + 60)
    assert b"to look at again" not in days.follow(20 * DAY)
    assert b"3 to look at again" in days.follow(30 * DAY + 120)
    assert b"to look at again" not in days.follow(400 * DAY)


def test_all_asks_for_every_post_whether_due_or_not(days: Days) -> None:
    assert b"due: 1 to try again, 3 to look at again" in days.follow(60, "--all")
    assert [len(days.states(number)) for number in (1, 2, 3, 4)] == [2, 2, 2, 2]


def test_posts_that_a_crawl_did_not_ask_for_are_asked_for(tmp_path: Path) -> None:
    page = story(embed(1, x_post(1).text), linked(x_link(2)))
    with FakePlatforms(posts=[x_post(1), x_post(2)]) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks, posts={"follow": False})
        days = Days(tmp_path, networks, f"{server.base}/story")
        days.command("capture", days.url)
        assert not networks.requests
        assert days.command("follow").returncode == 2
        configure(tmp_path, networks)
        assert b"due: 2 never asked for" in days.follow(0)
        assert (days.states(1), days.states(2)) == (["captured"], ["captured"])
        assert [resolution.status for resolution in days.newest()] == ["embedded", "linked"]


def test_everything_a_follow_run_wrote_comes_out_of_its_warcs_again(days: Days, tmp_path: Path) -> None:
    days.networks.set_state("x", x_number(2), "deleted")
    days.networks.put(x_post(4, text="Other words by now"))
    days.follow(DAY + 60)
    assert days.command("check").returncode == 0
    known = record_ids(days.store)
    for document in (*stored(days.store, "posts"), *stored(days.store, "resolutions")):
        assert {attempt["warc_record_id"] for attempt in document["attempts"]} - {None} <= known
    posts_come_again(days.store, tmp_path)


def test_a_killed_follow_run_is_published_whole(days: Days) -> None:
    days.networks.set_state("x", x_number(1), "slow")
    days.networks.slow_seconds = 30
    asked = len(days.networks.asked("x.syndication"))
    process = start("follow", cwd=days.folder, later=DAY + 60)
    ends = time.monotonic() + 20
    while len(days.networks.asked("x.syndication")) < asked + 3 and time.monotonic() < ends:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = days.command("publish", later=DAY + 120)
    assert run.returncode == 0, run.stderr.decode()
    assert len(manifests(days.store)) == 2
    assert days.command("check").returncode == 0
    assert [resolution.verdict for resolution in days.newest()][:2] == ["verbatim", "verbatim"]


def test_follow_says_nothing_is_due_as_json_too(days: Days) -> None:
    run = days.command("follow", "--json")
    assert (run.returncode, json.loads(run.stdout)) == (0, {})


def test_what_is_not_due_is_not_read(tmp_path: Path) -> None:
    pages = {f"/story{number}": ok(story(embed(number, x_post(number).text))) for number in (1, 2)}
    with FakePlatforms(posts=[x_post(1), x_post(2)]) as networks, Server(pages) as server:
        configure(tmp_path, networks)
        days = Days(tmp_path, networks, f"{server.base}/story1")
        days.command("capture", days.url)
        (first,) = days.store.glob("runs/*/*/manifest.json")
        days.command("capture", f"{server.base}/story2", later=DAY / 2)
        assert b"no cited post" in days.follow(DAY / 2 + 60)  # both runs are known from now on
        (second,) = set(days.store.glob("runs/*/*/manifest.json")) - {first}
        for file in json.loads(second.read_text(encoding="utf-8"))["files"]:
            if file["key"].endswith(".jsonl.gz"):
                (days.store / file["key"]).write_bytes(b"damaged")
        assert b"due: 1 to look at again" in days.follow(DAY + 60)
        assert b"no cited post" in days.follow(DAY + 120)  # its own run is learnt from the change sequence
        first.write_bytes(b"damaged")
        assert b"no cited post" in days.follow(DAY + 180)
        assert days.command("follow", later=2 * DAY).returncode == 1
