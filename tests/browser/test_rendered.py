"""Rendered capture by the real command: what the browser did, as records; and what it was kept from."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from PIL import Image

from archiver.archive import Archive
from archiver.models import Capture
from tests.browser.looking import Browser, difference
from tests.e2e.kit import Server, archiver, article, documents, manifests, ok, reasons, write_config
from tests.replaying import need_pywb, replaying

CYRILLIC = "<!doctype html><meta charset=windows-1251><title>Порт</title><p>Паром уходит в девять.".encode("cp1251")
PNG = b"\x89PNG\r\n\x1a\n"


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (80, 60)) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", size, colour).save(sink, "PNG")
    return sink.getvalue()


def font() -> bytes:
    return Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf").read_bytes()


PAGE = """<link rel=stylesheet href=/style.css><link rel=icon href=data:,>
<p class=odd>Set in a font of its own.</p><div id=late>nothing yet</div>
<picture><source media="(min-width: 1000px)" srcset=/wide.png><img src=/narrow.png width=80 height=60></picture>
<iframe src=/frame.html width=300 height=80></iframe>
<div style="height: 4000px"></div><img id=lazy loading=lazy src=/lazy.png width=80 height=60>
<script src=/late.js></script>"""

LATE = """
document.cookie = "seen=1";
fetch("/list.json", {headers: {Authorization: "Bearer SECRET" + "WORD"}}).then(a => a.json()).then(list => {
  document.getElementById("late").textContent = list.words; });
