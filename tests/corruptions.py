"""Ways to spoil an archive, each seeded and each with the depth at which `check` must find it.

Belongs here: spoiling. Those under `consistent` are done by somebody who also corrected sizes, digests, counts and marks, so that only
what is inside can tell.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.audit import Depth
from archiver.warc import read_captures
from archiver.warc.compress import gzip_member

QUICK, DEFAULT, FULL = Depth.QUICK, Depth.DEFAULT, Depth.FULL


@dataclass
class Spoiler:
    """One archive to spoil, and the chance by which it is spoilt."""

    root: Path
    rng: random.Random

    # Choosing

    def pick(self, *patterns: str) -> Path:
        found = sorted(path for pattern in patterns for path in self.root.glob(pattern) if path.is_file())
        return self.rng.choice(found)

    def listed(self) -> Path:
        """Any file that a manifest lists."""
        families = ("warc", "cdxj", "articles", "posts", "resolutions", "tombstones")
        return self.pick(*(f"{family}/**/*.gz" for family in families))

    def manifests(self) -> list[Path]:
        return sorted(self.root.glob("runs/**/manifest.json"))

    # Writing

    def write(self, path: Path, content: bytes) -> None:
        path.unlink(missing_ok=True)  # never through a hard link
        path.write_bytes(content)

    def remark(self, manifest: Path, run: dict[str, Any]) -> None:
        """The manifest anew, with a mark that fits."""
        content = json.dumps(run, indent=1, ensure_ascii=False).encode() + b"\n"
        self.write(manifest, content)
        self.write(manifest.with_name("_SUCCESS"), f"sha256:{hashlib.sha256(content).hexdigest()}\n".encode())

    def consistent(self, path: Path, content: bytes, records: int = 0) -> None:
        """Other bytes, and a manifest that says so; `records` are more (or fewer) than before."""
        self.write(path, content)
        key = str(path.relative_to(self.root))
        for manifest in self.manifests():
            run = json.loads(manifest.read_bytes())
            for file in run["files"]:
                if file["key"] == key:
                    file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                    file["records"] += records
                    if (family := key.partition("/")[0]) in ("articles", "posts"):
                        run[family] += records
                    self.remark(manifest, run)

    def lines(self, path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
        before = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        after = change(list(before))
        assert after != before
        self.consistent(path, gzip.compress(b"".join(after), mtime=0), len(after) - len(before))

    def document(self, change: Callable[[dict[str, Any]], object], family: str = "articles") -> None:
        """One document changed, consistently."""
        path = self.pick(f"{family}/**/*.gz")

        def changed(lines: list[bytes]) -> list[bytes]:
            number = self.rng.randrange(len(lines))
            document = json.loads(lines[number])
            change(document)
            lines[number] = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            return lines

        self.lines(path, changed)


# Files that are not what they were


def flipped_byte(on: Spoiler) -> Depth:
    path = on.listed()
    content = bytearray(path.read_bytes())
    content[on.rng.randrange(len(content))] ^= 1 << on.rng.randrange(8)
    on.write(path, bytes(content))
    return DEFAULT


def cut_file(on: Spoiler) -> Depth:
    path = on.listed()
    content = path.read_bytes()
    on.write(path, content[: on.rng.randrange(len(content))])
    return QUICK


def longer_file(on: Spoiler) -> Depth:
    path = on.listed()
    on.write(path, path.read_bytes() + on.rng.randbytes(on.rng.randrange(1, 40)))
    return QUICK


def deleted_file(on: Spoiler) -> Depth:
    on.listed().unlink()
    return QUICK


def renamed_file(on: Spoiler) -> Depth:
    path = on.listed()
    path.rename(path.with_name(f"x{path.name}"))
    return QUICK


def swapped_files(on: Spoiler) -> Depth:
    """Two of a kind in each other's place; of other sizes mostly."""
    family = on.rng.choice(["warc", "cdxj", "articles"])
    first, second = on.rng.sample(sorted(on.root.glob(f"{family}/**/*.gz")), 2)
    one, two = first.read_bytes(), second.read_bytes()
    on.write(first, two)
    on.write(second, one)
    return QUICK if len(one) != len(two) else DEFAULT


def swapped_bytes_of_equal_size(on: Spoiler) -> Depth:
    path = on.listed()
    on.write(path, on.rng.randbytes(path.stat().st_size))
    return DEFAULT


