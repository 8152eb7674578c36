"""Object storage that speaks S3, through plain boto3: the only room that imports it.

Belongs here: where a store is, how its errors read, what it was seen to do, and putting and reading with proof. Nothing is believed
because a call did not raise: every upload is followed by HEAD and a comparison, and what a server can do is probed in the real
bucket, never taken from its name.
"""

from archiver.store.s3.capabilities import Capabilities
from archiver.store.s3.place import Place, parse_place
from archiver.store.s3.store import S3Store

__all__ = ["Capabilities", "Place", "S3Store", "parse_place"]
