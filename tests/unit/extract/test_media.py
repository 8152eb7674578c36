"""Images, videos and audios with what the page says about them."""

from __future__ import annotations

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
