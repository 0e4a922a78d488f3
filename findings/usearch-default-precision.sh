#!/usr/bin/env bash
# USearch 2.26.6 keeps 32-bit floats as bfloat16 unless it is told otherwise, and says nothing when vectors collapse.
#
# Valid input: three points 1000.1, 1000.2, 1000.3 as float32, one dimension, squared Euclidean distance.
# Behavior: Index(ndim=1, metric="l2sq") chooses the scalar kind BF16, in which the three are one number: a query for
# the third finds all three at distance 0, with `exact=True` too, without a warning.
# Expected by a reader of numpy arrays: the third at distance 0 and the others further, as Index(..., dtype="f32") says.
# Also: with dtype="f32" the finite points 1e20, 2e20 and -1e20 are all at distance inf from 1e20, so that the order of
# the answers is not that of the distances.
#
# Installs pinned public packages into a temporary folder, which is removed; fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check usearch==2.26.6 numpy==2.4.6
"$folder/env/bin/python" - <<'PYTHON'
import numpy, usearch
from usearch.index import Index

points = numpy.array([[1000.1], [1000.2], [1000.3]], dtype=numpy.float32)
print("usearch", usearch.__version__, "numpy", numpy.__version__)


def search(points, query, exact=False, **options):
    index = Index(ndim=points.shape[1], metric="l2sq", **options)
    index.add(numpy.arange(len(points)), points)
    found = index.search(query, len(points), exact=exact)
    print(f"{str(index.dtype):16} exact={exact!s:5} keys {found.keys.tolist()} distances {found.distances.tolist()}")
    return str(index.dtype), found.keys.tolist(), found.distances.tolist()


for exact in (False, True):
    kind, keys, distances = search(points, points[2], exact)
    assert kind.endswith("BF16") and distances == [0, 0, 0], "the default precision has changed"
_, keys, distances = search(points, points[2], dtype="f32")
assert keys == [2, 1, 0] and 0 == distances[0] < distances[1] < distances[2], "32-bit floats have changed"
far = numpy.array([[1e20], [2e20], [-1e20]], dtype=numpy.float32)
_, keys, distances = search(far, far[0], dtype="f32")
assert distances[1:] == [float("inf")] * 2, "distances of finite points are finite now"
print("as described")
PYTHON
