"""What embeds, answers, redirects and media lead to: never this machine or a private network, unless the operator says so.

Real listeners on loopback stand where an attacker would like to lead the crawler; they must not see a connection.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms
from tests.e2e.kit import Answer, Server, archiver, documents, ok
from tests.e2e.networks import configure, embed, linked, stored, story, x_link, x_number, x_post

MASTODON = "/@someone/114400000000000001"
HIDDEN_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "2130706433",
    "0x7f.1",
    "127.1",
    "127.0.0.1.nip.example",
    "10.0.0.1",
    "169.254.169.254",
]


class Listener:
    """Takes every connection and counts it."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self._socket = socket.create_server((host, port))
        self.port: int = self._socket.getsockname()[1]
        self.seen: list[bytes] = []

    def __enter__(self) -> Listener:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.seen.append(b"")
                with connection, suppress(OSError):
                    connection.settimeout(2)
                    self.seen[-1] = connection.recv(65536)
                    connection.sendall(ok("private"))


class Everywhere(dict[str, Answer]):
    """The same answer for every path."""

    def __init__(self, answer: Answer, **others: Answer) -> None:
        super().__init__({"/robots.txt": ok("", status="404 Not Found"), **others})
        self._answer = answer

    def get(self, path: Any, default: Any = None) -> Any:
        return super().get(path, self._answer)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listening:
        yield listening


@pytest.fixture
def web_listener() -> Iterator[Listener]:
    """Where https goes, if this process may listen there."""
    try:
        listening = Listener(443)
    except OSError as error:
        pytest.skip(f"port 443 cannot be used here: {error}")
    with listening:
        yield listening


def capture(folder: Path, page: str, networks: FakePlatforms, text: str = "", **bases: str) -> None:
    """`archiver capture` of one page; `bases` lead single endpoints elsewhere."""
    with Server({"/story": ok(page)}) as server:
        configure(folder, networks)
        path = folder / "archiver.toml"
        lines = path.read_text().splitlines()
        for name, base in bases.items():
            endpoint = name.replace("_", ".")
            lines = [f'"{endpoint}" = "{base}"' if line.startswith(f'"{endpoint}" =') else line for line in lines]
        path.write_text("\n".join(lines) + "\n" + text)
        run = archiver("capture", f"{server.base}/story", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()


def test_embeds_and_links_to_hidden_hosts_are_never_asked(tmp_path: Path, web_listener: Listener) -> None:
    frames = [
        f'<p>Berth {n} is closed.</p><iframe src="https://{host}{MASTODON}/embed" class="mastodon-embed"></iframe>'
        for n, host in enumerate(HIDDEN_HOSTS)
    ]
    links = [linked(f"https://{host}{MASTODON}") for host in HIDDEN_HOSTS]
    with FakePlatforms(posts=[x_post(1)]) as networks:
        capture(tmp_path, story(embed(1, x_post(1).text), *frames, *links), networks)
    assert web_listener.seen == []
    assert {post["platform"] for post in stored(tmp_path / "archive", "posts")} >= {"x"}
    assert "captured" in {post["status"] for post in stored(tmp_path / "archive", "posts")}


@pytest.mark.parametrize("endpoint", ["x_syndication", "x_oembed", "bluesky_api", "telegram", "youtube"])
def test_a_redirect_of_an_endpoint_into_this_machine_is_refused(
    tmp_path: Path, listener: Listener, endpoint: str
) -> None:
    links = [
        linked(x_link(1)),
        linked("https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx/post/3m4xdemo22k2t"),
        linked("https://t.me/harbournews/70"),
        linked("https://www.youtube.com/watch?v=abcdefgh22k"),
    ]
    away = ok("", f"Location: http://127.0.0.1:{listener.port}/private", status="302 Found")
    with FakePlatforms(posts=[x_post(1, "empty-object")]) as networks, Server(Everywhere(away)) as bad:
        capture(tmp_path, story(*links), networks, **{endpoint: bad.base})
        assert set(bad.asked) > {"/robots.txt"}
    assert listener.seen == []
    assert len(documents(tmp_path / "archive")) == 1


def test_media_of_an_answer_that_lie_on_this_machine_are_not_asked_for(tmp_path: Path, listener: Listener) -> None:
    port = listener.port
    urls = [
        f"http://127.0.0.1:{port}/a.png",
        f"https://127.0.0.1:{port}/b.png",
        f"https://localhost:{port}/c.png",
        f"http://[::1]:{port}/d.png",
        f"//127.0.0.1:{port}/e.png",
    ]
    with (
        Server(Everywhere(ok(json.dumps(_widget(urls)), kind="application/json"))) as bad,
        FakePlatforms(posts=[x_post(1)]) as networks,
    ):
        capture(tmp_path, story(linked(x_link(1))), networks, x_syndication=bad.base)
    (post,) = stored(tmp_path / "archive", "posts")
    assert post["status"] == "captured"
    assert listener.seen == []
    assert not [medium for medium in post["media"] if medium["record_id"]]


def test_a_redirect_of_a_medium_into_this_machine_is_refused(tmp_path: Path, listener: Listener) -> None:
    away = ok("", f"Location: http://127.0.0.1:{listener.port}/private.png", status="302 Found")
    with Server({"/media/quay.png?name=orig": away}) as bad, FakePlatforms(posts=[x_post(1)]) as networks:
        answer = ok(json.dumps(_widget([f"{bad.base}/media/quay.png"])), kind="application/json")
        bad.answers = Everywhere(answer, **{"/media/quay.png?name=orig": away})
        capture(tmp_path, story(linked(x_link(1))), networks, x_syndication=bad.base)
        assert "/media/quay.png?name=orig" in bad.asked
    assert listener.seen == []


def test_the_operators_network_table_opens_the_way(tmp_path: Path, listener: Listener) -> None:
    away = ok("", f"Location: http://127.0.0.1:{listener.port}/private.png", status="302 Found")
    with Server() as bad, FakePlatforms(posts=[x_post(1)]) as networks:
        answer = ok(json.dumps(_widget([f"{bad.base}/media/quay.png"])), kind="application/json")
        bad.answers = Everywhere(answer, **{"/media/quay.png?name=orig": away})
        text = '[network]\nallow = ["127.0.0.0/8"]\n'
        capture(tmp_path, story(linked(x_link(1))), networks, text, x_syndication=bad.base)
    assert listener.seen


def _widget(media: list[str]) -> dict[str, Any]:
    """X's widget answer for post 1 with pictures at these addresses."""
    return {
        "__typename": "Tweet",
        "id_str": x_number(1),
        "lang": "en",
        "text": "Words of the harbour master",
        "created_at": "2026-11-20T08:30:00.000Z",
        "display_text_range": [0, 27],
        "entities": {"hashtags": [], "urls": [], "user_mentions": [], "symbols": []},
        "user": {"id_str": "1", "name": "User 1", "screen_name": "user1"},
        "mediaDetails": [
            {"type": "photo", "media_url_https": url, "original_info": {"width": 1, "height": 1}} for url in media
        ],
    }
