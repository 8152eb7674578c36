"""Structured data: what a page declares about itself, gathered before anyone judges it.

Belongs here: the one pass over the tree (`sweep`), JSON-LD (`blocks`, `jsonld`), microdata (`microdata`) and the
comparison of names that both need (`likeness`). No RDFa and no microformats: they cost many times the rest and give
almost nothing.
"""

from archiver.extract.structured.blocks import Node
from archiver.extract.structured.jsonld import Graph, is_article, plain, read_graph, types_of, url_key
from archiver.extract.structured.likeness import agreed, fold, share, strangers
from archiver.extract.structured.microdata import Microdata, read_microdata
from archiver.extract.structured.sweep import SPOKEN, PageLink, Sweep, squeeze, sweep, text_of

__all__ = [
    "SPOKEN",
    "Graph",
    "Microdata",
    "Node",
    "PageLink",
    "Sweep",
    "agreed",
    "fold",
    "is_article",
    "plain",
    "read_graph",
    "read_microdata",
    "share",
    "squeeze",
    "strangers",
    "sweep",
    "text_of",
    "types_of",
    "url_key",
]
