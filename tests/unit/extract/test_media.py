"""Images, videos and audios with what the page says about them."""

from __future__ import annotations

import time

import pytest

from archiver.extract.media.words import part_credit
from archiver.extract.metadata import read_metadata
from tests.unit.extract.given import URL, document, json_ld, page_of


def _read(head: str = "", body: str = "<p>x</p>"):
    return read_metadata(page_of(document(head, body)))


def _entry(**fields: object) -> str:
    return json_ld({"@type": "NewsArticle", "url": URL, "headline": "The bridge opens", **fields})


def test_the_lead_image_comes_first_with_all_that_is_known():
    image = {
        "@type": "ImageObject",
        "url": "https://img.example/a.jpg",
        "width": "1200px",
        "height": 800,
        "caption": "A bridge",
        "creditText": "Ann Lee",
    }
    body = '<article><h1>T</h1><figure><img src="/b.jpg" alt="Cars" width="640" height="480"><figcaption>Cars wait <span class="credit">Bob Ray</span></figcaption></figure></article>'
    found = _read(_entry(image=image), body).images
    assert [one.url for one in found] == ["https://img.example/a.jpg", "https://news.example/b.jpg"]
    assert (found[0].caption, found[0].credit, found[0].width, found[0].height) == ("A bridge", "Ann Lee", 1200, 800)
    assert (found[1].caption, found[1].credit, found[1].alt, found[1].width) == ("Cars wait", "Bob Ray", "Cars", 640)


def test_one_picture_in_several_sizes_is_one_image_and_facts_add_up():
    head = (
        _entry(image=["https://img.example/a.jpg?w=100"])
        + '<meta property="og:image" content="https://img.example/a.jpg?w=900"><meta property="og:image:width" content="900"><meta property="og:image:alt" content="A bridge">'
    )
    found = _read(head).images
    assert [(one.url, one.width, one.alt) for one in found] == [("https://img.example/a.jpg?w=100", 900, "A bridge")]


def test_a_credit_at_the_end_of_a_caption_is_taken_off():
    body = "<article><h1>T</h1><figure><img src='/b.jpg'><figcaption>Cars wait. (Photo: Bob Ray)</figcaption></figure></article>"
    found = _read(body=body).images[0]
    assert (found.caption, found.credit) == ("Cars wait.", "Photo: Bob Ray")


def test_chrome_is_no_image():
    body = """<article><h1>T</h1><img src="/logo.png"><img src="/pixel.gif"><img src="/x.jpg" width="40" height="40"><img src="data:image/gif;base64,R0">
      <div class="related"><img src="/other.jpg"></div><aside><img src="/ad.jpg"></aside></article><img src="/outside.jpg">"""
    assert _read(body=body).images == []


def test_lazy_images_give_their_real_address():
    body = '<main><img src="data:image/gif;base64,R0" data-src="/real.jpg"><img data-srcset="/s.jpg 300w, /l.jpg 900w"></main>'
    assert [one.url for one in _read(body=body).images] == [
        "https://news.example/real.jpg",
        "https://news.example/l.jpg",
    ]


def test_videos_and_audios_are_read_from_entries_open_graph_and_markup():
    head = _entry(
        video={"@type": "VideoObject", "contentUrl": "https://v.example/a.mp4", "name": "Opening"},
        audio={"contentUrl": "https://v.example/a.mp3"},
    )
    body = '<article><h1>T</h1><video src="/b.mp4"></video><audio><source src="/b.mp3"></audio></article>'
    found = _read(head + '<meta property="og:video" content="https://v.example/c">', body)
    assert [one.url for one in found.videos] == [
        "https://v.example/a.mp4",
        "https://v.example/c",
        "https://news.example/b.mp4",
    ]
    assert [one.url for one in found.audios] == ["https://v.example/a.mp3", "https://news.example/b.mp3"]
    assert found.videos[0].caption == "Opening"


def test_addresses_that_nobody_can_fetch_are_left_out():
    assert (
        _read(
            _entry(image=["javascript:alert(1)", "blob:x", "http://", {"url": 5}, "https://u:p@img.example/a.jpg"])
        ).images
        == []
    )


def _words(markup: str):
    found = _read(body=f"<article><h1>T</h1>{markup}</article>").images
    return [(one.caption, one.credit) for one in found]


