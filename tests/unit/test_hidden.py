"""What replay and packages leave out, by index line."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from archiver.models.tombstone import Tombstone
from archiver.replay import Hidden
from archiver.suppression import Suppressed
from archiver.urls import surt_key

AT = datetime(2026, 11, 24, tzinfo=UTC)


def stone(scope: str, target: str) -> Tombstone:
    values = {"id": f"{scope}:{target}", "scope": scope, "target": target, "reason": "a letter", "at": AT, "by": "desk"}
    return Tombstone.model_validate(values)


def line(url: str, **more: str) -> dict[str, str]:
    values = {"url": url, "key": surt_key(url), "status": "200", "mime": "text/html", "warc_record_id": "urn:uuid:1"}
    return {
        **values,
        "filename": "warc/a/dt=2026-11-24/a-20261124120000000-00000-20261124t120000zabcdef.warc.gz",
        **more,
    }


def test_a_bare_304_is_left_out_and_other_revisits_are_not() -> None:
    assert Hidden().why(line("http://a.com/", mime="warc/revisit", status="304")) == "not-modified"
    assert Hidden().why(line("http://a.com/", mime="warc/revisit")) is None


def test_what_was_taken_down_is_left_out_with_the_records_about_it() -> None:
    hidden = Hidden(Suppressed([stone("url", "https://a.com/x"), stone("host", "b.com")]))
    for url in (
        "http://www.a.com/x",
        "urn:pageinfo:https://a.com/x",
        "urn:article-page:https://a.com/x",
        "https://c.b.com/",
    ):
        assert hidden.why(line(url)) == "suppressed", url
    for url in ("http://a.com/xy", "urn:pageinfo:https://a.com/y", "https://notb.com/"):
        assert hidden.why(line(url)) is None, url


def test_a_run_is_left_out_by_the_name_of_its_file() -> None:
    hidden = Hidden(Suppressed([stone("run", "20261124t120000zabcdef")]))
    assert hidden.why(line("https://a.com/")) == "suppressed"
    assert hidden.why(line("https://a.com/", filename="warc/a/other.warc.gz")) is None


def test_a_networks_answer_about_a_post_goes_by_its_record_and_its_card_by_its_name() -> None:
    post = Suppressed([stone("post", "https://x.com/i/status/198682147644715827")])
    hidden = Hidden(post, records=frozenset({"urn:uuid:9"}), posts=("x:198682147644715827:",))
    answer = "https://cdn.syndication.twimg.com/tweet-result?id=198682147644715827"
    assert hidden.why(line(answer, warc_record_id="urn:uuid:9")) == "suppressed"
    assert hidden.why(line("urn:post-card:x:198682147644715827")) == "suppressed"
    assert hidden.why(line("urn:post-card:x:1986821476447158273")) is None, "a neighbour whose id begins alike"
    assert hidden.why(line("https://x.com/desk/status/198682147644715827")) == "suppressed"


def test_pages_that_say_noarchive_are_left_out_with_what_is_said_about_them() -> None:
    hidden = Hidden(restricted=frozenset({surt_key("https://a.com/x")}))
    for url in ("http://a.com/x", "urn:pageinfo:https://a.com/x"):
        assert hidden.why(line(url)) == "archiving-restricted"
    assert hidden.why(line("https://a.com/x/y")) is None


def test_an_answer_whose_header_says_noarchive_is_left_out() -> None:
    assert Hidden().why(line("https://a.com/x.pdf", robotflags="A")) == "archiving-restricted"
    assert Hidden().why(line("https://a.com/x.pdf", robotflags="I")) is None


def test_lines_that_cannot_be_read_are_counted() -> None:
    left: Counter[str] = Counter()
    assert list(Hidden().visible([b"no line\n"], left)) == [] and left == {"unreadable": 1}
