"""Where an archive lives: blobs by key.

Belongs here: the `Store` protocol and its implementations. What the keys mean is `archiver.layout`'s matter.
"""

from archiver.store.base import Store
from archiver.store.local import FolderStore, open_store

__all__ = ["FolderStore", "Store", "open_store"]
