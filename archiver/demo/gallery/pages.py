"""Misbehaviour by content: walls, stubs, lying labels, pages that are no article, pages that hurt parsers.

Belongs here: well-framed 200 answers whose payload is the trouble.
"""

from __future__ import annotations

import zlib
from html import escape

from archiver.demo import render
from archiver.demo.gallery.codings import stored_brotli, stored_zstd
from archiver.demo.gallery.registry import Ask, column, misbehaviour, prose
from archiver.reasons import Reason

_NESTED = 100_000


def _wall(ask: Ask) -> None:
    ask.answer(prose()["wall"][ask.name].replace("$base", ask.edition.base_url).encode())


misbehaviour("soft-404", "A 'page not found' page with status 200.", Reason.SOFT_404)(_wall)
misbehaviour("challenge", "An anti-bot challenge in place of the article.", Reason.CHALLENGE)(_wall)
misbehaviour("consent-wall", "A cookie consent page in place of the article.", Reason.CONSENT_WALL)(_wall)
misbehaviour("login-wall", "A page that asks the reader to sign in first.", Reason.LOGIN_WALL)(_wall)
misbehaviour("javascript-only", "An empty shell that scripts would fill.", Reason.NO_TEXT)(_wall)
misbehaviour("paywall-stub", "Two paragraphs, an offer, and isAccessibleForFree: false.")(_wall)


@misbehaviour(
    "section-page-as-article", "A section page at an address that looks like an article's.", Reason.NOT_AN_ARTICLE
)
def section_page_as_article(ask: Ask) -> None:
    edition = ask.edition
    ask.answer(render.listing(edition, ask.path, "World", render.cards(edition.pieces[:18])).encode())


@misbehaviour("empty", "Status 200 and not a single byte.", Reason.EMPTY)
def empty(ask: Ask) -> None:
    ask.answer(b"")


@misbehaviour("not-html", "A PDF that is labelled text/html.", Reason.NOT_HTML)
def not_html(ask: Ask) -> None:
    head = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    pages = b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    table = b"xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n" % (15, len(head))
    trailer = b"trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(head + pages)
    ask.answer(head + pages + table + trailer)


@misbehaviour("wrong-charset", "UTF-8 text that the header calls ISO-8859-1.")
def wrong_charset(ask: Ask) -> None:
    ask.answer(_without_charset(column(ask)).encode(), kind="text/html; charset=iso-8859-1")


@misbehaviour("windows-1256", "An Arabic article in the windows-1256 charset.")
def windows_1256(ask: Ask) -> None:
    ask.answer(_arabic(ask).encode("cp1256"), kind="text/html; charset=windows-1256")


@misbehaviour("windows-1256-in-meta", "The same charset, declared in the page only.")
def windows_1256_in_meta(ask: Ask) -> None:
    ask.answer(_arabic(ask).replace("<head>", '<head><meta charset="windows-1256">').encode("cp1256"), kind="text/html")


@misbehaviour("utf-16", "An article in UTF-16 with a byte order mark.")
def utf_16(ask: Ask) -> None:
    ask.answer(b"\xff\xfe" + _without_charset(column(ask)).encode("utf-16-le"), kind="text/html; charset=utf-16")


@misbehaviour("nul-bytes", "An article with NUL bytes and other control characters in its text.")
def nul_bytes(ask: Ask) -> None:
    ask.answer(column(ask).replace("</p>", "\x00\x0b\x1f</p>").replace("<p>", "<p>\x00").encode())


@misbehaviour("no-charset", "An article whose charset nobody declares.")
def no_charset(ask: Ask) -> None:
    ask.answer(_without_charset(column(ask)).encode(), kind="text/html")


@misbehaviour("no-content-type", "An article without a Content-Type.")
def no_content_type(ask: Ask) -> None:
    ask.answer(column(ask).encode(), kind=None)


@misbehaviour("xhtml", "An article as application/xhtml+xml with an XML declaration.")
def xhtml(ask: Ask) -> None:
    body = column(ask).replace("<!doctype html>", '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>', 1)
    body = body.replace('<html lang="en">', '<html xmlns="http://www.w3.org/1999/xhtml" lang="en">')
    for name in ("meta", "link"):
        body = "\n".join(f"{line[:-1]}/>" if line.startswith(f"<{name} ") else line for line in body.split("\n"))
    ask.answer(body.encode(), kind="application/xhtml+xml; charset=utf-8")


@misbehaviour("noarchive", "An article that forbids archived copies, in the header and in the page.")
def noarchive(ask: Ask) -> None:
    ask.answer(
        column(ask, extra_head='<meta name="robots" content="noarchive">\n').encode(), ("X-Robots-Tag", "noarchive")
    )


