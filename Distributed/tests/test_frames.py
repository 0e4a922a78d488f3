"""Frames of columns, without Spark: what is written is read, and nothing damaged is."""

import io
import struct

import numpy as np
import pytest

from graphmill_spark import FrameError, frames


def stream(counts=(2, 1, 3)):
    """Frames of three columns, one of them of vectors."""
    out = io.BytesIO()
    for number, rows in enumerate(counts):
        frames.write_frame(out, number, [
            np.arange(rows), np.linspace(0, 1, 3 * rows, dtype=np.float32).reshape(rows, 3), np.ones(rows, np.uint8)])
    frames.write_end(out, len(counts), sum(counts))
    return out.getvalue()


def read(data):
    return list(frames.read_frames(io.BytesIO(data)))


@pytest.mark.parametrize("dtype", frames.TYPES)
@pytest.mark.parametrize("shape", [(0,), (1,), (1000,), (7, 3), (0, 5)])
def test_there_and_back(dtype, shape):
    column = np.random.default_rng(1).integers(0, 100, shape).astype(dtype)
    out = io.BytesIO()
    frames.write_frame(out, 0, [column])
    frames.write_end(out, 1, shape[0])
    ((found,),) = read(out.getvalue())
    assert found.dtype == column.dtype and found.shape == shape and np.array_equal(found, column)


def test_ten_mebibytes():
    column = np.arange(10 << 17)
    out = io.BytesIO()
    frames.write_frame(out, 0, [column])
    frames.write_end(out, 1, len(column))
    assert np.array_equal(read(out.getvalue())[0][0], column)


def test_the_header_is_numpys():
    out = io.BytesIO()
    np.save(out, np.zeros((2, 3), np.float32))
    assert out.getvalue()[:128] == frames.header("<f4", (2, 3))


def test_every_cut_is_refused():
    whole = stream()
    assert len(read(whole)) == 3
    for count in range(len(whole)):
        with pytest.raises(FrameError):
            read(whole[:count])
    with pytest.raises(FrameError, match="behind its end"):
        read(whole + b"\0")


def test_every_changed_byte_is_refused_or_a_number():
    whole = stream((2, 1))
    numbers = 0
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x81
        try:
            assert sum(len(columns[0]) for columns in read(bytes(changed))) == 3
            numbers += 1
        except FrameError:
            pass
    assert numbers == 3 * (8 + 12 + 1)


@pytest.mark.parametrize("head", [
    (b"GMF1", 1, 0, 1, 0, 0), (b"GMF1", 1, 65, 1, 1 << 14, 0), (b"GMF1", 1, 1, (1 << 31) + 1, 1 << 14, 0),
    (b"GMF1", 1, 1, 1, (1 << 30) + 1, 0), (b"GMF1", 1, 1, 2**64 - 1, 2**64 - 1, 0), (b"GMF1", 1, 1, 1, 192, 1),
    (b"GMF1", 2, 0, 1, 0, 0), (b"GMF1", 2, 0, 0, 0, 1), (b"GMF2", 2, 0, 0, 0, 0), (b"GMF1", 3, 0, 0, 0, 0),
])
def test_impossible_heads(head):
    with pytest.raises(FrameError):
        read(struct.pack("<4sHHQQQ", *head) + bytes(1 << 15))


@pytest.mark.parametrize("given", [
    frames.header("<i8", (2,)).replace(b"False", b"True "), frames.header("<i8", (3,)), frames.header("<i8", (2, 0)),
    frames.header("<i8", (2,)).replace(b"<i8", b">i8"), frames.header("<i8", (2,)).replace(b"<i8", b"|O8"),
    frames.header("<i8", (2,))[:-1] + b" ", b"(" * 128, b")" * 128, bytes(128), frames.header("<i8", (2, 99999)),
])
def test_hostile_headers(given):
    body = given + bytes(64)
    with pytest.raises(FrameError):
        read(struct.pack("<4sHHQQQ", b"GMF1", 1, 1, 2, len(body), 0) + body)


def test_what_does_not_travel():
    for columns in ([np.zeros(2, "<f2")], [np.zeros(2), np.zeros(3)], [np.zeros(1)] * 65):
        with pytest.raises(FrameError):
            frames.write_frame(io.BytesIO(), 0, columns)
