"""The address guard, on real connections: nothing that a page leads to reaches this machine or a private network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.errors import ConfigError
from pipelines.network import AddressGuard, is_operator_request, origin_of
from tests.integration.crawling import asking, captures, crawl
from tests.integration.exactness.resources import sized
from tests.integration.origin import Origin

CLOSED: dict[str, object] = {"ARCHIVER_NETWORK_ALLOW": []}


@pytest.fixture
def inner() -> Iterator[Origin]:
    served = Origin([sized("secret", b"an inner page")])
    yield served
    served.stop()


@pytest.fixture
def origin(inner: Origin) -> Iterator[Origin]:
    there = f"Location: {inner.base}/secret\r\n".encode()
    here = b"Location: /page\r\n"
    by_name = f"Location: http://inner.test:{inner.port}/secret\r\n".encode()
    served = Origin(
        [
            sized("page"),
            sized("to-inner", b"", there, b"HTTP/1.1 302 Found"),
            sized("to-name", b"", by_name, b"HTTP/1.1 302 Found"),
            sized("to-here", b"", here, b"HTTP/1.1 302 Found"),
        ]
    )
    yield served
    served.stop()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0"),
        *("fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "2001:db8::1", "not an address", ""),
    ],
)  # fmt: skip
def test_private_and_reserved_addresses_are_refused(address: str) -> None:
    assert not AddressGuard().permits(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"],
)
def test_public_addresses_are_permitted(address: str) -> None:
    assert AddressGuard().permits(address)


def test_named_networks_are_permitted_in_every_spelling() -> None:
    guard = AddressGuard(["10.0.0.0/8", "::1/128"])
    assert guard.permits("10.2.3.4") and guard.permits("::ffff:10.2.3.4") and guard.permits("::1")
    assert not guard.permits("127.0.0.1")
    with pytest.raises(ConfigError, match="network"):
        AddressGuard(["10.0.0.0/99"])


def test_origins_are_compared_with_their_port() -> None:
    assert origin_of("https://Example.COM/x") == "example.com:443"
    assert is_operator_request("http://127.0.0.1:8080/a", {"operator_origin": "127.0.0.1:8080"})
    assert not is_operator_request("http://127.0.0.1:8081/a", {"operator_origin": "127.0.0.1:8080"})
    assert is_operator_request("http://127.0.0.1/a", {"operator_origin": ["other:80", "127.0.0.1:80"]})
    assert not is_operator_request("http://127.0.0.1/a", {})


def test_a_page_on_loopback_is_refused_and_asked_for_nothing(origin: Origin, tmp_path: Path) -> None:
    asked = [asking(origin, origin.resources["page"]), {"url": f"http://localhost:{origin.port}/page"}]
    done = crawl(tmp_path, asked, settings=CLOSED)
    assert [done.requests[number]["outcome"] for number in (0, 1)] == ["PrivateAddressError"] * 2
    assert "[network] allow" in done.requests[0]["text"]
    assert origin.connections == 0
    assert not done.warcs


def test_the_operator_may_ask_for_loopback_and_be_redirected_within_it(origin: Origin, tmp_path: Path) -> None:
    own = f"127.0.0.1:{origin.port}"
    done = crawl(tmp_path, [asking(origin, origin.resources["to-here"], operator_origin=own)], settings=CLOSED)
    assert done.requests[0]["outcome"] == "response"
    assert len(captures(done.warcs[0])) == 2


@pytest.mark.parametrize("name", ["to-inner", "to-name"])
def test_a_redirect_to_another_private_origin_is_refused(
    origin: Origin, inner: Origin, tmp_path: Path, name: str
) -> None:
    own = f"127.0.0.1:{origin.port}"
    names = {"inner.test": ["127.0.0.1"]}
    done = crawl(tmp_path, [asking(origin, origin.resources[name], operator_origin=own)], settings=CLOSED, names=names)
    assert done.requests[0]["outcome"] == "PrivateAddressError"
    assert inner.connections == 0
    assert list(captures(done.warcs[0])) == [f"{origin.base}/{name}"], "the hop itself is recorded"


def test_a_connection_of_the_operator_is_not_lent_to_others(origin: Origin, tmp_path: Path) -> None:
    own = asking(origin, origin.resources["page"], operator_origin=f"127.0.0.1:{origin.port}")
    other = asking(origin, origin.resources["page"])
    done = crawl(tmp_path, [own, other], settings={**CLOSED, "CONCURRENT_REQUESTS": 1})
    assert [done.requests[number]["outcome"] for number in (0, 1)] == ["response", "PrivateAddressError"]
    assert len(origin.log) == 1


def test_a_name_that_rebinds_to_loopback_is_refused(origin: Origin, inner: Origin, tmp_path: Path) -> None:
    # The first answer is harmless, later ones lead home: what counts is the address that the connection would use.
    settings = {"ARCHIVER_NETWORK_ALLOW": ["127.0.0.2/32"], "DNSCACHE_ENABLED": False, "CONCURRENT_REQUESTS": 1}
    names = {"rebind.test": ["127.0.0.2", "127.0.0.1"]}
    asked = [{"url": f"http://rebind.test:{inner.port}/secret"}] * 2
    done = crawl(tmp_path, asked, settings=settings, names=names)
    assert done.requests[0]["outcome"] == "DownloadConnectionRefusedError", "nobody listens on 127.0.0.2"
    assert done.requests[1]["outcome"] == "PrivateAddressError"
    assert inner.connections == 0
