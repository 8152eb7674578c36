"""A page as a browser sees it: Debian's Chromium, driven over its debugging pipe, with every exchange handed over as an `Exchange`.

Belongs here: starting Chromium, talking to it, the way out that it has, and one page from its address to its picture. It knows no
crawler: what may be asked for is decided by the caller (`Permit`), and what came back is recorded by the caller (`Record`).

Nothing has to be installed but Chromium. It has no debugging port, no way to the network but a guarded proxy of ours on loopback,
and a fresh profile that is thrown away.
"""

from archiver.browser.chromium import Chromium, find_chromium, version_of
from archiver.browser.page import Limits, Rendered
from archiver.browser.wire import NOTE, WARCINFO

__all__ = ["NOTE", "WARCINFO", "Chromium", "Limits", "Rendered", "find_chromium", "version_of"]
