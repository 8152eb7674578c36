"""The address guard: what a page, a redirect or a federated host leads to may not be on this machine or a private network.

Belongs here: which addresses a connection may be opened to. The check is made on the addresses that the resolver gave to the
very connection that uses them, so a name that resolves differently a second time gains nothing.

`request.meta["operator_origin"]` names the origin (`host:port`) that the operator typed or a source file names. Only a request
to that same origin goes unguarded; a redirect that copies the meta to another origin is guarded like any other.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from archiver.errors import ConfigError, PrivateAddressError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")


def origin_of(url: str) -> str:
    """`host:port` of a URL, lower case, the port always written: the form of `request.meta["operator_origin"]`."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def is_operator_request(url: str, meta: dict[str, Any]) -> bool:
    """Whether the operator or a source file named the origin of `url`. `operator_origin` may be one origin or several."""
    named = meta.get("operator_origin")
    if not named:
        return False
    return origin_of(url) in ((named,) if isinstance(named, str) else named)


class AddressGuard:
    """Decides about addresses. `allow`: networks in CIDR form that `[network] allow` names; `ConfigError` when one is none."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        try:
            self._allow = tuple(ipaddress.ip_network(network, strict=False) for network in allow)
        except ValueError as error:
            raise ConfigError(f'[network] allow: {error}; write networks as in "127.0.0.0/8"') from None

    def permits(self, address: str) -> bool:
        """Whether a connection may be opened to this address (as text, a zone is ignored)."""
        try:
            given = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if any(given in network for network in self._allow):
            return True
        embedded = _embedded(given)
        if embedded is not None:
            return any(embedded in network for network in self._allow) or _is_public(embedded)
        return _is_public(given)


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return address.is_global and not getattr(address, "is_site_local", False)


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end up at, for the transition forms that have one."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _NAT64 or address in _NAT64_LOCAL or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


class GuardedEndpoint(HostnameEndpoint):
    """Connects by name like `HostnameEndpoint`, but only to addresses that the guard permits.

    `connect` fails with `PrivateAddressError` when every address of the name was refused. Address literals skip the resolver.
    """

    def __init__(self, guard: AddressGuard | None, reactor: Any, host: str, port: int, **options: Any) -> None:
        # First, because HostnameEndpoint asks for the resolver while it is made.
        self._guard = guard
        self._refused: list[str] = []
        super().__init__(reactor, host, port, **options)

    def _getNameResolverAndMaybeWarn(self, reactor: object) -> Any:
        return _GuardedResolver(super()._getNameResolverAndMaybeWarn(reactor), self._guard, self._refused)

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        connected: Deferred[Any] = super().connect(protocolFactory)
        return connected.addErrback(self._explain)

    def _explain(self, failure: Failure) -> Failure:
        if not self._refused or not isinstance(failure.value, DNSLookupError):
            return failure
        raise PrivateAddressError(
            f"{self._hostText}:{self._port} leads to {', '.join(self._refused)}, a private or reserved address; "
            f"name its network under [network] allow in archiver.toml if this is wanted"
        )


@implementer(IHostnameResolver)
class _GuardedResolver:
    def __init__(self, resolver: Any, guard: AddressGuard | None, refused: list[str]) -> None:
        self._resolver, self._guard, self._refused = resolver, guard, refused

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[Any] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        receiver = _GuardedReceiver(resolutionReceiver, self._guard, self._refused)
        try:
            literal = ipaddress.ip_address(hostName)
        except ValueError:
            return self._resolver.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)
        resolution = _Resolution(hostName)
        receiver.resolutionBegan(resolution)
        kind = IPv4Address if literal.version == 4 else IPv6Address
        receiver.addressResolved(kind("TCP", str(literal), portNumber))
        receiver.resolutionComplete()
        return resolution


@implementer(IResolutionReceiver)
class _GuardedReceiver:
    def __init__(self, receiver: Any, guard: AddressGuard | None, refused: list[str]) -> None:
        self._guard, self._receiver, self._refused = guard, receiver, refused
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: Any) -> None:
        host = str(getattr(address, "host", ""))
        if self._guard is None or self._guard.permits(host):
            self._receiver.addressResolved(address)
        else:
            self._refused.append(host)


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing to cancel: a literal is resolved at once."""
