"""Replay: the archive in a web browser, and packages of it.

Belongs here: which index lines a replay may see, pywb's configuration and process, WACZ packages. pywb itself lives in an
environment of its own (`make replay-setup`) and is driven as a process; nothing here imports it.
"""

from archiver.replay.collection import Collection, build_collection
from archiver.replay.environment import find_environment
from archiver.replay.hidden import Hidden, hidden_of
from archiver.replay.server import Replay

__all__ = ["Collection", "Hidden", "Replay", "build_collection", "find_environment", "hidden_of"]
