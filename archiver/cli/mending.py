"""`mend`: a WARC that a crash cut, again with its whole records, in a new file."""

from __future__ import annotations

from pathlib import Path

from archiver.cli.common import complain, talk
from archiver.cli.exits import Exit
from archiver.errors import UsageError, WarcError
from archiver.layout import segment_name
from archiver.warc import check_warc
from archiver.warc.mend import Mended, mend, place_for


def mend_files(paths: list[Path], out: Path | None, *, index: bool) -> int:
    """`archiver mend FILE...`: one new file for each that is damaged. A file that cannot be mended stops no other."""
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    if out is not None and len(paths) > 1 and not out.is_dir():
        raise UsageError(f"{out}: several files need a folder; make it first")
    code = Exit.OK
    for path in paths:
        try:
            code = max(code, _tell(mend(path, place_for(path, out), index=index)))
        except (WarcError, OSError) as error:
            code = complain(error if isinstance(error, WarcError) else f"{path}: {error.strerror}", Exit.ERROR)
    return code


def _tell(mended: Mended) -> Exit:
    for cut in mended.cuts:
        talk.print(f"{mended.source}: {cut}", markup=False)
    for note in mended.notes:
        talk.print(f"{mended.source}: {note}", markup=False)
    if mended.index:
        name = segment_name(mended.index.name.replace(".cdxj.gz", ".warc.gz"))
        where = f"; in its archive it belongs to {name.cdxj}" if name else ""
        talk.print(f"{mended.index}: the index of {mended.source.name}{where}", markup=False)
    if mended.out is None:
        if mended.records:
            talk.print(f"{mended.source}: {mended.records} records, all whole; nothing to mend", markup=False)
            return Exit.OK
        return complain(f"{mended.source}: holds no whole record; nothing was written", Exit.ERROR)
    lost = sum(cut.length for cut in mended.cuts)
    talk.print(f"{mended.out}: {mended.records} records kept, {lost} bytes left out", markup=False)
    left = [found for found in check_warc(mended.out) if found.severity == "error"]
    for found in left[:20]:
        talk.print(f"{mended.out}:{found.offset} {found.rule}: {found.sentence}", markup=False)
    if left:
        talk.print(f"{len(left)} faults were in the records themselves and are in the new file too", markup=False)
    return Exit.OK
