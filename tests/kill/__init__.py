"""Kill it anywhere: `python -m tests.kill --runs 300 [--store URL]` and what its test uses.

Belongs here: victims, instants and what must hold afterwards. A victim is the real command, in a process that is ended by SIGKILL.
"""
