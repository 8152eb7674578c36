"""Limits that hold for an article or for a run, however many posts are cited and however many spiders cite them."""

from __future__ import annotations

from pathlib import Path

from archiver.demo.platforms import FakePlatforms
from tests.e2e.kit import Server, archiver, ok
from tests.e2e.networks import configure, linked, stored, story, x_link, x_post

TOKEN = {"POSTS_X_BEARER": "demo-bearer"}


def test_the_posts_of_one_article_share_its_budget_and_another_article_has_its_own(tmp_path: Path) -> None:
    posts = [x_post(number) for number in range(1, 7)]
    pages = {
        "/four": ok(story(*(linked(x_link(number)) for number in range(1, 5)))),
        "/two": ok(story(*(linked(x_link(number)) for number in (5, 6)), title="Two more posts")),
    }
    with FakePlatforms(posts=posts) as networks, Server(pages) as server:
        configure(tmp_path, networks, posts={"x_bearer_use": "first", "x_budget_usd_per_article": 0.03})
        urls = [f"{server.base}{path}" for path in pages]
        run = archiver("capture", *urls, cwd=tmp_path, **TOKEN)
        assert run.returncode == 0, run.stderr.decode()
        asked = len(networks.asked("x.api"))
    found = stored(tmp_path / "archive", "posts")
    paid: dict[str, int] = {}
    for post in found:
        assert post["status"] == "captured"
        article = post["cited_by"][0]["article"]
        paid[article] = paid.get(article, 0) + (post["text_basis"] == "api")
    assert sorted(paid.values()) == [2, 2]  # 1.5 cents a post by its id
    assert asked == 4
