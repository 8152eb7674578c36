"""robots.txt by RFC 9309, and the decision goes into the document.

Belongs here: `rules` (what a file says about a URL, and which line says so; only importer of Protego), `middleware` (fetching,
keeping and asking files) and `copies` (what earlier runs captured of them).
"""

from pipelines.robots.copies import Copies
from pipelines.robots.middleware import HostUnreachable, RobotsMiddleware, RobotsRefused
from pipelines.robots.rules import SIZE_MAX, RobotsTxt

__all__ = ["SIZE_MAX", "Copies", "HostUnreachable", "RobotsMiddleware", "RobotsRefused", "RobotsTxt"]