fetch("/form", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({a: 1})});
"""

ANSWERS = {
    "/robots.txt": ok("User-agent: *\nDisallow: /forbidden/\n", kind="text/plain"),
    "/page": ok("", "Location: /hop", status="301 Moved"),
    "/hop": ok("gone on", "Location: /news/1", "Set-Cookie: hop=1", status="302 Found"),
    "/news/1": ok(gzip.compress(article(extra=PAGE).encode(), mtime=0), "Content-Encoding: gzip", "X-Odd:  two  spaces",
                  "Set-Cookie: one=1", "Set-Cookie: two=2"),
    "/style.css": ok("@import '/more.css'; .odd { font: 30px Odd }", kind="text/css"),
    "/more.css": ok("@font-face { font-family: Odd; src: url(/odd.ttf) } body { background: url(/back.png) }", kind="text/css"),
    "/odd.ttf": ok(font(), kind="font/ttf"),
    "/back.png": ok(picture((240, 240, 250)), kind="image/png"),
    "/wide.png": ok(picture((200, 30, 30)), kind="image/png"),
    "/narrow.png": ok(picture((30, 200, 30)), kind="image/png"),
    "/lazy.png": ok(picture((30, 30, 200)), kind="image/png"),
    "/frame.html": ok(CYRILLIC, kind="text/html"),
    "/late.js": ok(LATE, kind="text/javascript"),
    "/list.json": ok(json.dumps({"words": "Filled in by a script."}), kind="application/json"),
    "/form": ok("{}", kind="application/json"),
}  # fmt: skip


@dataclass(frozen=True)
class Rendered:
    """An archive made by `archiver capture --render`, and the server that was asked."""

    folder: Path
    server: Server
    said: str

    @property
    def store(self) -> Path:
        return self.folder / "archive"

    def capture(self, path: str) -> Capture:
        captures = Archive(self.store).captures(self.server.base + path)
        assert captures, f"{path} is not in the archive"
        return captures[-1]

    def side(self, name: str) -> bytes:
        """The block of the side record with this target."""
        (key,) = Archive(self.store).files("warc/page/")
        with (self.store / key).open("rb") as stream:
            found = [
                record.reader.read()
                for record in ArchiveIterator(stream, record_types=WarcRecordType.resource, parse_http=False)
                if record.headers["WARC-Target-URI"] == name
            ]
        assert len(found) == 1, f"{len(found)} records of {name}"
        return found[0]

    def warc(self) -> bytes:
        return b"".join(gzip.decompress(path.read_bytes()) for path in self.store.glob("warc/page/*/*.warc.gz"))


def render(folder: Path, server: Server, *paths: str, text: str = "", code: int = 0, **crawl: object) -> Rendered:
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, '[archive]\nstore = "archive"\n' + text, **crawl)
    urls = [path if "://" in path else server.base + path for path in paths]
    done = archiver("capture", "--render", *urls, cwd=folder)
    assert done.returncode == code, done.stderr.decode()
    return Rendered(folder, server, done.stderr.decode())


@pytest.fixture(scope="module")
def rendered(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """A page that needs a browser: a redirect chain, scripts that fetch and post, a frame, a font, a lazy image."""
    with Server(ANSWERS) as server:
        return render(tmp_path_factory.mktemp("rendered"), server, "/page", requisites=False)


def test_everything_the_browser_asked_for_is_a_capture_and_nothing_was_asked_beside(rendered: Rendered) -> None:
    asked = sorted(set(rendered.server.asked))
    assert asked == sorted({*ANSWERS, "/favicon.ico"} - {"/narrow.png"})
    for path in set(asked) - {"/form"}:  # a POST is found by its body, too
        rendered.capture(path)
    assert manifests(rendered.store)[0]["captures"] == len(rendered.server.asked)
    assert reasons(rendered.store) == {}


def test_the_redirect_chain_is_recorded_hop_by_hop(rendered: Rendered) -> None:
    hops = [rendered.capture(path) for path in ("/page", "/hop", "/news/1")]
    assert [hop.status for hop in hops] == [301, 302, 200]
    assert [hop.context.hops_from_seed for hop in hops] == ["", "R", "RR"]
    assert hops[1].header_values("set-cookie") == ["hop=1"]
    (document,) = documents(rendered.store)
    assert [(hop["url"], hop["status"]) for hop in document["redirects"]] == [
        (rendered.server.base + "/page", 301),
        (rendered.server.base + "/hop", 302),
    ]
    assert document["requested_url"] == rendered.server.base + "/page"


def test_the_head_is_the_wires_and_the_body_is_decoded_and_both_are_said(rendered: Rendered) -> None:
    page = rendered.capture("/news/1")
    assert page.body == article(extra=PAGE).encode()
    assert b"X-Odd:  two  spaces\r\n" in page.head
    assert page.header_values("set-cookie") == ["one=1", "two=2"]
    assert page.header("x-crawler-content-encoding") == "gzip"
    assert page.header("content-encoding") is None and page.header("content-length") is None
    assert page.pointer.ip_address == "127.0.0.1"
    text = rendered.warc().decode("utf-8", "replace")
    assert "arc-browser: Chromium" in text
    assert "arc-browser-exchanges: captures with this arc-note are as the browser reports them" in text
    assert "arc-note: browser: as the browser reports it" in text


def test_what_a_page_asked_for_bears_its_id(rendered: Rendered) -> None:
    page = rendered.capture("/news/1").pointer.page_id
    (key,) = Archive(rendered.store).files("warc/page/")
    ids: dict[str, set[str | None]] = {}
    with (rendered.store / key).open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=False):
            if record.headers.get("WARC-Type") in ("response", "request", "resource"):
                target = record.headers["WARC-Target-URI"].replace(rendered.server.base, "")
                ids.setdefault(target, set()).add(record.headers.get("WARC-Page-ID"))
    before = {"/robots.txt", "/page", "/hop"}  # the redirects had no page yet
    assert {target for target, found in ids.items() if found == {None}} == before
    assert all(found == {page} for target, found in ids.items() if target not in before)
    assert {"/news/1", "/late.js", "/form", "urn:dom:/news/1", "urn:view:/news/1"} < set(ids)


def test_bytes_that_are_no_utf_8_are_stored_as_they_are(rendered: Rendered) -> None:
    assert rendered.capture("/frame.html").body == CYRILLIC
    assert rendered.capture("/odd.ttf").body == font()


def test_requests_are_recorded_with_method_and_body_and_without_secrets(rendered: Rendered) -> None:
    text = rendered.warc()
    assert b"SECRETWORD" not in text
    assert b"Authorization: REDACTED" in text
    assert b"Cookie: REDACTED" in text
    assert b"POST /form HTTP/1.1\r\n" in text and b'{"a":1}' in text
    assert b"User-Agent: NewsArchiver/" in text


def test_picture_and_dom_are_side_records_of_the_page(rendered: Rendered) -> None:
    url = rendered.server.base + "/news/1"
    dom = rendered.side(f"urn:dom:{url}").decode()
    assert "Filled in by a script." in dom and dom.lower().startswith("<!doctype html>")
    assert "nothing yet" not in dom
    window, whole = (rendered.side(f"urn:{name}:{url}") for name in ("view", "fullPage"))
    assert window[:8] == whole[:8] == PNG
    width, height = struct.unpack(">II", whole[16:24])
    assert (width, height > 4000) == (1280, True)
    with Image.open(io.BytesIO(whole)) as shown:
        assert (200, 30, 30) in {pixel for _, pixel in shown.convert("RGB").getcolors(2**24)}
        assert (30, 30, 200) in {pixel for _, pixel in shown.convert("RGB").getcolors(2**24)}, "the lazy image"


def test_the_archive_is_sound_and_its_documents_come_out_again(rendered: Rendered, tmp_path: Path) -> None:
    done = archiver("check", "--store", rendered.store, cwd=tmp_path)
    assert done.returncode == 0, done.stdout.decode()
    shutil.copytree(rendered.store, tmp_path / "copy")
    done = archiver("extract", "--archive", tmp_path / "copy", cwd=rendered.folder)
    assert "0 files differed" in done.stderr.decode()


def test_a_rendered_page_replays_with_its_font_frame_and_scripts(
    rendered: Rendered, browser: Browser, tmp_path: Path
) -> None:
    need_pywb()
    with replaying(rendered.store, "--state", str(tmp_path / "state"), cwd=tmp_path) as replay:
        with Server(ANSWERS) as again:  # how it looked: the same answers at another address
            (live,) = browser.look([f"{again.base}/news/1"], [again.base])
        (seen,) = browser.look([f"{replay}2026/{rendered.server.base}/news/1"], [replay.rsplit("/", 2)[0]])
    assert (seen.lost, seen.leaked, seen.blank) == ([], [], [])
    assert seen.fonts == live.fonts == ["Odd normal normal loaded"]
    assert seen.images == live.images
    assert "Filled in by a script." in seen.text
    assert difference(live.picture, seen.picture) < 0.01


def hostile(page: str) -> bytes:
    return ok(article(extra=page))


@dataclass(frozen=True)
class KeptFrom:
    """One run over pages that want too much. `inside` is a server at a private address, `reasons` URL -> Reason."""

    rendered: Rendered
    inside: Server
    at: str
    reasons: dict[str, str]


WANTS = """<p id=found></p><script>
const there = [window.WebSocket, window.SharedWorker, window.RTCPeerConnection].filter(Boolean).length;
const opened = window.open("/window");
navigator.serviceWorker.register("/worker.js").catch(error => {
  document.getElementById("found").textContent = `${there} ${opened} ${error.name}`; });
