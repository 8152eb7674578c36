"""What holds for every test: no deadline for a single example, since the machine may be doing other things, and Ctrl-C works.

A shell starts what runs in its background with SIGINT ignored, and every command that a test interrupts would inherit that.
"""

from __future__ import annotations

import signal

from hypothesis import settings

settings.register_profile("archiver", deadline=None)
settings.load_profile("archiver")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