@misbehaviour("mining-reserved", "An article whose rights for text and data mining are reserved (TDMRep).")
def mining_reserved(ask: Ask) -> None:
    ask.answer(
        column(ask).encode(), ("tdm-reservation", "1"), ("tdm-policy", ask.edition.url("/account/tdm-policy.json"))
    )


@misbehaviour("duplicate", "An article whose bytes are also at duplicate-again: one of the two is a revisit.")
def duplicate(ask: Ask) -> None:
    ask.path = "/gallery/duplicate"
    ask.answer(column(ask).encode())


@misbehaviour("duplicate-again", "The bytes of duplicate under a second address.")
def duplicate_again(ask: Ask) -> None:
    duplicate(ask)


@misbehaviour("deep-nesting", "A hundred thousand elements inside each other, and the words in the innermost.")
def deep_nesting(ask: Ask) -> None:
    head = '<!doctype html><html lang="en"><head><title>A page that is very deep</title></head><body>'
    words = "".join(f"<p>{escape(text)}</p>" for text in prose()["paragraphs"])
    ask.answer((head + "<div>" * _NESTED + words + "</div>" * _NESTED + "</body></html>").encode())


@misbehaviour(
    "zip-bomb", "A gzip body of some hundred kilobytes that unpacks to hundreds of megabytes.", Reason.TOO_LARGE
)
def zip_bomb(ask: Ask) -> None:
    ask.answer(_bomb(ask.bomb_bytes), ("Content-Encoding", "gzip"))


@misbehaviour("huge-page", "A page of many megabytes, with an honest Content-Length.", Reason.TOO_LARGE, slow=True)
def huge_page(ask: Ask) -> None:
    line = b"<p>" + b"The same sentence fills this page until it is large enough for the test. " * 14 + b"</p>\n"
    block, rest = line * 64, ask.huge_bytes
    ask.write(ask.head("200 OK", ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(rest))) + b"\r\n")
    while rest and not ask.stopping.is_set():
        ask.write(block[:rest])
        rest -= min(rest, len(block))
    ask.closes = bool(rest)


# Apart from the quick ones: `warcio check` 1.8 crashes on any brotli record when Google's brotli module is installed (it sets
# an attribute that the C class has not), and the demo's WARCs are shown to pass it.
@misbehaviour("brotli-unasked", "An article in brotli, whatever the client accepts.", slow=True)
def brotli_unasked(ask: Ask) -> None:
    ask.answer(stored_brotli(column(ask).encode()), ("Content-Encoding", "br"))


@misbehaviour("zstd-unasked", "An article in Zstandard, whatever the client accepts.")
def zstd_unasked(ask: Ask) -> None:
    ask.answer(stored_zstd(column(ask).encode()), ("Content-Encoding", "zstd"))


@misbehaviour("unknown-coding", "An article in a Content-Encoding that nobody has heard of.", Reason.UNDECODABLE)
def unknown_coding(ask: Ask) -> None:
    ask.answer(column(ask).encode()[::-1], ("Content-Encoding", "backwards"))


@misbehaviour("gzip-lie", "A plain article that claims to be gzip.")
def gzip_lie(ask: Ask) -> None:
    ask.answer(column(ask).encode(), ("Content-Encoding", "gzip"))


def _bomb(size: int) -> bytes:
    """A gzip member of `size` zero-like bytes: one deflated block, repeated; quick to make for any size."""
    unit = b"<p>" + b"0" * (2**20 - 7) + b"</p>"
    machine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = machine.compress(unit) + machine.flush(zlib.Z_FULL_FLUSH)
    end, count, check = machine.flush(zlib.Z_FINISH), max(1, size // len(unit)), 0
    for _ in range(count):
        check = zlib.crc32(unit, check)
    tail = check.to_bytes(4, "little") + (count * len(unit) % 2**32).to_bytes(4, "little")
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + block * count + end + tail


def _without_charset(html: str) -> str:
    """The page without its meta element, with letters outside ASCII in the headline so that the charset matters."""
    return html.replace('<meta charset="utf-8">\n', "").replace("</h1>", " – für Größe, déjà vu, “quotes”</h1>")


def _arabic(ask: Ask) -> str:
    words = prose()["arabic"]
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in words["paragraphs"])
    return (
        f'<!doctype html>\n<html lang="ar" dir="rtl"><head><title>{escape(words["headline"])}</title>\n'
        f'<meta property="og:type" content="article"><meta property="article:published_time" content="{ask.edition.moment.isoformat()}">\n'
        f'<link rel="canonical" href="{ask.edition.url(ask.path)}"></head>\n<body><article><h1>{escape(words["headline"])}</h1>\n{text}\n</article></body></html>\n'
    )
