"""Names of pages: what is a URL, what is the same page, and ids that never change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import urls
from archiver.urls import URL_MAX, absolute, canonical, document_id, host_of, registered_domain, same_site, surt_key


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("https://example.org/a", None, "https://example.org/a"),
        ("/b?q=1#part", "https://example.org/a/c", "https://example.org/b?q=1"),
        ("../d", "https://example.org/a/b/c", "https://example.org/a/d"),
        ("//cdn.example.org/x", "https://example.org/", "https://cdn.example.org/x"),
        (" https://example.org/a b\n", None, "https://example.org/a%20b"),
        ("https://exa\nmple.org/\ta", None, "https://example.org/a"),
        ("https://example.org/ä?ö=ü", None, "https://example.org/%C3%A4?%C3%B6=%C3%BC"),
        ("https://bücher.example/", None, "https://xn--bcher-kva.example/"),
        ("https://example.org/a%2Fb", None, "https://example.org/a%2Fb"),
        ("HTTP://EXAMPLE.org/", None, "http://EXAMPLE.org/"),
    ],
)
def test_usable_urls(text: str, base: str | None, expected: str) -> None:
    found = absolute(text, base)
    assert found is not None
    assert found.lower() == expected.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#top",
        "example.org/a",
        "ftp://example.org/",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@example.org",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://[::1",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:port/",
        "https://user:secret@example.org/",
        "https://example.org/" + "a" * URL_MAX,
    ],
)
def test_unusable_urls(text: str) -> None:
    assert absolute(text) is None


@given(st.text(max_size=80), st.sampled_from([None, "https://example.org/a/b"]))
def test_no_text_breaks_it_and_its_answer_is_stable(text: str, base: str | None) -> None:
    url = absolute(text, base)
    if url is not None:
        assert absolute(url) == url
        assert url.isascii()
        assert surt_key(url)
        canonical(url)


URLS = st.builds(
    "".join,
    st.lists(
        st.sampled_from(
            ["https://", "http://", "//", "/", "a", "news", ".example", ".com", ":8080", "?", "q=1", "&", "..", ".", "-", "%20", "#x", "A", "é", " ", "@"]
        ),
        max_size=9,
    ),
)  # fmt: skip


@given(URLS, st.sampled_from([None, "https://example.org/a/b", "http://example.org:81/a", "https://bücher.example/"]))
def test_the_short_way_for_plain_urls_ends_where_the_long_one_does(text: str, base: str | None) -> None:
    short = absolute(text, base)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "_ready", lambda *_: None)
        assert absolute(text, base) == short


def test_tracking_parameters_make_no_other_page() -> None:
    assert canonical("https://example.org/a?utm_source=rss&id=7#c") == canonical("https://example.org/a?id=7")


def test_the_key_ignores_scheme_www_and_order_of_parameters() -> None:
    keys = {
        surt_key(u)
        for u in ("http://www.example.org/a?b=1&a=2", "https://example.org/a?a=2&b=1", "https://EXAMPLE.org/a?b=1&a=2")
    }
    assert keys == {"org,example)/a?a=2&b=1"}
    assert surt_key("urn:pageinfo:https://example.org/a/?b=2&a=1") == "urn:pageinfo:https://example.org/a?a=1&b=2"


def test_document_ids_never_change() -> None:
    assert document_id("https://www.example.org/news/1") == document_id("http://example.org/news/1")
    assert document_id("https://example.org/news/1") == "urn:uuid:2c6eac2d-6b77-58d6-9a9d-df7707652a77"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("a.b.example.com", "example.com"),
        ("127.0.0.1", None),
        ("localhost", None),
        ("co.uk", None),
        ("", None),
    ],
)
def test_registered_domains(host: str, domain: str | None) -> None:
    assert registered_domain(host) == domain


def test_same_site() -> None:
    assert same_site("https://a.example.com/x", "http://b.example.com/")
    assert same_site("http://127.0.0.1:1/", "http://127.0.0.1:2/")
    assert not same_site("https://example.com/", "https://example.org/")
    assert not same_site("nonsense", "nonsense")


def test_hosts_of_nonsense() -> None:
    assert host_of("http://[::1") == ""
    assert host_of("https://EXAMPLE.org:8080/") == "example.org"
