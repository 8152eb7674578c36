"""Where the `WarcWriter` of a run works: in a process of its own, or in a thread.

Belongs here: taking hashing, compressing and record making off the reactor. What is written, and when, stays the writer's matter;
what an answer means stays the recorder's.

`WriterProcess` is the usual one: two threads of one interpreter take turns, and the crawl pays for each. The child is forked when
the recorder is made, ignores the keyboard's signals, and dies with its parent, by the kernel's hand (PR_SET_PDEATHSIG), so that
nothing writes into a spool whose run is gone. It keeps the parent's files, with them the run's lock, and closes the parent's
sockets. "Acknowledged" means what it means for the writer: the answer is sent after the records are with the operating system.
`WriterThread` is for systems that are not Linux, and for a single core.

Both do three things unasked: fsync one second after a write, seal a file that is due while nothing else happens, and refuse
everything after a `RecordingError`.
"""

from pipelines.writer.process import WriterProcess, can_fork
from pipelines.writer.thread import WriterThread

__all__ = ["WriterProcess", "WriterThread", "can_fork"]
