#!/usr/bin/env bash
# numpy.save writes bfloat16 arrays as elements of nothing known, and numpy.load gives them back as such.
#
# Valid input: two numbers of the type bfloat16 of ml_dtypes 0.6.0, which JAX and TensorFlow use.
# Behavior: NumPy 2.4.6 writes descr '<V2' (two bytes, void), which does not say bfloat16, without a warning; numpy.load
# returns dtype |V2 with raw bytes, so that arithmetic on what was saved fails. A reader of .npy files cannot tell such
# an array from any other two-byte record; ours takes '<V2' as bfloat16, which nothing else in the field writes.
# Expected: the name of the type in the header, or a refusal to save.
#
# Installs pinned public packages into a temporary folder, which is removed; fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6
"$folder/env/bin/python" - <<'PYTHON'
import io, warnings
import ml_dtypes, numpy

print("ml_dtypes", ml_dtypes.__version__, "numpy", numpy.__version__)
warnings.simplefilter("error")
file = io.BytesIO()
numpy.save(file, numpy.array([1.5, 2], dtype=ml_dtypes.bfloat16))
header = file.getvalue()[10:].split(b"\n")[0].decode().strip()
file.seek(0)
back = numpy.load(file)
print("header", header)
print("loaded", back.dtype, back)
assert "'descr': '<V2'" in header or "'descr': '|V2'" in header, "the header has changed"
assert back.dtype == numpy.dtype("V2"), "the loaded type has changed"
try:
    back + 1
except TypeError as error:
    print("back + 1:", type(error).__name__)
else:
    raise AssertionError("arithmetic works now")
assert back.view(ml_dtypes.bfloat16).tolist() == [1.5, 2], "the bytes have changed"
print("as described")
PYTHON
