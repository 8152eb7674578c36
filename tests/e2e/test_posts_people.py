"""A name that no file, no page and Wikidata does not know, asked of the network itself where there is a token: who to ask, and no more."""

from __future__ import annotations

from pathlib import Path

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.demo.platforms.posts import x_id
from archiver.models.resolution import Resolution
from tests.e2e.kit import Server, archiver, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, story

WORDS = (
    "the last lamp on the pier was lit by a fisherman who never told anybody his name",
    "two boats left before dawn and both came back without a single fish",
)
TWINS = [
    FakePost("x", x_id(WHEN, 20 + n), f"twin_{n}", "Omar Sayeed", f"Words of twin number {n}", WHEN, user_id=f"77{n}")
    for n in range(2)
]
DATE = f'<meta property="article:published_time" content="{WHEN:%Y-%m-%dT%H:%M:%SZ}"></head>'


def concluded(folder: Path, posts: list[FakePost], quoted: str, *, token: bool = True) -> tuple[Resolution, list[str]]:
    """What became of a story's only quotation, and the questions to the paid API."""
    page = story(quoted).replace("</head>", DATE)
    more = {"POSTS_X_BEARER": "demo-bearer"} if token else {}
    with FakePlatforms(posts=posts) as networks, Server({"/story": ok(page)}) as server:
        configure(folder, networks)
        run = archiver("capture", f"{server.base}/story", cwd=folder, **more)
        asked = [one.target for one in networks.asked("x.api")]
    assert run.returncode == 0, run.stderr.decode()
    (resolution,) = Archive(folder / "archive").resolutions()
    return resolution, asked


def said(text: str, name: str) -> str:
    return f"<p>“{text.capitalize()},” {name} posted on X on Friday morning.</p>"


def test_the_one_account_of_a_name_is_asked_and_never_believed_to_be_the_speakers(tmp_path: Path) -> None:
    post = FakePost("x", x_id(WHEN, 9), "lamplighter", "Rashid Karokhi", WORDS[0].capitalize(), WHEN, user_id="88001")
    resolution, asked = concluded(tmp_path, [post, *TWINS], said(WORDS[0], "Rashid Karokhi"))
    assert sum("/2/users/search" in target for target in asked) == 1
    assert [a.outcome for a in resolution.attempts if a.method == "api-users"] == ["ok"]
    assert [one.author for one in resolution.candidates] == ["lamplighter"]
    assert resolution.post_id is None and resolution.status == "unresolved"
    assert resolution.match is None or resolution.match.author_basis is None
    posts_come_again(tmp_path / "archive", tmp_path)


def test_a_name_that_two_accounts_have_is_nobodys(tmp_path: Path) -> None:
    resolution, asked = concluded(tmp_path, TWINS, said(WORDS[1], "Omar Sayeed"))
    assert sum("/2/users/search" in target for target in asked) == 1
    assert not any("/2/tweets/" in target for target in asked)
    assert (resolution.status, resolution.verdict) == ("unresolved", "not_checked")


def test_without_a_token_nobody_is_asked_and_the_resolution_says_so(tmp_path: Path) -> None:
    resolution, asked = concluded(tmp_path, TWINS, said(WORDS[1], "Rashid Karokhi"), token=False)
    assert asked == []
    assert [(a.outcome, a.reason_text) for a in resolution.attempts if a.method == "api-users"] == [
        ("not_attempted", "no_credentials")
    ]
