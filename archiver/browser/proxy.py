"""The only way out that the browser has: a SOCKS5 proxy on loopback that judges the very address it connects to.

Belongs here: names to addresses, the guard, and bytes in both directions. Chromium resolves no name itself, so a name that resolves
differently a second time gains nothing, and what the debugging protocol does not show (background traffic, workers, sockets) gets
no further than what a recorded request was let through to.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address

from archiver.reasons import Reason

CONNECT_MAX = 15.0
"""Seconds for a connection, name included."""

_STEP = 2**16
_OK, _FAILED, _FORBIDDEN, _UNREACHABLE, _REFUSED = range(5)

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name by the system's resolver. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedProxy:
    """`permits` judges an address. `open_origins` (`host:port`) were named by the operator and go unguarded.

    `let_through` names an origin that a request was allowed to; every other one is refused. `addresses` and `failures` say by
    origin what the last connection was made to, and why there was none.
    """

    def __init__(self, permits: Callable[[str], bool], resolve: Resolve = resolve) -> None:
        self._permits, self._resolve = permits, resolve
        self._known: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.open_origins: set[str] = set()
        self.addresses: dict[str, str] = {}
        self.failures: dict[str, tuple[Reason, str]] = {}
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def let_through(self, origin: str) -> None:
        self._known.add(origin)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._one(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, ValueError):
                host, port = await _asked(reader, writer)
                code, out = await self._connect(host, port)
                writer.write(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
                if out is not None:
                    try:
                        await _both_ways((reader, writer), out)
                    finally:
                        out[1].close()
        finally:
            writer.close()

    async def _connect(
        self, host: str, port: int
    ) -> tuple[int, tuple[asyncio.StreamReader, asyncio.StreamWriter] | None]:
        origin = f"{host}:{port}"
        if origin not in self._known:
            return _FORBIDDEN, None
        try:
            async with asyncio.timeout(CONNECT_MAX):
                addresses = await self._addresses(host, port)
                allowed = [a for a in addresses if origin in self.open_origins or self._permits(a)]
                if not allowed:
                    sentence = f"{origin} leads to {', '.join(addresses)}, a private or reserved address"
                    self.failures[origin] = Reason.PRIVATE_ADDRESS, f"{sentence}; see [network] allow in archiver.toml"
                    return _FORBIDDEN, None
                return _OK, await self._first(origin, allowed, port)
        except socket.gaierror as error:
            self.failures[origin] = Reason.DNS_FAILED, f"{host}: {error.strerror}"
            return _UNREACHABLE, None
        except TimeoutError:
            self.failures[origin] = Reason.TIMEOUT, f"{origin}: no connection within {CONNECT_MAX:g} s"
        except OSError as error:
            self.failures[origin] = Reason.CONNECT_FAILED, f"{origin}: {error.strerror or error}"
        return _FAILED, None

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            return await self._resolve(host, port)

    async def _first(
        self, origin: str, addresses: list[str], port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the first address that takes one."""
        for number, address in enumerate(addresses, 1):
            try:
                streams = await asyncio.open_connection(address, port)
            except OSError:
                if number == len(addresses):
                    raise
                continue
            self.addresses[origin] = address
            return streams
        raise OSError(f"{origin}: no address")


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """What the client wants to be connected to (RFC 1928). Raises ValueError for anything but CONNECT."""
    _, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")
    version, command, _, kind = await reader.readexactly(4)
    if version != 5 or command != 1:
        raise ValueError("not a SOCKS5 CONNECT")
    if kind == 1:
        host = socket.inet_ntop(socket.AF_INET, await reader.readexactly(4))
    elif kind == 4:
        host = socket.inet_ntop(socket.AF_INET6, await reader.readexactly(16))
    else:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode("ascii")
    return host.lower(), int.from_bytes(await reader.readexactly(2), "big")


async def _both_ways(
    browser: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    origin: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    await asyncio.gather(_pump(browser[0], origin[1]), _pump(origin[0], browser[1]))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_STEP):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
    except OSError:
        sink.close()
