"""Index: CDXJ lines of a whole archive, looked up by SURT and time without loading them.

Belongs here: sorted lines on disk, their blocks, their merging and their look-up. What a line says is for `archiver.warc.cdxj`;
which lines a replay may see is for `archiver.replay`.
"""

from archiver.index.blocks import BLOCK_LINES, Blocks, write_blocks
from archiver.index.folder import ArchiveIndex, update_index
from archiver.index.lines import line_values, sorted_lines
from archiver.index.search import SortedFile

__all__ = [
    "BLOCK_LINES",
    "ArchiveIndex",
    "Blocks",
    "SortedFile",
    "line_values",
    "sorted_lines",
    "update_index",
    "write_blocks",
]