@pytest.mark.parametrize(
    ("markup", "caption", "credit"),
    [
        (
            '<div class="wp-caption alignnone"><a href="/x"><img src="/b.jpg"></a><p class="wp-caption-text">Cars wait. Photo: Bob Ray</p></div>',
            "Cars wait.",
            "Bob Ray",
        ),
        (
            '<div class="article-image"><div class="img-wrap"><img src="/b.jpg"></div><div class="image-legend">Cars wait</div><span class="image-credit">Bob Ray</span></div>',
            "Cars wait",
            "Bob Ray",
        ),
        (
            '<div class="wp-caption"><img data-src="/b.jpg"><noscript><img src="/b.jpg"></noscript><p class="wp-caption-text">Cars wait</p></div>',
            "Cars wait",
            None,
        ),
        (
            '<div class="image"><figure><img src="/b.jpg"></figure><figcaption><span>Cars wait</span></figcaption></div>',
            "Cars wait",
            None,
        ),
        (
            '<figure><img src="/b.jpg"><figcaption>Cars wait</figcaption><span class="credit">Bob Ray</span></figure>',
            "Cars wait",
            "Bob Ray",
        ),
        (
            '<figure><img src="/b.jpg"><div class="attribution">Cars wait. Photo: Bob Ray/AFP</div></figure>',
            "Cars wait.",
            "Bob Ray/AFP",
        ),
    ],
)
def test_boxes_around_one_picture_give_its_words(markup, caption, credit):
    assert _words(markup) == [(caption, credit)]


@pytest.mark.parametrize(
    "markup",
    [
        # Words that belong to several pictures, a box that is a part of the page, and one whose class says nothing of pictures.
        '<div class="media-row"><img src="/b.jpg"><img src="/c.jpg"><p class="caption">Cars wait</p></div>',
        '<div class="image-story"><img src="/b.jpg">' + "<p>Text.</p>" * 80 + '<p class="caption">Cars wait</p></div>',
        '<div class="row"><img src="/b.jpg"><p class="caption">Cars wait</p></div>',
        '<div class="image"><img src="/b.jpg"><p>A paragraph of the story.</p></div>',
        '<div class="image"><img src="/b.jpg"><p class="caption">' + "A long text. " * 60 + "</p></div>",
        '<figure><img src="/b.jpg"><span class="credit">Copyright</span></figure>',
        '<figure><img src="/b.jpg"><span class="credit">2019</span></figure>',
    ],
)
def test_words_that_are_not_a_pictures_are_left_alone(markup):
    assert set(_words(markup)) == {(None, None)}


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        ("The old station. Photograph: Tim Moe/The Guardian", "The old station.", "Tim Moe/The Guardian"),
        ("La vieille gare. Crédit photo : Luc Petit", "La vieille gare.", "Luc Petit"),
        ("The old station Image Credits: Tim Moe", "The old station", "Tim Moe"),
        ("The old station. Tim Moe/Getty Images", "The old station.", "Tim Moe/Getty Images"),
        ("The old station. (Tim Moe / Reuters)", "The old station.", "Tim Moe / Reuters"),
        ("The old station. AP Photo/Tim Moe", "The old station.", "AP Photo/Tim Moe"),
        ("The old station. AFP", "The old station.", "AFP"),
        ("The old station (AAP)", "The old station", "AAP"),
        ("محطة القطار (رويترز)", "محطة القطار", "رويترز"),
        ("ایستگاه قدیمی. عکس: ایسنا", "ایستگاه قدیمی.", "ایسنا"),
        ("Старый вокзал Фото: Иван Петров, ТАСС", "Старый вокзал", "Иван Петров, ТАСС"),
        ("© Tim Moe", None, "© Tim Moe"),
        # No credits: brackets that only say what kind of picture it is, other pairs, words inside a sentence.
        ("Der alte Bahnhof (Symbolbild)", "Der alte Bahnhof (Symbolbild)", None),
        ("Der alte Bahnhof (Bild links)", "Der alte Bahnhof (Bild links)", None),
        ("The old station (April 2020)", "The old station (April 2020)", None),
        ("Er sprach mit der CDU. CDU/CSU", "Er sprach mit der CDU. CDU/CSU", None),
        ("In this photo: the old station", "In this photo: the old station", None),
        ("Photo: The station burns. Nobody was hurt", "Photo: The station burns. Nobody was hurt", None),
        ("A reporter of Reuters", "A reporter of Reuters", None),
    ],
)
def test_credits_are_told_from_captions(text, caption, credit):
    found = _words(f'<figure><img src="/b.jpg"><figcaption>{text}</figcaption></figure>')
    assert found == [(caption, credit if credit is None else credit.removeprefix("© "))]


