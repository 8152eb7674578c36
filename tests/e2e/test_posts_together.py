"""What a run's sources share of asking for posts: one post is asked for once, who refuses one refuses all, and paces are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.demo.platforms.posts import x_id
from archiver.models.resolution import Resolution
from tests.e2e.kit import Server, archiver, archiver_at, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, linked, story, x_link, x_post


def sources(folder: Path, base: str, *names: str) -> None:
    """A source file each, whose front page lists its one story."""
    for name in names:
        text = f'name = "{name}"\nhomepage = "{base}/{name}/"\nlanguage = "en"\ncountry = "gb"\nevery = "30m"\n'
        text += f'[[discover]]\nkind = "feed"\nurl = "{base}/{name}.xml"\n'
        (folder / "sources" / f"{name}.toml").write_text(text)


def served(server: Server, stories: dict[str, str]) -> None:
    for name, page in stories.items():
        link = f"{server.base}/{name}/story"
        feed = f"<rss version='2.0'><channel><title>x</title><item><title>t</title><link>{link}</link></item></channel></rss>"
        server.answers |= {f"/{name}.xml": ok(feed, kind="application/rss+xml"), f"/{name}/story": ok(page)}


def test_two_sources_of_a_run_are_one_crawl_to_a_network(tmp_path: Path) -> None:
    shared = x_post(1)
    walled = [
        FakePost("linkedin", f"urn:li:activity:729{n:016d}", f"firm{n}", f"Firm {n}", "Words", WHEN, state="status-999")
        for n in range(12)
    ]
    at = [f"https://www.linkedin.com/feed/update/{post.native_id}/" for post in walled]
    with FakePlatforms(posts=[shared, *walled]) as networks, Server() as server:
        configure(tmp_path, networks)
        sources(tmp_path, server.base, "first", "second")
        both = linked(x_link(1))
        served(
            server,
            {
                "first": story(both, *map(linked, at[:6]), title="The first story"),
                "second": story(both, *map(linked, at[6:]), title="The second story"),
            },
        )
        run = archiver("crawl", "--all", cwd=tmp_path)
        of_the_post = networks.asked("x.syndication")
        refused = networks.asked("linkedin")
    archive = Archive(tmp_path / "archive")
    assert len(list(archive.articles())) == 2, run.stderr.decode()
    assert len(of_the_post) == 1, "whoever cites it second need not ask"
    assert 1 <= len(refused) <= 2, "the first 999 is the last word, but for one that was under way"
    led = [one.article_id for one in archive.resolutions() if one.post_id and one.post_id.endswith(shared.native_id)]
    assert len(set(led)) == 2, "both articles are led to it"


def test_a_pace_holds_between_the_requests_to_a_server_that_no_table_names(tmp_path: Path) -> None:
    host = "social.example"
    posts = [
        FakePost("mastodon", f"{host}/11333000000000000{n}", f"user{n}", f"User {n}", f"Words {n}", WHEN, host=host)
        for n in range(4)
    ]
    links = [f"https://{host}/@{post.username}/{post.native_id.rpartition('/')[2]}" for post in posts]
    with FakePlatforms(posts=posts) as networks, Server({"/story": ok(story(*map(linked, links)))}) as server:
        configure(tmp_path, networks, posts={"pace_factor": 0.15, "mastodon_hosts": [host]}, per_host=8)
        run = archiver("capture", f"{server.base}/story", cwd=tmp_path)
    archive = Archive(tmp_path / "archive")
    found = list(archive.posts("mastodon"))
    assert [post.status for post in found] == ["captured"] * 4, run.stderr.decode()
    starts = sorted(post.capture.fetch_time for post in found if post.capture)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    assert min(gaps) >= 0.29, "two seconds, less what the configuration takes off"


def quoting(*words: str, title: str = "A story that quotes") -> str:
    """A story that quotes posts of one author without a link."""
    said = "<p>“{}” Harbour Post (@harbourpost) posted on X on Friday morning, berth {}.</p>"
    date = f'<meta property="article:published_time" content="{WHEN:%Y-%m-%dT%H:%M:%SZ}"></head>'
    quoted = (said.format(f"{text.capitalize()},", n) for n, text in enumerate(words))
    return story(*quoted, title=title).replace("</head>", date)


def test_a_list_of_an_authors_posts_is_asked_for_once_for_all_quotations(tmp_path: Path) -> None:
    """Each of the two is looked for in the same list; the first answer serves both, and the WARC says so."""
    words = (
        "the night ferry will not sail again before the pier is mended",
        "nobody has seen the harbour master's dog",
    )
    posts = [
        FakePost("x", x_id(WHEN, n), "harbourpost", "Harbour Post", text.capitalize(), WHEN)
        for n, text in enumerate(words)
    ]
    page = quoting(*words)
    with FakePlatforms(posts=posts) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks)
        run = archiver("capture", f"{server.base}/story", cwd=tmp_path)
        lists = networks.asked("x.timeline")
    archive = Archive(tmp_path / "archive")
    (article,) = archive.articles()
    known = [(resolution, post) for _, resolution, post in archive.citations(article)]
    assert [(r.verdict, p.native_id) for r, p in known if r and p] == [
        ("verbatim", post.native_id) for post in posts
    ], run.stderr.decode()
    assert len(lists) == 1
    shared = [{a.warc_record_id for a in r.attempts if a.method == "timeline"} for r, _ in known if r]
    assert shared[0] == shared[1] != {None}
    posts_come_again(tmp_path / "archive", tmp_path)
    assert archiver("check", "--full", cwd=tmp_path).returncode == 0


def test_a_list_of_an_authors_posts_is_asked_for_once_a_day_whatever_the_runs(tmp_path: Path) -> None:
    """What a later run wants of it waits for the next day, and is asked then without being told to."""
    first, second = (
        "the night ferry will not sail again before the pier is mended",
        "nobody has seen the dog of the harbour",
    )
    start = datetime.now(UTC)
    pages = {"/one": ok(quoting(first)), "/two": ok(quoting(second, title="Another story that quotes"))}
    with FakePlatforms(posts=[x_post(1)]) as networks, Server(pages) as server:
        configure(tmp_path, networks)
        assert archiver_at(start, "capture", f"{server.base}/one", cwd=tmp_path).returncode == 0
        assert len(networks.asked("x.timeline")) == 1
        later = archiver_at(start + timedelta(hours=1), "capture", f"{server.base}/two", cwd=tmp_path)
        assert later.returncode == 0, later.stderr.decode()
        assert len(networks.asked("x.timeline")) == 1
        early = archiver_at(start + timedelta(hours=20), "follow", cwd=tmp_path)
        assert len(networks.asked("x.timeline")) == 1, early.stderr.decode()
        found = resolutions_of(tmp_path, f"{server.base}/two")
        waits = [a for a in found[-1].attempts if a.method == "timeline"]
        assert [(a.outcome, a.http_status) for a in waits] == [("throttled", None)]
        assert waits[0].reason_text and "it is asked once a day" in waits[0].reason_text
        slack = 120  # the runs took seconds of their own before they asked
        assert waits[0].retry_after and abs(waits[0].retry_after - 23 * 3600) < slack
        networks.put(FakePost("x", x_id(WHEN, 7), "harbourpost", "Harbour Post", second.capitalize(), WHEN))
        due = archiver_at(start + timedelta(hours=25), "follow", cwd=tmp_path)
        assert len(networks.asked("x.timeline")) == 2, due.stderr.decode()
    assert (resolutions_of(tmp_path, f"{server.base}/two")[-1].verdict) == "verbatim"
    posts_come_again(tmp_path / "archive", tmp_path)


def resolutions_of(folder: Path, url: str) -> list[Resolution]:
    """What was concluded about the only citation of an article, oldest first."""
    archive = Archive(folder / "archive")
    article = archive.article(url)
    assert article
    return [one for one in archive.resolutions() if one.article_id == article.id]
