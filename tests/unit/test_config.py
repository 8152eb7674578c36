"""archiver.toml: strict, with sentences; the command line wins over the environment, which wins over the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.config import PLACEHOLDER_CONTACT, Config, load_config, require_contact
from archiver.errors import ConfigError
from archiver.platforms import PostRef
from archiver.platforms.chain import steps_of
from archiver.platforms.options import X_FEATURES
from archiver.settings import post_options, warc_info


def load(tmp_path: Path, text: str | bytes, **options: str) -> Config:
    path = tmp_path / "archiver.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(path, environ={}, **options)


def problem(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return str(caught.value).replace(str(tmp_path) + "/", "")


def test_without_a_file_the_defaults_are_polite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config(environ={})
    assert (config.crawl.delay, config.crawl.per_host, config.store) == (1.0, 1, "./archive")
    assert config.crawl.verify_certificates
    assert config.spool == Path("archive/.spool")
    assert config.user_agent.startswith("NewsArchiver/")


def test_a_file_in_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "archiver.toml").write_text('[archive]\nstore = "elsewhere"\n')
    assert load_config(environ={}).store == "elsewhere"


def test_command_line_wins_over_environment_over_file(tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").write_text('[archive]\nstore = "file"\nspool = "file-spool"\n')
    path, environ = tmp_path / "archiver.toml", {"ARCHIVER_STORE": "environment", "ARCHIVER_SPOOL": "its-spool"}
    assert load_config(path, environ={}).store == "file"
    assert load_config(path, environ=environ).store == "environment"
    assert load_config(path, environ=environ).spool == Path("its-spool")
    assert load_config(path, store="typed", environ=environ).store == "typed"


def test_durations_and_sizes_carry_units(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        '[crawl]\ndelay = "1500ms"\nmax_time = "1.5h"\nsize_max = "2MiB"\n[warc]\nroll_bytes = "1GB"\nroll_age = "30m"\n',
    )
    assert (config.crawl.delay, config.crawl.max_time, config.crawl.size_max) == (1.5, 5400.0, 2**21)
    assert (config.warc.roll_bytes, config.warc.roll_age) == (10**9, 1800.0)


@pytest.mark.parametrize(
    "value", ["1", "1.5", '"1"', '"soon"', '"-1s"', '"1 fortnight"', "true", '""', '"1s2s"', "[]", '"infs"']
)
def test_a_duration_without_unit_is_refused(tmp_path: Path, value: str) -> None:
    assert problem(tmp_path, f"[crawl]\ndelay = {value}\n").startswith("archiver.toml: crawl.delay: ")


@pytest.mark.parametrize("value", ["1000", '"1000"', '"1gb"', '"-1GB"', '"many"', "1e9"])
def test_a_size_without_unit_is_refused(tmp_path: Path, value: str) -> None:
    assert problem(tmp_path, f"[warc]\nroll_bytes = {value}\n").startswith("archiver.toml: warc.roll_bytes: ")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[crawl]\ntimeout = "0s"\n', "crawl.timeout"),
        ('[crawl]\nsize_max = "0B"\n', "crawl.size_max"),
        ('[crawl]\nmax_time = "0s"\n', "crawl.max_time"),
        ("[crawl]\nconcurrency = 0\n", "crawl.concurrency"),
        ('[extract]\npage_time = "0s"\n', "extract.page_time"),
        ('[extract]\npage_memory = "1MB"\n', "extract.page_memory"),
        ("[extract]\nworkers = 0\n", "extract.workers"),
        ('[warc]\nroll_age = "0s"\n', "warc.roll_age"),
    ],
)
def test_a_zero_that_would_mean_no_limit_is_refused(tmp_path: Path, text: str, place: str) -> None:
    assert problem(tmp_path, text).startswith(f"archiver.toml: {place}: ")


def test_a_visit_that_would_be_early_for_ever_is_refused(tmp_path: Path) -> None:
    said = problem(tmp_path, '[frontier]\nrevisit = ["1d", "1m"]\n')
    assert said.startswith("archiver.toml: frontier.revisit[1]: ") and "60" in said


def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    assert problem(tmp_path, "[crawl]\nconcurency = 3\n") == (
        'archiver.toml: crawl.concurency: unknown key "concurency"; did you mean "concurrency"?'
    )
    assert (
        "known here: archive, browser, crawl, cron, extract, frontier, network, posts, requisites, s3, warc"
        in problem(tmp_path, "[zzzzzz]\n")
    )


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '[crawl]\nname = "9 lives"\ncontact = "me"\n[network]\nallow = ["a", "10.0.0.0/8", "b"]\n')
    assert [text.split(": ")[1] for text in caught.value.problems] == [
        "crawl.name",
        "crawl.contact",
        "network.allow[0]",
        "network.allow[2]",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"\x00",
        b"a = ",
        b"a = " + b"[" * 5000,
        b"a = " + b"9" * 5000,
        b"[a]\n[a]\n",
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["not UTF-8", "NUL", "cut", "nested", "long number", "twice", "picture"],
)
def test_what_is_no_toml_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    assert problem(tmp_path, content).startswith("archiver.toml: ")


@pytest.mark.parametrize("table", ["archive", "crawl"])
def test_a_value_in_place_of_a_table_is_a_sentence(tmp_path: Path, table: str) -> None:
    (tmp_path / "archiver.toml").write_text(f"{table} = 3\n")
    with pytest.raises(ConfigError, match=f"{table}: must be a table"):
        load_config(tmp_path / "archiver.toml", store="x", environ={"ARCHIVER_CONTACT": "a@example.org"})


def test_a_folder_or_nothing_in_place_of_the_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "none.toml")


@pytest.mark.parametrize("contact", ["https://archive.localdomain/bot", "desk@archive.localdomain"])
def test_a_contact_is_an_address(tmp_path: Path, contact: str) -> None:
    config = load(tmp_path, f'[crawl]\ncontact = "{contact}"\n')
    require_contact(config)
    assert config.user_agent.endswith(f"(+{contact})")


@pytest.mark.parametrize("contact", ["", "me", "http://", "a@b", "https://a b", "x\\ny@example.org", "https://a/(b)"])
def test_what_is_no_contact_is_refused(tmp_path: Path, contact: str) -> None:
    assert "crawl.contact" in problem(tmp_path, f'[crawl]\ncontact = "{contact}"\n')


@pytest.mark.parametrize(
    "contact",
    ["https://example.com/x", "https://www.example.org/", "me@example.net", "https://your-library.example/crawler"],
)
def test_a_contact_at_which_nobody_can_be_reached_is_refused(tmp_path: Path, contact: str) -> None:
    with pytest.raises(ConfigError, match=f'sites can reach you, and "{contact}" is a name for examples'):
        require_contact(load(tmp_path, f'[crawl]\ncontact = "{contact}"\n'))


def test_the_placeholder_contact_is_refused_for_crawling() -> None:
    with pytest.raises(ConfigError, match="sites can reach you"):
        require_contact(Config())
    assert PLACEHOLDER_CONTACT in Config().user_agent


def test_the_features_for_xs_widgets_are_one_string_an_archive_and_every_warc_says_which(tmp_path: Path) -> None:
    def said(text: str) -> dict[str, str]:
        return dict(warc_info(load(tmp_path, text), "run", "example", "").extra)

    own = load(tmp_path, '[posts]\nx_features = "tfw_timeline_list:"')
    ref = PostRef("x", "20", "https://x.com/i/status/20")
    assert "features=tfw_timeline_list%3A&" in steps_of(ref, post_options(own, {}))[0].url
    assert said('[posts]\nx_features = "tfw_timeline_list:"') == {"arc-x-features": "tfw_timeline_list:"}
    assert said("") == {"arc-x-features": X_FEATURES}
    assert said("[posts]\nx_keyless = false") == said("[posts]\nfollow = false") == {}
