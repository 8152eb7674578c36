"""What is known of a connection, in the form that WARC fields want.

Belongs here: bare RFC 5952 addresses, WARC-Protocol values, IANA cipher names, target URIs. All pure.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote

_TLS = re.compile(r"(?:TLS)?\s*v?(1)(?:\.(\d))?", re.IGNORECASE)
_HTTP = re.compile(rb"HTTP/(1\.\d)\b")
_OPENSSL = re.compile(
    r"(?:(?P<exchange>ECDHE|DHE)-)?(?:(?P<proof>RSA|ECDSA|DSS|PSK)-)?"
    r"(?P<cipher>AES128|AES256|CAMELLIA128|CAMELLIA256|CHACHA20)"
    r"(?:-(?P<mode>GCM|CCM8|CCM|POLY1305))?(?:-(?P<hash>SHA\d*))?"
)
_UNSAFE = re.compile(r'[^!-~]|[<>"]')


@lru_cache(maxsize=4096)
def bare_ip(address: str | None) -> str | None:
    """An address without port, brackets and zone; IPv4 inside IPv6 as IPv4. None when it is no address."""
    if not address:
        return None
    try:
        parsed = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)


def protocols(head: bytes, tls_version: str | None) -> list[str]:
    """Values of WARC-Protocol: what the status line says was spoken, and TLS as `tls/1.3`."""
    values = []
    http = _HTTP.match(head)
    if http:
        values.append(f"http/{http[1].decode()}")
    tls = _TLS.fullmatch(tls_version) if tls_version else None
    if tls:
        values.append(f"tls/{tls[1]}.{tls[2] or 0}")
    return values


@lru_cache(maxsize=256)
def iana_cipher(name: str | None) -> str | None:
    """A cipher suite by IANA name: OpenSSL's names are rebuilt by their grammar; unknown ones stay as they are."""
    match = _OPENSSL.fullmatch(name) if name else None
    if match is None:
        return name
    exchange, proof = match["exchange"], match["proof"]
    keys = f"{exchange}_{proof or 'RSA'}" if exchange else proof or "RSA"
    cipher = re.sub(r"(\d+)$", r"_\1", match["cipher"])
    mode, digest = match["mode"], match["hash"]
    if match["cipher"] == "CHACHA20":
        return f"TLS_{keys}_WITH_CHACHA20_POLY1305_SHA256"
    if mode in ("CCM", "CCM8"):
        return f"TLS_{keys}_WITH_{cipher}_{mode.replace('CCM8', 'CCM_8')}"
    return f"TLS_{keys}_WITH_{cipher}_{mode or 'CBC'}_{digest or 'SHA'}"


def target_uri(url: str) -> str:
    """`url` as a WARC-Target-URI: without fragment; white space, brackets and non-ASCII escaped, nothing else changed."""
    without = url.partition("#")[0]
    return _UNSAFE.sub(lambda match: quote(match[0], safe="", errors="replace"), without)
