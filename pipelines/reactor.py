"""The reactor, for whoever needs it.

Belongs here: one function. Importing Twisted's reactor installs one, and Scrapy chooses which: no module imports it by itself.
"""

from __future__ import annotations

from typing import Any


def reactor() -> Any:
    """The reactor that Scrapy chose."""
    from twisted.internet import reactor

    return reactor
