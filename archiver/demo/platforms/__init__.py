"""Fake networks on loopback: every endpoint that the chains ask, with every shape of answer that was ever recorded.

Belongs here: what strangers' servers send, invented in content and faithful in shape. Nothing of `archiver.platforms` is used
to make an answer, apart from the token that X's widget computes.
"""

from __future__ import annotations

from archiver.demo.platforms.posts import FakePost, demo_posts
from archiver.demo.platforms.server import STATES, Asked, FakePlatforms

__all__ = ["STATES", "Asked", "FakePlatforms", "FakePost", "demo_posts"]
