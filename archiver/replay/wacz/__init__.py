"""WACZ: a part of the archive as one file that a browser replays by itself (Web Archive Collection Zipped, 1.1.1).

Belongs here: choosing what goes into a package, writing it, and judging any package. What must be left out is for `hidden`.
"""

from archiver.replay.wacz.check import check_wacz
from archiver.replay.wacz.choose import Choice
from archiver.replay.wacz.package import Written, write_wacz
from archiver.replay.wacz.stamp import Stamp, must_be_able, stamp

__all__ = ["Choice", "Stamp", "Written", "check_wacz", "must_be_able", "stamp", "write_wacz"]
