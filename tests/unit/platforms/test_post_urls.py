"""Which URLs are posts, under which key, and what ids say about time: lists of what to accept and what to reject."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archiver import platforms

ACCEPTED = [
    ("//x.com/i/status/20", "x", "20", None),
    ("https://x.com/i/web/status/20", "x", "20", None),
    ("https://twitter.com/#!/jack/statuses/20", "x", "20", "jack"),
    ("https://mobile.twitter.com/jack/status/20?s=20&t=abc", "x", "20", "jack"),
    ("https://x.com/jack/status/20/photo/1", "x", "20", "jack"),
    ("https://x.com/jack/status/20/video/2", "x", "20", "jack"),
    ("HTTPS://TWITTER.COM/JACK/STATUS/20", "x", "20", "JACK"),
    ("https://nitter.example.net/jack/status/20#m", "x", "20", "jack"),
    ("https://fxtwitter.com/jack/status/20", "x", "20", "jack"),
    ("https://platform.twitter.com/embed/Tweet.html?dnt=false&amp;id=20", "x", "20", None),
    ("https://platform.x.com/embed/index.html?tweetId=20", "x", "20", None),
    ("https://bsky.app/profile/Sara.Example.com/post/3mvy53yvvvr2r", "bluesky", "sara.example.com/3mvy53yvvvr2r", "Sara.Example.com"),
    ("at://did:plc:abc/app.bsky.feed.post/3mvy53yvvvr2r", "bluesky", "did:plc:abc/3mvy53yvvvr2r", None),
    ("https://mastodon.social/@sara/109598702184774628", "mastodon", "mastodon.social/109598702184774628", "sara"),
    ("https://mastodon.social/users/sara/statuses/109598702184774628", "mastodon", "mastodon.social/109598702184774628", "sara"),
    ("https://news.example/deck/@sara/109598702184774628/embed", "mastodon", "news.example/109598702184774628", "sara"),
    ("https://truthsocial.com/@sara/posts/116431297579272777", "truthsocial", "116431297579272777", "sara"),
    ("https://truthsocial.com/users/sara/statuses/116431297579272777", "truthsocial", "116431297579272777", "sara"),
    ("https://t.me/s/ValleyNews/412?single", "telegram", "valleynews/412", "ValleyNews"),
    ("https://valleynews.t.me/412", "telegram", "valleynews/412", "valleynews"),
    ("https://telegram.me/ValleyNews/7/412?comment=9", "telegram", "valleynews/412", "ValleyNews"),
    ("https://www.youtube.com/watch?v=9nPlMXUhcm8&t=42s", "youtube", "9nPlMXUhcm8", None),
    ("https://youtu.be/9nPlMXUhcm8", "youtube", "9nPlMXUhcm8", None),
    ("https://m.youtube.com/shorts/9nPlMXUhcm8", "youtube", "9nPlMXUhcm8", None),
    ("https://www.tiktok.com/@sara/photo/6718335390845095173", "tiktok", "6718335390845095173", "sara"),
    ("https://m.tiktok.com/v/6718335390845095173.html", "tiktok", "6718335390845095173", None),
    ("https://vm.tiktok.com/ZMabc123/", "tiktok", None, None),
    ("https://www.instagram.com/sara/reel/CZHDYGVNlEd/?igsh=x", "instagram", "CZHDYGVNlEd", "sara"),
    ("https://instagr.am/p/CZHDYGVNlEd", "instagram", "CZHDYGVNlEd", None),
    ("https://www.threads.net/t/C7abcDEfgh1", "threads", "C7abcDEfgh1", None),
    ("https://www.facebook.com/valley/posts/pfbid02abcXYZ", "facebook", "pfbid02abcXYZ", "valley"),
    ("https://m.facebook.com/story.php?story_fbid=10155012345&id=77", "facebook", "10155012345", None),
    ("https://www.facebook.com/photo/?fbid=10155012345&set=a.1", "facebook", "10155012345", None),
    ("https://www.facebook.com/watch/?v=10155012345", "facebook", "10155012345", None),
    ("https://www.facebook.com/groups/valley/permalink/10155012345/", "facebook", "10155012345", None),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.facebook.com%2Fvalley%2Fvideos%2F10155012345", "facebook", "10155012345", "valley"),
    ("https://www.facebook.com/share/p/AbC123dEf/", "facebook", None, None),
    ("https://fb.watch/aBc12_-d/", "facebook", None, None),
    ("https://old.reddit.com/r/valley/comments/1abcde/road/", "reddit", "t3_1abcde", None),
    ("https://www.reddit.com/r/valley/comments/1abcde/road/kx9z12/", "reddit", "t1_kx9z12", None),
    ("https://redd.it/1abcde", "reddit", "t3_1abcde", None),
    ("https://www.reddit.com/r/valley/s/AbC123dEf4", "reddit", None, None),
    ("https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A7123456789012345678", "linkedin", "urn:li:activity:7123456789012345678", None),
    ("https://www.linkedin.com/posts/sara-h_road-ugcPost-7123456789012345678-aBcD", "linkedin", "urn:li:ugcPost:7123456789012345678", "sara-h"),
]  # fmt: skip

REJECTED = [
    "https://notx.com/jack/status/20", "https://spacex.com/jack/status/20", "https://x.com.evil.org/jack/status/20",
    "https://x.com/intent/post?url=https://x.com/jack/status/20", "https://x.com/share?text=1", "https://x.com/jack/article/20",
    "https://x.com/jack/status/12345678901234567890", "https://x.com/search?q=status/20", "https://x.com/jack/status/",
    "https://x.com/jack", "https://x.com:8443/jack/status/20", "https://user:pass@x.com/jack/status/20", "javascript:alert(1)",
    "https://t.me/c/123456/7", "https://t.me/+abcdef", "https://t.me/joinchat/abcdef", "https://t.me/share/url?url=x", "https://t.me/valleynews",
    "https://www.youtube.com/embed/videoseries?list=PL1", "https://www.youtube.com/embed/live_stream?channel=UC1", "https://www.youtube.com/@valley",
    "https://www.facebook.com/valley", "https://www.facebook.com/sharer.php?u=x", "https://www.instagram.com/stories/sara/123456789/",
    "https://www.instagram.com/sara/", "https://i.redd.it/abcdef.jpg", "https://v.redd.it/abcdef", "https://www.reddit.com/r/valley/",
    "https://www.linkedin.com/in/sara", "https://www.linkedin.com/company/valley/posts/", "https://www.threads.net/@sara",
    "https://bsky.app/profile/sara.example.com", "https://medium.com/@sara/a-story-1234567890", "https://news.example/2026/11/24/road", "", "//", "https://",
]  # fmt: skip


@pytest.mark.parametrize(("url", "platform", "native_id", "username"), ACCEPTED)
def test_every_form_of_a_posts_url_gives_its_key(
    url: str, platform: str, native_id: str | None, username: str | None
) -> None:
    found = platforms.match(url)
    assert found is not None
    assert (found.platform, found.native_id, found.username) == (platform, native_id, username)


@pytest.mark.parametrize("url", REJECTED)
def test_what_is_no_post_matches_nothing(url: str) -> None:
    assert platforms.match(url) is None


def test_canonical_urls_carry_no_tracking_and_match_themselves() -> None:
    for url, platform, native_id, _ in ACCEPTED:
        found = platforms.match(url)
        assert found is not None
        again = platforms.match(found.canonical_url)
        assert again is not None, found.canonical_url
        assert (again.platform, again.native_id) == (platform, native_id)


def test_short_forms_say_that_they_need_a_redirect() -> None:
    for url in (
        "https://vm.tiktok.com/ZMabc123/",
        "https://fb.watch/aBc12_-d/",
        "https://www.reddit.com/r/valley/s/AbC123dEf4",
    ):
        found = platforms.match(url)
        assert found is not None and found.native_id is None and found.extra["needs"] == "redirect"
    link = platforms.short_link("http://t.co/AbCdE12345?amp=1")
    assert link and (link.platform, link.native_id, link.canonical_url) == ("x", None, "https://t.co/AbCdE12345")
    assert platforms.short_link("https://x.com/jack") is None


def test_a_remote_view_names_the_other_server_and_a_video_its_start() -> None:
    remote = platforms.match("https://mastodon.social/@sara@other.example/109598702184774628")
    video = platforms.match("https://youtu.be/9nPlMXUhcm8?t=1h2m3s")
    assert remote is not None and remote.extra["remote"] == "other.example"
    assert video is not None and video.extra["start"] == "3723"


TIMES = [
    ("x", "1697322795510759929", datetime(2023, 8, 31, 18, 57, 43, 839000, UTC)),
    ("mastodon", "mastodon.social/109598702184774628", datetime(2022, 12, 29, 19, 51, 18, 161000, UTC)),
    ("truthsocial", "109598702184774628", datetime(2022, 12, 29, 19, 51, 18, 161000, UTC)),
    ("bluesky", "did:plc:abc/3mvy53yvvvr2r", datetime(2026, 9, 20, 21, 24, 57, 693000, UTC)),
    ("tiktok", "6718335390845095173", datetime(2019, 7, 27, 13, 32, 33, tzinfo=UTC)),
]


@pytest.mark.parametrize(("platform", "native_id", "moment"), TIMES)
def test_ids_tell_their_time(platform: str, native_id: str, moment: datetime) -> None:
    assert platforms.id_time(platform, native_id) == moment


def test_ids_without_time_tell_none() -> None:
    assert platforms.id_time("x", "20") is None
    assert platforms.id_time("telegram", "valleynews/412") is None
    assert platforms.id_time("bluesky", "did:plc:abc/not-a-tid") is None
    assert platforms.id_time("unknown", "1") is None


def test_brokers_and_redirectors_show_their_target() -> None:
    inner = "https://x.com/jack/status/20"
    assert (
        platforms.unwrap(
            "https://cdn.embedly.com/widgets/media.html?url=https%3A%2F%2Fx.com%2Fjack%2Fstatus%2F20&key=k"
        )
        == inner
    )
    assert platforms.unwrap("https://news.example/media/oembed?url=https%3A//x.com/jack/status/20") == inner
    assert platforms.unwrap("https://news.example/?url=https://x.com/jack/status/20") is None