new EventSource("/events");
</script>"""


@pytest.fixture(scope="module")
def kept_from(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> KeptFrom:
    folder = tmp_path_factory.mktemp("kept-from")
    with Server({"/": ok(article())}) as inside:
        at = f"http://localhost:{inside.port}"
        asks = f'<img src="{at}/a.png"><iframe src="{at}/b"></iframe><script>fetch("{at}/c")</script>'
        answers = {
            "/robots.txt": ANSWERS["/robots.txt"],
            "/private": hostile(asks),
            "/redirect": ok("", f"Location: {at}/", status="302 Found"),
            "/asks": hostile(
                "<img src=/forbidden/a.png><img src=/left-out/b.png><img src=/fine.png><img src=/lost.png>"
            ),
            "/fine.png": ANSWERS["/wide.png"],
            "/wants": hostile(WANTS),
            "/events": ok("data: 1\n\n", kind="text/event-stream"),
        }
        with Server(answers) as server:
            left_out = f'[[url]]\nprefix = "{server.base}/left-out/"\nreason = "asked to"\ndate = 2026-11-01\n'
            (folder / "optout.toml").write_text(left_out)
            done = render(folder, server, "/private", "/redirect", "/asks", "/wants", requisites=False)
    return KeptFrom(done, inside, at, reasons(done.store))


def test_a_page_leads_the_browser_to_no_private_address(kept_from: KeptFrom) -> None:
    assert kept_from.inside.asked == []
    for name in ("a.png", "b", "c"):
        assert kept_from.reasons[f"{kept_from.at}/{name}"] == "private-address"


def test_a_redirect_leads_the_browser_to_no_private_address(kept_from: KeptFrom) -> None:
    assert kept_from.reasons[kept_from.rendered.server.base + "/redirect"] == "private-address"
    assert kept_from.rendered.capture("/redirect").status == 302, "the hop itself is a capture"


def test_robots_and_the_opt_out_list_hold_for_what_a_page_asks_for(kept_from: KeptFrom) -> None:
    server = kept_from.rendered.server
    assert "/fine.png" in server.asked
    assert not [path for path in server.asked if path.startswith(("/forbidden/", "/left-out/"))]
    assert kept_from.reasons[f"{server.base}/forbidden/a.png"] == "disallowed-by-robots"
    assert kept_from.reasons[f"{server.base}/left-out/b.png"] == "opted-out"
    assert kept_from.reasons[f"{server.base}/lost.png"] == "http-error"


def test_what_leaves_no_exchange_is_not_there_for_a_page(kept_from: KeptFrom) -> None:
    done = kept_from.rendered
    assert "0 null SecurityError" in done.side(f"urn:dom:{done.server.base}/wants").decode()
    assert not {"/window", "/worker.js"} & set(done.server.asked)
    assert kept_from.reasons[f"{done.server.base}/events"] == "not-recordable"


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")


def test_a_page_has_so_many_bytes_and_so_many_requests(chromium: str, tmp_path: Path) -> None:
    many = "<script>for (let n = 0; n < 40; n++) fetch(`/again?${n}`)</script>"
    page = f"<img src=/endless.png><link rel=stylesheet href=/bomb.css>{many}"
    bomb = ok(gzip.compress(bytes(30 * 2**20)), "Content-Encoding: gzip", kind="text/css")
    answers = {"/robots.txt": ANSWERS["/robots.txt"], "/news/1": hostile(page), "/endless.png": endless}
    limits = '[browser]\ntime = "40s"\nsize_max = "3MB"\nrequests_max = 20\n'
    with Server({**answers, "/bomb.css": bomb}) as server:
        done = render(tmp_path, server, "/news/1", text=limits, requisites=False)
    assert len(documents(done.store)) == 1, "the article is there all the same"
    found = set(reasons(done.store).values())
    assert "too-large" in found and "budget-spent" in found
    assert len([path for path in server.asked if path.startswith("/again")]) <= 20
    archive = Archive(done.store)
    large = [capture for path in ("/endless.png", "/bomb.css") for capture in archive.captures(server.base + path)]
    assert {capture.pointer.truncated for capture in large} == {"length"}
    assert sum(path.stat().st_size for path in done.store.glob("warc/page/*/*")) < 4 * 2**20
    assert archiver("check", "--store", done.store, cwd=tmp_path).returncode == 0


def test_a_frame_of_another_site_and_a_worker_are_recorded_too(chromium: str, tmp_path: Path) -> None:
    other = {
        "/robots.txt": ok("", status="404 Not Found"),
        "/inner": ok("<img src=/deep.png>"),
        "/deep.png": ok(picture((9, 9, 9)), kind="image/png"),
    }
    with Server(other) as far:
        at = f"http://localhost:{far.port}"
        page = f'<iframe src="{at}/inner"></iframe><script>new Worker("/worker.js")</script>'
        answers = {
            "/worker.js": ok("fetch('/from-worker')", kind="text/javascript"),
            "/from-worker": ok("{}", kind="application/json"),
        }
        with Server({"/robots.txt": ANSWERS["/robots.txt"], "/news/1": hostile(page), **answers}) as server:
            done = render(
                tmp_path, server, "/news/1", text='[network]\nallow = ["127.0.0.0/8", "::1/128"]\n', requisites=False
            )
    archive = Archive(done.store)
    assert [capture.body for capture in archive.captures(f"{at}/deep.png")] == [picture((9, 9, 9))]
    assert archive.captures(f"{at}/inner")[0].context.hops_from_seed == "E"
    assert archive.captures(f"{server.base}/from-worker")
    assert manifests(done.store)[0]["captures"] == len(server.asked) + len(far.asked)


def test_a_source_asks_for_it_in_its_file(chromium: str, tmp_path: Path) -> None:
    listing = ok("<!doctype html><a href=/news/1>" + "A headline that is long enough to be one" + "</a>")
    with Server({**ANSWERS, "/": listing}) as server:
        write_config(tmp_path, '[archive]\nstore = "archive"\nsources = "sources"\n')
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "harbour.toml").write_text(
            f'name = "Harbour"\nhomepage = "{server.base}/"\nrender = true\n'
            f'[[discover]]\nkind = "listing"\nurl = "{server.base}/"\n[articles]\nallow = ["/news/"]\n'
        )
        done = archiver("crawl", "harbour", cwd=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
    assert "/list.json" in server.asked, "a script was run"
    assert "/narrow.png" in server.asked, "and what the browser had no use for was fetched without it"
    assert len(documents(tmp_path / "archive")) == 1
    (warc,) = (tmp_path / "archive").glob("warc/harbour/*/*.warc.gz")
    assert b"arc-browser: Chromium" in gzip.decompress(warc.read_bytes())


def test_without_chromium_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    write_config(tmp_path)
    done = archiver("capture", "--render", "http://127.0.0.1:1/", cwd=tmp_path, PATH="/nowhere")
    assert done.returncode == 2
    assert "apt-get install chromium" in done.stderr.decode()
    write_config(tmp_path, '[browser]\nexecutable = "no-such-browser"\n')
    done = archiver("capture", "--render", "http://127.0.0.1:1/", cwd=tmp_path)
    assert done.returncode == 2
    assert "no-such-browser" in done.stderr.decode()
