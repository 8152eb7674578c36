"""How much memory a process took at most, as Linux counts it for its present program.

Belongs here: nothing else, so that a measured process loads nothing for it. `ru_maxrss` would not do: in a new process it begins with
that of the process it came from.
"""

from __future__ import annotations

from pathlib import Path


def peak_memory() -> int:
    """Bytes of resident memory that this process had at most (VmHWM)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM: this measurement needs Linux")
