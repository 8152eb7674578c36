"""What a page needs to look as it did: every candidate in order, each once, within bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archiver.page import parse_page
from archiver.requisites import REQUISITES_MAX, css_requisites, find_frames, find_requisites
from tests.unit.making import capture

URL = "https://example.org/news/1"


def found(html: str) -> list[str]:
    made = parse_page(capture(f"<html><body><p>x</p>{html}</body></html>".encode(), url=URL))
    return [url.removeprefix("https://example.org/") for url in find_requisites(made)]


def test_every_candidate_of_an_image() -> None:
    html = '<picture><source srcset="/a.webp 1x, /b.webp 2x"><img src="/c.jpg" srcset="/d.jpg 480w,/e.jpg 800w" data-src="/f.jpg"></picture>'
    assert sorted(found(html)) == ["a.webp", "b.webp", "c.jpg", "d.jpg", "e.jpg", "f.jpg"]


def test_urls_with_commas_in_a_srcset() -> None:
    assert found('<img srcset="/w_100,h_50/a.jpg 1x, /w_200,h_100/a.jpg 2x">') == [
        "w_100,h_50/a.jpg",
        "w_200,h_100/a.jpg",
    ]


def test_scripts_styles_icons_media_and_objects() -> None:
    html = """<link rel="stylesheet" href="/s.css"><link rel="shortcut icon" href="/i.ico"><link rel="canonical" href="/no">
    <script src="/j.js"></script><script>var no = "/no.js"</script><video poster="/p.jpg" src="/v.mp4"><track src="/t.vtt"></video>
    <audio src="/a.mp3"></audio><object data="/o.svg"></object><embed src="/e.swf"><a href="/no">no</a><iframe src="/no"></iframe>"""
    assert sorted(found(html)) == sorted(
        ["s.css", "i.ico", "j.js", "p.jpg", "v.mp4", "t.vtt", "a.mp3", "o.svg", "e.swf"]
    )


def test_what_is_not_drawn_by_markup_alone() -> None:
    html = """<noscript><img class=x src="/lazy.jpg"></noscript><div style="background: url('/bg.png')"></div>
    <style>@import "/more.css"; b { background: url( /q.png ) }</style>"""
    assert sorted(found(html)) == ["bg.png", "lazy.jpg", "more.css", "q.png"]
    made = capture(b'<html><head><meta property="og:image" content="/og.jpg"></head><p>x', url=URL)
    assert find_requisites(parse_page(made)) == ["https://example.org/og.jpg"]


def test_lazy_pictures_in_attributes_that_only_scripts_read() -> None:
    html = """<div data-bg="/hero.jpg"></div><img data-hires="/big.png?w=9" data-alt="a.png"><figure data-full-image="/f.webp"></figure>
    <div data-image="not an address.jpg" data-src-id="77"></div><source data-lazy-srcset="/1.jpg 1x, /2.jpg 2x">"""
    assert sorted(found(html)) == ["1.jpg", "2.jpg", "big.png?w=9", "f.webp", "hero.jpg"]


def test_pictures_of_json_ld_and_of_every_kind_of_meta() -> None:
    made = capture(
        b"""<html><head><meta property="og:image:secure_url" content="/og.jpg"><meta itemprop="image" content="/no.jpg">
        <meta name="twitter:image:src" content="/tw.jpg"><noscript><link rel="stylesheet" href="/no-js.css"></noscript>
        <script type="application/ld+json">{"@type": "NewsArticle", "url": "/no", "author": {"url": "/no"},
        "image": [{"@type": "ImageObject", "url": "/a.jpg"}, "/b.jpg"], "thumbnailUrl": "/t.jpg",
        "publisher": {"logo": {"contentUrl": "/logo.png"}}}</script></head><p>x""",
        url=URL,
    )
    names = [url.removeprefix("https://example.org/") for url in find_requisites(parse_page(made))]
    assert sorted(names) == sorted(["og.jpg", "tw.jpg", "no-js.css", "a.jpg", "b.jpg", "t.jpg", "logo.png"])


def test_pictures_of_svg_and_old_tables() -> None:
    html = '<svg><image href="/i.png"/><use xlink:href="/s.svg#a"/><use href="#b"/></svg><table background="/t.gif"></table>'
    assert sorted(found(html)) == ["i.png", "s.svg", "t.gif"]


def test_frames_are_named_apart() -> None:
    made = parse_page(
        capture(b'<html><body><iframe src="/f"></iframe><iframe data-src="/g"></iframe><iframe srcdoc="x">', url=URL)
    )
    assert find_requisites(made) == []
    assert find_frames(made) == ["https://example.org/f", "https://example.org/g"]


def test_image_sets_of_stylesheets() -> None:
    css = """a { background: image-set("a.png" 1x, 'b.png' 2x, url(c.png) 3x) } b { background-image: -webkit-image-set( url("d.png") 1x) }
    i { content: image-set("e.avif" type("image/avif"), "f.png" type("image/png")) }"""
    names = {url.removeprefix("https://example.org/") for url in css_requisites(css, "https://example.org/x.css")}
    assert names == {"a.png", "b.png", "c.png", "d.png", "e.avif", "f.png"}


def test_a_base_element_counts() -> None:
    made = capture(b'<html><head><base href="https://cdn.example.net/x/"></head><img src="a.png">', url=URL)
    assert find_requisites(parse_page(made)) == ["https://cdn.example.net/x/a.png"]


def test_what_is_no_address_is_left_out() -> None:
    html = '<img src=""><img src="data:image/png;base64,AAAA"><img src="http://[bad"><img src="javascript:x"><script src="//"></script>'
    assert found(
        html + '<img src="blob:x"><img src="file:///etc/passwd"><img src="/good.png"><img src="/good.png#x">'
    ) == ["good.png"]


def test_a_page_gone_wrong_is_bounded() -> None:
    html = "".join(f'<img src="/{n}.png">' for n in range(REQUISITES_MAX * 2))
    assert len(found(html)) == REQUISITES_MAX


def test_stylesheets_name_fonts_images_and_imports() -> None:
    css = """@import url("a.css"); @import 'b.css' screen; /* url(no.png) */
    @font-face { src: url(f.woff2) format("woff2"), url('f.woff') } i { background: url( "c d.png" ) }"""
    assert css_requisites(css, "https://example.org/css/x.css") == [
        f"https://example.org/css/{name}" for name in ("a.css", "b.css", "f.woff2", "f.woff", "c%20d.png")
    ]


@given(st.text(alphabet="url()'\"@import /*;{} ab,.1x\\", max_size=200))
def test_no_stylesheet_breaks_it(css: str) -> None:
    assert len(css_requisites(css, URL)) <= REQUISITES_MAX


def test_a_hostile_srcset_ends_soon() -> None:
    assert (
        len(found(f'<img srcset="{"a " * 50_000}"><img srcset="{"," * 50_000}"><img srcset="{"a" * 100_000}">'))
        <= REQUISITES_MAX
    )
