"""Real object stores on loopback, and one of ours that fails on command.

Belongs here: starting and stopping servers. What must hold on each of them is in `tests/integration/store`.
"""
