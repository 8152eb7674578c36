"""Members are the same to every reader, whichever library made them."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from archiver.warc import WarcWriter, check_warc, compress, read_captures
from tests.unit.warc.conftest import PAGE, exchange, http


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize("without_igzip", [False, True])
def test_a_member_is_one_gzip_member(coded: bool, without_igzip: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if without_igzip:
        monkeypatch.setattr(compress, "_fast", None)
    machine = compress.deflater(coded)
    streamed = machine.compress(PAGE) + machine.compress(b"") + machine.flush()
    for member in (compress.gzip_member(PAGE), compress.stored_member(PAGE[:90], PAGE[90:]), streamed):
        assert gzip.decompress(member) == PAGE
        assert member[3:8] == bytes(5)  # no name, no time: the same bytes for the same record
        reader = compress.inflater()
        assert reader.decompress(member + b"next") == PAGE
        assert (reader.eof, reader.unused_data) == (True, b"next")
        with pytest.raises(compress.DEFLATE_ERRORS):
            compress.inflater().decompress(member[:-6] + bytes([member[-6] ^ 1]) + member[-5:])


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 200_000])
def test_coded_bytes_are_stored_whatever_their_number(size: int) -> None:
    coded = bytes(range(256)) * 800
    member = compress.stored_member(b"head", coded[:size])
    assert gzip.decompress(member) == b"head" + coded[:size]


def test_files_are_written_and_read_without_igzip(
    make_writer: Callable[..., WarcWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compress, "_fast", None)
    writer = make_writer()
    pointers = [writer.write(exchange()), writer.write(exchange(response=http(b"other")))]
    (sealed,) = writer.close()
    assert [capture.pointer for capture in read_captures(sealed.path, warc_filename=sealed.key)] == pointers
    assert check_warc(sealed.path) == []
