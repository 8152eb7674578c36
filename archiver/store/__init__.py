"""Where an archive lives: blobs by key.

Belongs here: the `Store` protocol and its implementations. What the keys mean is `archiver.layout`'s matter.
"""

from archiver.store.base import Store, Stored
from archiver.store.local import FolderStore
from archiver.store.opening import open_store

__all__ = ["FolderStore", "Store", "Stored", "open_store"]
