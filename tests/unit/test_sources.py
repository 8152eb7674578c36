"""Source files: what is read, and the sentence for everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.errors import ConfigError
from archiver.sources import Articles, read_source, read_sources

WHOLE = r"""
name     = "Example Times"
homepage = "https://www.example.com/"
language = "en"
country  = "gb"
every    = "30m"

[accounts]
x = "exampletimes"

[[discover]]
kind = "news-sitemap"
url  = "https://www.example.com/news.xml"

[articles]
allow = ['/news/\d{4}/']
deny  = ['/live/']

[politeness]
delay = "2s"

[extract]
prune_xpath = ["//aside[@class='newsletter']"]

[expect]
articles_min = 5
"""
LEAST = 'name = "E"\nhomepage = "https://example.com/"\n'


def write(tmp_path: Path, text: str | bytes, name: str = "example-times") -> Path:
    path = tmp_path / f"{name}.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problem(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        read_source(write(tmp_path, text))
    return str(caught.value).replace(str(tmp_path) + "/", "")


def test_a_whole_source_is_read(tmp_path: Path) -> None:
    source = read_source(write(tmp_path, WHOLE))
    assert (source.id, source.every, source.politeness.delay, source.expect.articles_min) == (
        "example-times",
        1800,
        2,
        5,
    )
    assert [(item.kind, item.url) for item in source.discover] == [("news-sitemap", "https://www.example.com/news.xml")]
    assert source.extract.prune_xpath == ["//aside[@class='newsletter']"]
    assert source.accounts == {"x": "exampletimes"}


def test_patterns_search_the_whole_url() -> None:
    articles = Articles(allow=[r"/news/\d{4}/"], deny=["/live/"])
    assert articles.wants("https://e.com/news/2026/a")
    assert not articles.wants("https://e.com/news/2026/live/a")
    assert not articles.wants("https://e.com/sport/2026/")
    assert Articles().wants("https://e.com/anything")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            LEAST + '[[discover]]\nkind = "rsss"\nurl = "https://example.com/f"\n',
            'example-times.toml: discover[0].kind: unknown "rsss"; did you mean "feed"?',
        ),
        (LEAST + '[[discover]]\nkind = "feed"\n', "example-times.toml: discover[0].url: is required and missing"),
        (LEAST + '[[discover]]\nkind = "feed"\nurl = "/feed"\n', 'discover[0].url: "/feed" is no http(s) URL'),
        (LEAST + '[[discover]]\nkind = "feed"\nurl = "ftp://example.com/f"\n', "is no http(s) URL"),
        (LEAST + '[[discover]]\nkind = "feed"\nlink = "x"\nurl = "https://e.com/"\n', 'unknown key "link"'),
        (LEAST + "[articles]\nallow = ['(']\n", 'articles.allow[0]: "(" is no regular expression'),
        (LEAST + "[articles]\nalow = ['a']\n", 'articles.alow: unknown key "alow"; did you mean "allow"?'),
        (LEAST + '[extract]\nprune_xpath = ["//a["]\n', 'extract.prune_xpath[0]: "//a[" is no XPath'),
        (LEAST + '[extract]\nprune_xpath = ["//x:a"]\n', "is no XPath"),
        (LEAST + '[extract]\nprune_xpath = ["nothing(//a)"]\n', "is no XPath"),
        (LEAST + '[extract]\nprune_xpath = ["count(//a)"]\n', "gives no elements"),
        (LEAST + 'every = "often"\n', "every: 'often' is no duration"),
        (LEAST + 'every = "0s"\n', "every: "),
        (LEAST + "every = 30\n", "every: 30 is no duration"),
        (LEAST + "[politeness]\ndelay = 2.5\n", "politeness.delay: 2.5 is no duration"),
        (LEAST + "[expect]\narticles_min = -1\n", "expect.articles_min: "),
        (LEAST + 'id = "x"\n', "id: the id is the file's name"),
        (LEAST + 'robots = "ignore"\n', 'unknown key "robots"'),
        ('homepage = "https://example.com/"\n', "name: is required and missing"),
        ('name = ""\nhomepage = "https://example.com/"\n', "name: "),
        ("discover = 3\n" + LEAST, "discover: "),
        (b"\xff\xfe", "cannot be read"),
        (b"name = \x00", "not valid TOML"),
    ],
)
def test_a_wrong_source_names_file_place_and_next_move(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    found = problem(tmp_path, text)
    assert found.startswith("example-times.toml: ")
    assert sentence in found


@pytest.mark.parametrize("name", ["Example", "a b", "-a", "ä", "a" * 64, "a_b"])
def test_a_file_name_that_cannot_be_an_id_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="the file's name is the source's id"):
        read_source(write(tmp_path, LEAST, name))


@pytest.mark.parametrize("name", ["page", "posts", "example-x-developer", "example-meta-oembed"])
def test_the_crawlers_own_names_are_no_source_ids(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="taken by the crawler itself"):
        read_source(write(tmp_path, LEAST, name))


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path, LEAST, "a-good-one")
    write(tmp_path, "name = 3", "bad")
    write(tmp_path, LEAST, "good")
    (tmp_path / "notes.txt").write_text("not a source")
    sources, errors = read_sources(tmp_path)
    assert [source.id for source in sources] == ["a-good-one", "good"]
    assert [len(error.problems) for error in errors] == [2]


def test_a_source_cannot_weaken_what_the_operator_decides(tmp_path: Path) -> None:
    for key in ("user_agent", "contact", "obey_robots", "verify_certificates"):
        assert f'unknown key "{key}"' in problem(tmp_path, LEAST + f'{key} = "x"\n')
