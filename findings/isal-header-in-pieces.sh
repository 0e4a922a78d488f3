#!/usr/bin/env bash
# ISA-L takes the checksum of a gzip header for wrong when the header comes in pieces.
#
# Valid input: a gzip member with the header checksum of RFC 1952 (flag FHCRC), 30 bytes, handed over 3 bytes at a time, as
# a pipe may deliver it.
# Behavior: isal 1.9.1 (Python's binding, which bundles ISA-L) raises "Incorrect checksum found" where the pieces end
# inside the header, and decompresses the same bytes in one piece; zlib accepts both. ISA-L 2.30 of Debian 12 does the
# same from C with ISAL_GZIP. Our reader therefore reads headers itself and gives ISA-L what stands behind them.
# Expected: the same result for any cut of the input.
#
# Installs pinned public packages into a temporary folder, which is removed; fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check isal==1.9.1
"$folder/env/bin/python" - <<'PYTHON'
import zlib
import isal
from isal import isal_zlib

text = b"1 2\n2 3\n"
header = bytes([0x1F, 0x8B, 8, 2, 0, 0, 0, 0, 0, 255])
deflate = zlib.compressobj(wbits=-15)
member = header + (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little") + deflate.compress(text) + deflate.flush()
member += zlib.crc32(text).to_bytes(4, "little") + len(text).to_bytes(4, "little")


def read(library, step):
    stream = library.decompressobj(wbits=31)
    return b"".join(stream.decompress(member[i : i + step]) for i in range(0, len(member), step))


print("isal", isal.__version__, "zlib", zlib.ZLIB_RUNTIME_VERSION, "bytes", len(member))
assert read(zlib, 3) == read(zlib, len(member)) == text, "zlib has changed"
assert read(isal_zlib, len(member)) == text, "one piece is refused now"
try:
    read(isal_zlib, 3)
except isal_zlib.IsalError as error:
    print("in pieces:", error)
    assert "checksum" in str(error), "the message has changed"
else:
    raise AssertionError("pieces are accepted now")
print("as described")
PYTHON
