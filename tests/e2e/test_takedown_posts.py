"""A post that is taken down goes from documents, from the answers that showed it, and from cards."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from tests.e2e.kit import archiver
from tests.e2e.test_posts import Story, cited, networks

__all__ = ["cited", "networks"]


def test_a_post_goes_from_documents_answers_and_cards(cited: Story, tmp_path: Path) -> None:
    store = Path(shutil.copytree(cited.store, tmp_path / "archive"))
    shutil.copy(cited.folder / "archiver.toml", tmp_path)
    shutil.copytree(cited.folder / "sources", tmp_path / "sources")
    named = {c.native_id: a for a in Archive(store).articles() for c in a.citations if c.url and c.native_id}
    found = (one for one in Archive(store).posts() if one.capture and one.text and one.status == "captured")
    post = next(one for one in found if one.native_id in named)
    reason = ("--reason", "the author's wish", "--by", "desk")
    done = archiver("takedown", "hide", "post", post.url, *reason, "--json", "--store", store, cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr.decode()
    ids = [json.loads(line)["id"] for line in done.stdout.splitlines()]
    assert post.id not in {one.id for one in Archive(store).posts()}
    assert post.id not in {one.post_id for one in Archive(store).resolutions()}
    shown = archiver("show", named[post.native_id].url, "--store", store, cwd=tmp_path).stdout.decode()
    assert "the post was taken down on" in shown and "the author's wish" in shown
    page = archiver("show", named[post.native_id].url, "--html", "--store", store, cwd=tmp_path).stdout.decode()
    assert "The post was taken down on" in page and "the author&#x27;s wish" in page.replace("&#39;", "&#x27;")
    erased = archiver("takedown", "erase", *ids, "--store", store, cwd=tmp_path)
    assert erased.returncode == Exit.OK, erased.stderr.decode()
    whole = Archive(store, everything=True)
    assert [str(found) for found in check_archive(whole) if found.severity == "error"] == []
    assert post.id not in {one.id for one in whole.posts()}
    assert post.id not in {one.post_id for one in whole.resolutions()}
    full = archiver("check", "--full", "--store", store, cwd=tmp_path)
    assert full.returncode == Exit.OK, full.stdout.decode()
    # Documents made again after an erasure: no reader sees it again, and the cards are not made a second time under their old name.
    listed = [file.key for run in whole.runs() for file in run.files]
    again = archiver("extract", "--archive", store, "--sources", tmp_path / "sources", cwd=tmp_path)
    assert again.returncode == Exit.OK, again.stderr.decode()
    after = Archive(store, everything=True)
    assert [file.key for run in after.runs() for file in run.files] == listed
    assert post.id not in {one.id for one in after.posts()}
    assert post.id not in {one.post_id for one in after.resolutions()}, "a staying article cites it, and it stays gone"
    # Lifted, it does not come back either, and nothing is said to be missing.
    lifted = archiver("takedown", "lift", ids[0], *reason, "--store", store, cwd=tmp_path)
    assert b"what was erased does not come back" in lifted.stderr, lifted.stderr.decode()
    full = archiver("check", "--full", "--store", store, cwd=tmp_path)
    assert full.returncode == Exit.OK, full.stdout.decode()
    assert [str(found) for found in check_archive(after) if found.severity == "error"] == []
