"""What an operator decides about asking the networks, and where each endpoint lives.

Belongs here: switches, bases and paces. Which request a network wants is in its module. Secrets come from the environment
only (`from_environment`) and show neither in `repr` nor in a dump.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from archiver.urls import absolute, host_of

BEARER_VARIABLE = "POSTS_X_BEARER"

BASES: dict[str, str] = {
    "x.syndication": "https://cdn.syndication.twimg.com",
    "x.oembed": "https://publish.x.com",
    "x.api": "https://api.x.com",
    "x.page": "https://x.com",
    "x.page.old": "https://twitter.com",
    "x.timeline": "https://syndication.twitter.com",
    "x.fxtwitter": "https://api.fxtwitter.com",
    "wayback": "https://web.archive.org",
    "bing": "https://www.bing.com",
    "bluesky.api": "https://public.api.bsky.app",
    "bluesky.oembed": "https://embed.bsky.app",
    "truthsocial": "https://truthsocial.com",
    "telegram": "https://t.me",
    "youtube": "https://www.youtube.com",
    "tiktok": "https://www.tiktok.com",
    "reddit": "https://www.reddit.com",
    "reddit.embed": "https://embed.reddit.com",
    "meta.graph": "https://graph.facebook.com",
    "threads.graph": "https://graph.threads.net",
    "linkedin": "https://www.linkedin.com",
    "wikidata": "https://www.wikidata.org",
}
"""Endpoint name -> its address. A Mastodon server's is `mastodon:HOST`; `bases` may name any of them anew."""

BLUESKY_BLOBS = "https://bsky.social"
"""Where a blob of any author is asked for; it leads to the server that keeps the author's. Servers that are not its own it does not know."""

PACES: dict[str, float] = {
    "x.syndication": 1.0,
    "x.oembed": 2.0,
    "x.api": 1.0,
    "x.page": 5.0,
    "x.page.old": 5.0,
    "x.timeline": 5.0,
    "x.fxtwitter": 1.0,
    "wayback": 5.0,
    "bing": 10.0,
    "bluesky.api": 0.5,
    "bluesky.oembed": 0.5,
    "truthsocial": 2.0,
    "telegram": 3.0,
    "youtube": 2.0,
    "tiktok": 2.0,
    "reddit": 2.0,
    "reddit.embed": 2.0,
    "meta.graph": 4.0,
    "threads.graph": 4.0,
    "linkedin": 10.0,
    "wikidata": 2.0,
}
"""Seconds between two requests to an endpoint; 2 s for Mastodon servers."""

KEYLESS = frozenset({"x", "bluesky", "mastodon", "truthsocial", "telegram", "youtube", "tiktok", "reddit", "linkedin"})
_META = frozenset({"facebook", "instagram", "threads"})
KNOWN = KEYLESS | _META

X_FEATURES = ";".join(
    [
        "tfw_timeline_list:",
        "tfw_follower_count_sunset:true",
        "tfw_tweet_edit_backend:on",
        "tfw_refsrc_session:on",
        "tfw_fosnr_soft_interventions_enabled:on",
        "tfw_show_birdwatch_pivots_enabled:on",
        "tfw_show_business_verified_badge:on",
        "tfw_duplicate_scribes_to_settings:on",
        "tfw_use_profile_image_shape_enabled:on",
        "tfw_show_blue_verified_badge:on",
        "tfw_legacy_timeline_sunset:true",
        "tfw_show_gov_verified_badge:on",
        "tfw_show_business_affiliate_badge:on",
        "tfw_tweet_edit_frontend:on",
    ]
)
"""One fixed set an archive, so that two records of one post compare equal in replay."""


class PlatformOptions(BaseModel):
    """The switches. `bases` leads endpoints elsewhere (tests, the demo). `pace_factor` multiplies every pace.

    `x_keyless` is the owner's one switch for X without a key: off gives `not_attempted(terms)`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platforms: frozenset[str] = KNOWN
    x_keyless: bool = True
    x_bearer: SecretStr | None = Field(default=None, repr=False, exclude=True)
    x_bearer_use: Literal["first", "fallback"] = "fallback"
    x_budget_usd_per_article: float = Field(default=0.10, ge=0)
    x_features: str = X_FEATURES
    third_party: Literal["off", "discovery-only", "notes"] = "off"
    meta_oembed: bool = False
    wayback: bool = True
    bing: bool = True
    wikidata: bool = True
    mastodon_hosts: frozenset[str] = frozenset()
    retry: tuple[float, ...] = (3600.0, 21600.0, 86400.0, 604800.0)
    recheck: tuple[float, ...] = (86400.0, 2592000.0)
    bases: Mapping[str, str] = {}
    pace_factor: float = Field(default=1.0, ge=0)

    @field_validator("platforms")
    @classmethod
    def _known(cls, value: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(value - KNOWN):
            raise ValueError(f"{unknown[0]!r} is no network; {', '.join(sorted(KNOWN))}")
        return value

    @field_validator("bases")
    @classmethod
    def _lead_somewhere(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name, base in value.items():
            kind, _, host = name.partition(":")
            if name not in BASES and name != "media" and not (host and kind in ("mastodon", "short")):
                raise ValueError(f"{name!r} is no endpoint; {', '.join(sorted(BASES))}, mastodon:HOST, short:HOST")
            if not absolute(base):
                raise ValueError(f"{name}: {base!r} is no http(s) URL")
        return value

    @field_validator("mastodon_hosts")
    @classmethod
    def _are_hosts(cls, value: frozenset[str]) -> frozenset[str]:
        for host in sorted(value):
            if host_of(f"https://{host}/") != host.lower():
                raise ValueError(f"{host!r} is no host name; write it without scheme and path, such as mastodon.social")
        return value

    @field_validator("x_bearer")
    @classmethod
    def _one_word(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(
            r"[\x21-\x7e]+", value.get_secret_value()
        ):  # no "Bearer " before it, no line end in it
            raise ValueError(f'{BEARER_VARIABLE} is no bearer token; it is one word, without "Bearer" before it')
        return value

    def url(self, endpoint: str, path: str, query: Mapping[str, str] | None = None) -> str:
        """The address of `path` (with its slash) at an endpoint; `query` keeps its order."""
        base = self.bases.get(endpoint) or BASES.get(endpoint) or f"https://{endpoint.partition(':')[2]}"
        return base.rstrip("/") + path + ("?" + urlencode(query) if query else "")

    def pace(self, endpoint: str) -> float:
        """Seconds between two requests to an endpoint."""
        return PACES.get(endpoint, 2.0) * self.pace_factor

    def affords(self, spent_usd: float, cost_usd: float) -> bool:
        """Whether one more step may be paid for on behalf of an article that has cost `spent_usd` so far."""
        return not cost_usd or round(spent_usd + cost_usd, 6) <= self.x_budget_usd_per_article

    @property
    def bearer(self) -> str | None:
        """The X bearer token, None without one."""
        return self.x_bearer.get_secret_value() if self.x_bearer else None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **chosen: Any) -> PlatformOptions:
        """Options with the bearer token from the environment, the only place it may stand."""
        bearer = environ.get(BEARER_VARIABLE, "").strip()
        return cls(x_bearer=SecretStr(bearer) if bearer else None, **chosen)
