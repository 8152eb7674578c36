"""A small newspaper on loopback: three fictional outlets, and a gallery of servers that misbehave.

Belongs here: what `make demo` crawls and what tests talk to. Everything is made by this project: the prose (`content/`), the
pages (`templates/`), the pictures and the font (`assets`). Standard library only, and no network beyond loopback. Only the
verb `demo`, tests and benchmarks import this package.
"""

from archiver.demo.gallery import GALLERY, Misbehaviour
from archiver.demo.outlets import Outlet
from archiver.demo.server import DemoNewspaper
from archiver.demo.sources import write_sources

__all__ = ["GALLERY", "DemoNewspaper", "Misbehaviour", "Outlet", "write_sources"]