def test_captions_that_never_end_a_credit_take_no_long_time():
    started = time.process_time()
    for text in ("Aa " * 700, "Photo: " * 300, "Ab/" * 700, "(" * 2000, "Photo by " * 250, "A. " * 700):
        part_credit(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("markup", "urls"),
    [
        ('<img src="/s.jpg" srcset="/s.jpg 300w, /m.jpg 600w, /l.jpg 1200w">', ["l.jpg"]),
        ('<img src="/s.jpg" srcset="/s,w_300.jpg 300w,/l,w_1200.jpg 1200w" width="300">', ["l,w_1200.jpg"]),
        ('<img src="/s.jpg" srcset="/l.jpg 2x">', ["l.jpg"]),
        ('<img src="/placeholder.png" data-srcset="/l.jpg 900w">', ["l.jpg"]),
        (
            '<img src="data:," data-lazy-src="/s.jpg" data-lazy-srcset="/s.jpg 300w, /l.jpg 900w"><noscript><img src="/s.jpg" srcset="/s.jpg 300w, /l.jpg 900w"></noscript>',
            ["l.jpg"],
        ),
        # What `src` holds is as large already, or larger than its own small versions.
        ('<img src="/l.jpg" srcset="/s.jpg 300w, /l.jpg 1200w">', ["l.jpg"]),
        ('<img src="/l.jpg" srcset="/s.jpg 1x, /m.jpg 2x">', ["l.jpg"]),
        ('<img src="/l.jpg" srcset="/s.jpg 300w" width="900">', ["l.jpg"]),
        ('<img src="/l~2600x1300.jpg" srcset="/s.jpg 314w">', ["l~2600x1300.jpg"]),
        ('<img src="/l.jpg?w=1440" srcset="/s.jpg 900w">', ["l.jpg?w=1440"]),
        ('<img src="/l.jpg" srcset="/s.jpg 314w">', ["l.jpg"]),
        ('<img src="/s.jpg" srcset="data:image/gif;base64,R0 900w">', ["s.jpg"]),
    ],
)
def test_the_largest_picture_of_a_set_is_chosen(markup, urls):
    found = _read(body=f"<article><h1>T</h1>{markup}</article>").images
    assert [one.url.removeprefix("https://news.example/") for one in found] == urls


def test_the_sizes_of_two_versions_of_a_picture_do_not_mix():
    body = '<article><h1>T</h1><img src="/a-300.jpg" srcset="/a-300.jpg 300w, /a.jpg 1200w" width="300" height="200"></article>'
    found = _read(body=body).images
    assert [(one.url[-6:], one.width, one.height) for one in found] == [("/a.jpg", 1200, 800)]
    head = (
        '<meta property="og:image" content="https://news.example/a.jpg"><meta property="og:image:width" content="900">'
    )
    found = _read(head, body).images
    assert [(one.width, one.height) for one in found] == [(900, None)]


def test_a_known_picture_is_not_named_again_in_a_larger_size():
    body = '<article><h1>T</h1><img src="/a.jpg" srcset="/a.jpg 300w, /a-2k.jpg 2000w"></article>'
    found = _read('<meta property="og:image" content="https://news.example/a.jpg">', body).images
    assert [one.url for one in found] == ["https://news.example/a.jpg"]


def test_a_size_of_the_lead_image_is_no_second_image():
    body = '<article><h1>T</h1><figure><img src="/a-300.jpg" srcset="/a-300.jpg 300w, /a.jpg 800w, /a-2k.jpg 2000w"><figcaption>Cars</figcaption></figure></article>'
    found = _read('<meta property="og:image" content="https://news.example/a.jpg">', body).images
    assert [(one.url, one.caption) for one in found] == [("https://news.example/a.jpg", "Cars")]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ('src="https://player.frames.example/video/12345"', "video"),
        ('src="https://www.frames.example/embed/video/x8abc"', "video"),
        ('src="https://geo.frames.example/player.html?video=x8abc"', "video"),
        ('src="https://players.frames.example/1/default/index.html?videoId=5"', "video"),
        ('data-src="//player.frames.example/abc" height="360"', "video"),
        ('src="https://frames.example/embed/abc" allow="autoplay; picture-in-picture"', "video"),
        ('src="https://open.frames.example/embed/episode/xyz"', "audio"),
        ('src="https://w.frames.example/player/?url=https%3A//api.frames.example/tracks/1"', "audio"),
        ('src="https://embed.podcasts.frames.example/us/podcast/1"', "audio"),
        ('src="https://player.frames.example/abc" height="180"', "audio"),
        # Maps, charts, buttons, trackers, posts.
        ('src="https://maps.frames.example/maps/embed?pb=1" allowfullscreen', None),
        ('src="https://flo.frames.example/visualisation/1/embed"', None),
        ('src="https://frames.example/episode/1/button" width="200" height="200"', None),
        ('src="https://frames.example/track/1"', None),
        ('src="https://frames.example/video/1" width="1" height="1"', None),
        ('src="about:blank"', None),
        ('src="https://platform.twitter.com/embed/Tweet.html?id=1" allow="encrypted-media"', None),
    ],
)
def test_frames_that_play_something_are_media(frame, kind):
    found = _read(body=f"<article><h1>T</h1><iframe {frame}></iframe></article>")
    assert (len(found.videos), len(found.audios)) == (int(kind == "video"), int(kind == "audio"))


def test_frames_beside_the_article_are_no_media_of_it():
    body = '<article><h1>T</h1><aside><iframe src="https://player.frames.example/video/1"></iframe></aside></article>'
    assert _read(body=body).videos == []