# Manifests, marks, announcements, schemas, events


def edited_manifest(on: Spoiler) -> Depth:
    path = on.rng.choice(on.manifests())
    content = path.read_bytes()
    number = on.rng.choice(list(re.finditer(rb"\d", content))).start()
    digit = b"%d" % ((content[number] - 47) % 10)
    on.write(path, content[:number] + digit + content[number + 1 :])
    return QUICK


def edited_mark(on: Spoiler) -> Depth:
    path = on.pick("runs/**/_SUCCESS")
    content = bytearray(path.read_bytes())
    content[on.rng.randrange(len(content))] ^= 2
    on.write(path, bytes(content))
    return QUICK


def deleted_mark(on: Spoiler) -> Depth:
    on.pick("runs/**/_SUCCESS").unlink()
    return QUICK


def stale_manifest_with_fewer_files(on: Spoiler) -> Depth:
    path = on.rng.choice([one for one in on.manifests() if b"warc/" in one.read_bytes()])
    run = json.loads(path.read_bytes())
    stem = on.rng.choice([file["key"] for file in run["files"] if file["key"].startswith("warc/")]).rpartition("/")[2][
        :-8
    ]
    gone = [file for file in run["files"] if stem in file["key"]]
    run["files"] = [file for file in run["files"] if file not in gone]
    run["captures"] -= sum(file["records"] for file in gone if file["key"].startswith("warc/"))
    on.remark(path, run)
    return QUICK


def stale_manifest_of_an_older_file(on: Spoiler) -> Depth:
    path = on.rng.choice([one for one in on.manifests() if b'"key"' in one.read_bytes()])
    run = json.loads(path.read_bytes())
    file = on.rng.choice(run["files"])
    file["sha256"] = hashlib.sha256(on.rng.randbytes(8)).hexdigest()
    shrunk = on.rng.random() < 0.5
    file["bytes"] -= shrunk
    on.remark(path, run)
    return QUICK if shrunk else DEFAULT


def edited_change_entry(on: Spoiler) -> Depth:
    path = on.pick("changes/v1/0*.json")
    content = bytearray(path.read_bytes())
    content[on.rng.randrange(len(content))] ^= 1 << on.rng.randrange(7)
    on.write(path, bytes(content))
    return QUICK


def missing_change_entry(on: Spoiler) -> Depth:
    on.pick("changes/v1/0*.json").unlink()
    return QUICK


def change_entries_in_another_order(on: Spoiler) -> Depth:
    path = on.pick("changes/v1/0*.json")
    number = int(path.stem) + 5
    path.rename(path.with_name(f"{number:020d}.json"))
    return QUICK


def change_entry_for_another_run(on: Spoiler) -> Depth:
    first, second = on.rng.sample(sorted(on.root.glob("changes/v1/0*.json")), 2)
    on.write(first, second.read_bytes())
    return QUICK


def edited_schema(on: Spoiler) -> Depth:
    path = on.pick("schemas/*.json")
    on.write(path, path.read_bytes().replace(b'"type"', b'"tipe"', 1))
    return QUICK


def deleted_schema(on: Spoiler) -> Depth:
    on.pick("schemas/*.json").unlink()
    return QUICK


def damaged_event_log(on: Spoiler) -> Depth:
    path = on.pick("events/**/*.gz")
    content = path.read_bytes()
    on.write(path, content[: on.rng.randrange(20, len(content) - 1)])
    return DEFAULT


# Consistent: only what is inside can tell


def edited_words(on: Spoiler) -> Depth:
    on.document(lambda d: d.update(headline=f"{d['headline']} – or not"))
    return FULL


def edited_body(on: Spoiler) -> Depth:
    on.document(lambda d: d["paragraphs"][0].update(text="another text"))
    return DEFAULT


def unknown_field(on: Spoiler) -> Depth:
    on.document(lambda d: d.update(comment="added later"))
    return DEFAULT


def moved_pointer(on: Spoiler) -> Depth:
    name = on.rng.choice(["warc_record_offset", "warc_record_length"])
    on.document(lambda d: d["capture"].update({name: d["capture"][name] + on.rng.choice((-1, 1, 7))}))
    return DEFAULT


