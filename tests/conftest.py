"""What holds for every test: no deadline for a single example, since the machine may be doing other things."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("archiver", deadline=None)
settings.load_profile("archiver")
