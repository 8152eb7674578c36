"""What cannot be meant under [posts] is a sentence before anything is fetched, and code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.cli.exits import Exit
from tests.e2e.kit import archiver, write_config

HEAD = '[archive]\nstore = "archive"\nsources = "sources"\n[posts]\n'


@pytest.mark.parametrize(
    ("posts", "sentence"),
    [
        ('platforms = ["twitter"]', "posts: platforms: 'twitter' is no network"),
        ('accounts = ["nope.toml"]', "nope.toml"),
        ('accounts = ["."]', "."),
        ('accounts = ["broken.toml"]', "broken.toml"),
        (
            'mastodon_hosts = ["https://mastodon.social/"]',
            "posts: mastodon_hosts: 'https://mastodon.social/' is no host name",
        ),
        ("pace_factor = inf", "pace_factor"),
        ('[posts.bases]\n"x.syndikation" = "http://127.0.0.1:1"', "posts: bases: 'x.syndikation' is no endpoint"),
        ('[posts.bases]\n"x.syndication" = "ftp://127.0.0.1"', "'ftp://127.0.0.1' is no http(s) URL"),
        ('[posts.bases]\n"x.syndication" = "not a url"', "'not a url' is no http(s) URL"),
    ],
)
def test_a_wrong_value_is_a_sentence_before_anything_is_fetched(tmp_path: Path, posts: str, sentence: str) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "broken.toml").write_text("[[account]\nname = 1")
    write_config(tmp_path, HEAD + posts + "\n")
    done = archiver("capture", "http://127.0.0.1:9/story", cwd=tmp_path)
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == Exit.USAGE, said
    assert sentence in said and "Traceback" not in said
    assert not (tmp_path / "archive" / "runs").exists()


@pytest.mark.parametrize("verb", [("crawl", "--all"), ("follow",)])
def test_every_verb_that_asks_networks_looks_first(tmp_path: Path, verb: tuple[str, ...]) -> None:
    (tmp_path / "sources").mkdir()
    write_config(tmp_path, HEAD + 'platforms = ["twitter"]\n')
    done = archiver(*verb, cwd=tmp_path)
    assert done.returncode == Exit.USAGE and b"'twitter' is no network" in done.stderr


@pytest.mark.parametrize("token", ["two words", "Bearer secret", "secret\r\nX-Evil: 1"])
def test_a_token_that_is_none_is_refused_and_not_repeated(tmp_path: Path, token: str) -> None:
    (tmp_path / "sources").mkdir()
    write_config(tmp_path, HEAD)
    done = archiver("capture", "http://127.0.0.1:9/story", cwd=tmp_path, POSTS_X_BEARER=token)
    said = " ".join(done.stderr.decode().split())
    assert done.returncode == Exit.USAGE and "POSTS_X_BEARER is no bearer token" in said
    assert "secret" not in said and "two words" not in said