def pointer_to_another_record(on: Spoiler) -> Depth:
    on.document(lambda d: d["capture"].update(warc_record_id="urn:uuid:00000000-0000-4000-8000-00000000000f"))
    return DEFAULT


def pointer_to_nowhere(on: Spoiler) -> Depth:
    def changed(document: dict[str, Any]) -> None:
        capture = document["capture"]
        capture["warc_filename"] = re.sub(r"-\d{5}-", "-00077-", capture["warc_filename"])

    on.document(changed)
    return DEFAULT


def document_twice(on: Spoiler) -> Depth:
    on.lines(on.pick("articles/**/*.gz"), lambda lines: [*lines, lines[0]])
    return DEFAULT


def document_left_out(on: Spoiler) -> Depth:
    path = on.rng.choice(
        [p for p in sorted(on.root.glob("articles/**/*.gz")) if gzip.decompress(p.read_bytes()).count(b"\n") > 1]
    )
    on.lines(path, lambda lines: lines[1:])
    return FULL


def edited_index(on: Spoiler) -> Depth:
    def changed(lines: list[bytes]) -> list[bytes]:
        number = on.rng.randrange(len(lines))
        lines[number] = re.sub(rb'"offset": "(\d+)"', lambda m: b'"offset": "%d"' % (int(m[1]) + 1), lines[number])
        return lines

    on.lines(on.pick("cdxj/**/*.gz"), changed)
    return DEFAULT


def index_line_left_out(on: Spoiler) -> Depth:
    on.lines(on.pick("cdxj/**/*.gz"), lambda lines: lines[1:])
    return DEFAULT


def edited_record(on: Spoiler) -> Depth:
    """A word of a page changed inside its gzip member, CRC and manifest in order."""
    paths = sorted(on.root.glob("warc/example/**/*.gz"))
    path = on.rng.choice([p for p in paths if any(b"<p>" in c.body for c in read_captures(p))])
    capture = on.rng.choice([c for c in read_captures(path) if b"<p>" in c.body])
    pointer = capture.pointer
    content = path.read_bytes()
    start, end = pointer.warc_record_offset, pointer.warc_record_offset + pointer.warc_record_length
    block = gzip.decompress(content[start:end]).replace(b"harbour", b"HARBOUR", 1)
    on.consistent(path, content[:start] + gzip_member(block) + content[end:])
    return DEFAULT


def missing_revisit_target(on: Spoiler) -> Depth:
    """The whole run with the original is gone, without a trace in the sequence of changes."""
    revisit = next(
        capture.pointer.refers_to
        for path in sorted(on.root.glob("warc/**/*.gz"))
        for capture in read_captures(path)
        if capture.pointer.refers_to
        and capture.pointer.refers_to.warc_filename
        and not path.name.endswith(capture.pointer.refers_to.warc_filename.rpartition("/")[2])
    )
    assert revisit.warc_filename
    manifest = next(one for one in on.manifests() if revisit.warc_filename in one.read_text())
    for file in json.loads(manifest.read_bytes())["files"]:
        (on.root / file["key"]).unlink()
    shutil.rmtree(manifest.parent)
    entries = sorted(on.root.glob("changes/v1/0*.json"))
    kept = [one.read_bytes() for one in entries if manifest.parent.name not in one.read_text()]
    for path in entries:
        path.unlink()
    for number, content in enumerate(kept, 1):
        on.write(entries[0].with_name(f"{number:020d}.json"), content)
    return DEFAULT


WAYS: list[Callable[[Spoiler], Depth]] = [
    flipped_byte,
    cut_file,
    longer_file,
    deleted_file,
    renamed_file,
    swapped_files,
    swapped_bytes_of_equal_size,
    edited_manifest,
    edited_mark,
    deleted_mark,
    stale_manifest_with_fewer_files,
    stale_manifest_of_an_older_file,
    edited_change_entry,
    missing_change_entry,
    change_entries_in_another_order,
    change_entry_for_another_run,
    edited_schema,
    deleted_schema,
    damaged_event_log,
    edited_words,
    edited_body,
    unknown_field,
    moved_pointer,
    pointer_to_another_record,
    pointer_to_nowhere,
    document_twice,
    document_left_out,
    edited_index,
    index_line_left_out,
    edited_record,
    missing_revisit_target,
]
