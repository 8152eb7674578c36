"""The frontier on both databases: what is known, what is due, and that a call done twice is done once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from archiver.errors import ArchiverError, ConfigError
from archiver.frontier import Frontier, Mark, Original, Poll, RobotsCopy, Seen, SourceRun, Version, key_of
from archiver.frontier.schedule import next_pause, next_try, next_visit
from archiver.reasons import Reason
from tests.postgres import postgres, server_binaries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = "https://www.example.com/news/1"
FEED = "https://www.example.com/rss.xml"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/frontier.sqlite"
    if server_binaries() is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    server: str = request.getfixturevalue("server")
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return server


@pytest.fixture
def frontier(url: str) -> Iterator[Frontier]:
    with Frontier(url) as opened:
        yield opened


def seen(number: int, witness: str = FEED, kind: str = "feed") -> Seen:
    return Seen(f"https://www.example.com/news/{number}", kind, witness, "M", f"Title {number}", "yesterday")


def version(number: int = 1) -> Version:
    return Version(number, "sha256:" + f"{number:032x}", {"body": "d1", "embeds": ["a"]}, "ab" * 32)


def test_a_url_is_new_once_and_due_until_it_is_fetched(frontier: Frontier) -> None:
    offers = [seen(number) for number in range(1234)]
    assert frontier.see("example", offers, NOW) == 1234
    assert frontier.see("example", offers, NOW + HOUR) == 0
    assert frontier.count("example") == frontier.count() == 1234
    assert [known.url for known in frontier.due("example", NOW, limit=3)] == [offer.url for offer in offers[:3]]
    assert len(frontier.due("example", NOW)) == 1234
    assert frontier.due("another", NOW) == []
    frontier.mark([Mark(offer.url, "example", NOW) for offer in offers[:1000]])
    assert len(frontier.due("example", NOW)) == 234


def test_one_row_a_url_holds_every_witness(frontier: Frontier) -> None:
    frontier.see("example", [seen(1), seen(1)], NOW)
    frontier.see(
        "example", [Seen("http://example.com/news/1?utm_source=x", "listing", "https://www.example.com/", "L")], NOW
    )
    known = frontier.look([PAGE, "https://www.example.com/unknown"])
    assert list(known) == [PAGE]
    assert [(found["kind"], found["url"]) for found in known[PAGE].discovered] == [
        ("feed", FEED),
        ("listing", "https://www.example.com/"),
    ]
    assert known[PAGE].discovered[0]["claimed_title"] == "Title 1"
    assert known[PAGE].hops == "M"
    assert frontier.count() == 1


def test_articles_are_due_again_after_1_h_6_h_1_d_and_7_d_and_then_never(frontier: Frontier) -> None:
    frontier.see("example", [seen(1)], NOW)
    at = NOW
    for after in (HOUR, 6 * HOUR, 24 * HOUR, 168 * HOUR):
        frontier.mark([Mark(PAGE, "example", at, version=version())])
        assert frontier.due("example", NOW + after - timedelta(seconds=1)) == []
        assert [known.url for known in frontier.due("example", NOW + after)] == [PAGE]
        at = NOW + after
    frontier.mark([Mark(PAGE, "example", at)])
    assert frontier.due("example", NOW + 9999 * HOUR) == []
    assert frontier.look([PAGE])[PAGE].version == version()


def test_a_mark_done_twice_is_done_once(frontier: Frontier) -> None:
    frontier.see("example", [seen(1)], NOW)
    failure = Mark(PAGE, "example", NOW + HOUR, reason=Reason.HTTP_ERROR.value, status=500)
    assert frontier.mark([failure]) == 1
    before = frontier.look([PAGE])
    assert frontier.mark([failure]) == 0
    assert frontier.mark([Mark(PAGE, "example", NOW)]) == 0, "an older mark changes nothing"
    assert frontier.look([PAGE]) == before
    assert before[PAGE].tries == 1


def test_a_url_that_fails_for_good_is_given_up_and_a_passing_trouble_is_not(frontier: Frontier) -> None:
    frontier.see("example", [seen(1), seen(2)], NOW)
    at = NOW
    for _ in range(5):
        marks = [
            Mark(seen(1).url, "example", at, reason="http-error"),
            Mark(seen(2).url, "example", at, reason="timeout"),
        ]
        frontier.mark(marks)
        at += 200 * HOUR
    assert [known.url for known in frontier.due("example", at)] == [seen(2).url]


def test_a_url_that_nobody_offered_is_known_once_it_is_marked(frontier: Frontier) -> None:
    frontier.mark([Mark(PAGE, "example", NOW, version=version(2))])
    assert frontier.look([PAGE])[PAGE].version == version(2)


def test_a_page_asked_for_by_hand_is_the_first_sources_that_shows_it(frontier: Frontier) -> None:
    frontier.mark([Mark(PAGE, "page", NOW, version=version())])
    frontier.see("example", [seen(1)], NOW)
    frontier.see("another", [seen(1)], NOW)
    known = frontier.look([PAGE])[PAGE]
    assert (known.source, known.version) == ("example", version())
    assert [found.url for found in frontier.due("example", NOW + HOUR)] == [PAGE]


def test_a_robots_txt_comes_back_as_it_was_and_the_newest_counts(frontier: Frontier) -> None:
    ids = [f"urn:uuid:12345678-1234-4234-8234-12345678900{digit}" for digit in (1, 2, 3)]
    first = RobotsCopy("https://www.example.com", NOW, ids[0], b"User-agent: *\nDisallow: /\x00\xff")
    none = RobotsCopy("https://www.example.com:8443", NOW, ids[1], None)
    newer = RobotsCopy(first.origin, NOW + HOUR, ids[2], b"")
    frontier.keep_robots([first, none])
    assert (frontier.robots(first.origin), frontier.robots(none.origin)) == (first, none)
    frontier.keep_robots([newer])
    frontier.keep_robots([first])
    assert frontier.robots(first.origin) == newer
    assert frontier.robots("https://example.org") is None


def test_a_frontier_of_version_one_is_brought_to_todays_shape(url: str) -> None:
    with Frontier(url) as made:
        made.see("example", [seen(1)], NOW)
        made.polled("example", Poll(FEED, "feed", NOW, entries=1, etag="x"), fresh=1, every=1800)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE robots"))
        connection.execute(text("DROP TABLE watch"))
        connection.execute(text("ALTER TABLE feed DROP COLUMN sha256"))
        connection.execute(text("ALTER TABLE feed DROP COLUMN answered"))
        connection.execute(text("UPDATE frontier_version SET version = 1"))
    engine.dispose()
    for _ in range(2):
        with Frontier(url) as opened:
            known = opened.feed("example", FEED)
            assert known and (known.etag, known.sha256) == ("x", None)
            assert opened.robots("https://www.example.com") is None
            assert opened.learnt_runs() == set()
            assert opened.count() == 1


def test_a_frontier_of_version_two_is_brought_to_todays_shape(url: str) -> None:
    copy = RobotsCopy("https://www.example.com", NOW, "urn:uuid:12345678-1234-4234-8234-123456789001", b"")
    with Frontier(url) as made:
        made.keep_robots([copy])
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE watch"))
        connection.execute(text("UPDATE frontier_version SET version = 2"))
    engine.dispose()
    with Frontier(url) as opened:
        assert opened.robots(copy.origin) == copy
        assert opened.watched_due(NOW) == set()


def test_a_url_that_leads_elsewhere_is_not_due_again(frontier: Frontier) -> None:
    frontier.mark([Mark(PAGE, "example", NOW, moved=True)])
    assert frontier.due("example", NOW + 9999 * HOUR) == []


def test_polls_keep_validators_and_slow_down_when_nothing_is_new(frontier: Frontier) -> None:
    assert frontier.feed("example", FEED) is None
    frontier.polled("example", Poll(FEED, "feed", NOW, entries=7, etag='"1"', last_modified="Mon"), fresh=7, every=1800)
    frontier.polled("example", Poll(FEED, "feed", NOW + HOUR), fresh=0, every=1800)
    known = frontier.feed("example", FEED)
    assert known
    assert (known.etag, known.last_modified, known.entries, known.polls, known.fresh) == ('"1"', "Mon", 7, 2, 1)
    assert known.pause == 2700
    assert not known.is_due(NOW + HOUR + timedelta(seconds=2400))
    assert known.is_due(NOW + HOUR + timedelta(seconds=2600))


def test_a_source_is_due_when_every_has_passed_give_or_take_a_twentieth(frontier: Frontier) -> None:
    assert frontier.source_due("example", 1800, NOW)
    frontier.ran("example", SourceRun("run1", NOW, {"documents": 3.0}))
    frontier.ran("example", SourceRun("run1", NOW, {"documents": 3.0}))
    assert not frontier.source_due("example", 1800, NOW + timedelta(minutes=28))
    assert frontier.source_due("example", 1800, NOW + timedelta(minutes=29, seconds=30))
    assert frontier.history("example") == [SourceRun("run1", NOW, {"documents": 3.0})]
    assert frontier.history("example", before="run1") == []


def test_history_is_bounded(frontier: Frontier) -> None:
    for number in range(70):
        frontier.ran("example", SourceRun(f"run{number:03}", NOW + number * HOUR, {}))
    assert [run.run for run in frontier.history("example")][:2] == ["run069", "run068"]
    assert len(frontier.history("example")) == 60


def test_a_source_is_one_machines_at_a_time(frontier: Frontier) -> None:
    assert frontier.claim("example", "here", NOW, 60)
    assert frontier.claim("example", "here", NOW, 60), "a killed run of ours is no obstacle"
    assert not frontier.claim("example", "there", NOW, 60)
    assert frontier.claim("example", "there", NOW + timedelta(seconds=61), 60)
    frontier.release(["example"], "there")
    assert frontier.claim("example", "here", NOW, 60)


def test_originals_come_back_to_the_last_digit(frontier: Frontier) -> None:
    when = NOW.replace(microsecond=123457)
    ids = [f"urn:uuid:12345678-1234-4234-8234-12345678900{digit}" for digit in (1, 2)]
    first, second = (Original(PAGE, "ab" * 32, when, "warc/a.warc.gz", 123, 456, record_id) for record_id in ids)
    frontier.keep_originals([first])
    frontier.keep_originals([second])
    assert frontier.original(PAGE) == second
    assert frontier.original(PAGE + "?page=2") is None


def test_a_frontier_of_a_newer_program_is_refused(url: str) -> None:
    Frontier(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE frontier_version SET version = 999"))
    engine.dispose()
    with pytest.raises(ArchiverError, match="use the newer program"):
        Frontier(url)


def test_opening_again_keeps_everything(url: str) -> None:
    with Frontier(url) as first:
        first.see("example", [seen(1)], NOW)
    with Frontier(url) as second:
        assert second.count("example") == 1


@pytest.mark.parametrize("address", ["mysql://host/x", "no address", "sqlite+nothing:///x"])
def test_an_address_of_no_such_database_is_a_configuration_error(address: str) -> None:
    with pytest.raises(ConfigError, match=r"frontier\.url"):
        Frontier(address)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "frontier.sqlite"
    path.write_bytes(b"something else entirely, and long enough to be looked at" * 100)
    with pytest.raises(ArchiverError, match=r"frontier\.sqlite cannot be opened"):
        Frontier(f"sqlite:///{path}")


# The rules, without a database


def test_a_late_run_skips_the_visits_that_it_missed() -> None:
    steps = (3600, 21600, 86400)
    assert next_visit(0, 0, steps) == 3600
    assert next_visit(0, 22000, steps) == 86400
    assert next_visit(0, 86400, steps) is None
    assert next_visit(0, 0, ()) is None


def test_failures_wait_longer_each_time() -> None:
    steps = (3600, 21600)
    assert next_try(1, 0, Reason.HTTP_ERROR, steps) == 3600
    assert next_try(2, 0, Reason.HTTP_ERROR, steps) == 21600
    assert next_try(3, 0, Reason.HTTP_ERROR, steps) is None
    assert next_try(9, 0, Reason.DNS_FAILED, steps) == 21600
    assert next_try(12, 0, Reason.DNS_FAILED, steps) is None


def test_polling_keeps_within_its_bounds() -> None:
    assert next_pause(None, 1800, 7200, True, 0) == 1800
    assert next_pause(1800, 1800, 7200, False, 0) == 2700
    assert next_pause(7000, 1800, 7200, False, 0) == 7200
    assert next_pause(7200, 1800, 7200, True, 0) == 3600
    assert next_pause(86400, 86400, 7200, False, 0) == 86400, "never more often than the source asks for"
    assert next_pause(1800, 1800, 7200, False, 10) == 7 * 86400
    assert next_pause(7 * 86400, 1800, 7200, True, 0) == 1800, "one answer, and a retired sitemap is back"


def test_http_https_www_and_tracking_parameters_make_no_new_url() -> None:
    spellings = (PAGE, "http://example.com/news/1", f"{PAGE}?utm_medium=feed", f"{PAGE}#top")
    assert len({key_of(spelling) for spelling in spellings}) == 1
    assert key_of(f"{PAGE}?page=2") != key_of(PAGE)
