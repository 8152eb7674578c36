"""A gallery of named misbehaviours: servers and pages that break crawlers, one address each under `/gallery/NAME`.

Belongs here: the listing and the way from a path to a misbehaviour. The misbehaviours are in `answers` (status, redirects,
throttling), `pages` (what the page says or hides) and `wire` (what breaks below HTTP); registering is in `registry`.
"""

from __future__ import annotations

from archiver.demo.gallery import answers, pages, wire
from archiver.demo.gallery.registry import GALLERY, Ask, Misbehaviour, listing, misbehave

__all__ = ["GALLERY", "Ask", "Misbehaviour", "answers", "listing", "misbehave", "pages", "wire"]
