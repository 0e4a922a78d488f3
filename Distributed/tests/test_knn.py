"""Shards: one is the local index, many merge exactly, and every run gives the same."""

import json

import numpy as np
import pytest
from conftest import local

from graphmill_spark import MillError, knn

COUNT, DIMENSION = 500, 8


@pytest.fixture(scope="module")
def vectors():
    """Ids with gaps, and vectors in clusters."""
    random = np.random.default_rng(4)
    ids = np.sort(random.choice(10**9, COUNT, replace=False))
    centers = random.normal(size=(12, DIMENSION))
    return ids, (centers[random.integers(0, 12, COUNT)] + 0.2 * random.normal(size=(COUNT, DIMENSION))).astype("f4")


@pytest.fixture(scope="module")
def queries():
    return np.random.default_rng(5).normal(size=(25, DIMENSION)).astype("f4")


def frame(spark, ids, x):
    rows = [(int(i), row.tolist()) for i, row in zip(ids, x, strict=True)]
    return spark.createDataFrame(rows, "id bigint, x array<float>")


def answers(table):
    rows = table.orderBy("query", "rank").collect()
    return [(r.query, r.rank, r.key, np.float32(r.distance).tobytes()) for r in rows]


@pytest.mark.parametrize("metric", ["l2", "cos"])
def test_one_shard_is_the_local_index(spark, program, vectors, queries, tmp_path, metric):
    ids, x = vectors
    table, store = frame(spark, ids[::-1], x[::-1]), tmp_path / "store"
    knn.build(spark, table, str(store), program, shards=1, metric=metric, m=8, ef=60)
    np.save(tmp_path / "base.npy", x)
    np.save(tmp_path / "queries.npy", queries)
    (tmp_path / "keys.txt").write_text("".join(f"{i}\n" for i in ids))
    local("knn", "build", tmp_path / "base.npy", tmp_path / "local.gmx", "--metric", metric, "--m", 8,
          "--ef-construction", 60, "--keys", tmp_path / "keys.txt")
    assert (store / "shard-00000.gmx").read_bytes() == (tmp_path / "local.gmx").read_bytes()
    answer = tmp_path / "found.tsv"
    local("knn", "search", tmp_path / "local.gmx", tmp_path / "queries.npy", answer, "--k", 5, "--ef", 20)
    lines = [line.split("\t") for line in answer.read_text().splitlines()]
    expected = [(int(q), int(r), int(key), np.float32(d).tobytes()) for q, r, key, d in lines if q.isdigit()]
    found = knn.search(spark, str(store), frame(spark, range(25), queries), program, k=5, ef=20)
    assert answers(found) == expected and len(expected) == 125


@pytest.mark.parametrize("shards", [3])
def test_the_merge_is_exact(spark, program, vectors, queries, tmp_path, shards):
    ids, x = vectors
    asked = frame(spark, range(25), queries)
    found, sums = [], []
    for run in ("a", "b"):
        order = np.random.default_rng(len(run + "x" * ord(run))).permutation(COUNT)
        table = frame(spark, ids[order], x[order])
        record = knn.build(spark, table, str(tmp_path / run), program, shards=shards, m=8, ef=40)
        sums.append(record["shards"])
        found.append(answers(knn.search(spark, str(tmp_path / run), asked, program, k=7, ef=40)))
    assert found[0] == found[1] and sums[0] == sums[1]
    assert sum(entry["count"] for entry in sums[0]) == COUNT and len(sums[0]) == shards
    # What single shards answer, merged by hand.
    by_hand: dict[int, list[tuple[float, int]]] = {}
    np.save(tmp_path / "queries.npy", queries)
    for entry in sums[0]:
        path = tmp_path / "a" / knn.file_name(entry["shard"])
        local("knn", "search", path, tmp_path / "queries.npy", tmp_path / "part.tsv", "--k", 7, "--ef", 40, "--squared",
              "--force")
        for line in (tmp_path / "part.tsv").read_text().splitlines():
            query, _, key, distance = line.split("\t")
            if query.isdigit():
                by_hand.setdefault(int(query), []).append((float(np.float32(distance)), int(key)))
    for query, rank, key, _ in found[0]:
        assert sorted(by_hand[query])[rank][1] == key


def test_at_equal_beams_shards_find_no_less(spark, program, vectors, queries, tmp_path):
    ids, x = vectors
    exact = ids[np.argsort(((queries[:, None] - x[None]) ** 2).sum(2), axis=1)[:, :10]]
    recalls = []
    for shards in (1, 4):
        store = str(tmp_path / str(shards))
        knn.build(spark, frame(spark, ids, x), store, program, shards=shards, m=4, ef=12)
        rows = knn.search(spark, store, frame(spark, range(25), queries), program, k=10, ef=10).collect()
        recalls.append(sum(row.key in exact[row.query] for row in rows) / 250)
    assert recalls[1] >= recalls[0]


@pytest.mark.parametrize(("ids", "x"), [
    ([1, 1], [[1.0], [2.0]]), ([-1, 2], [[1.0], [2.0]]), ([1, 2], [[1.0], [2.0, 3.0]]), ([1], [[float("nan")]]),
    ([1], [[]]), ([], []),
])
def test_vectors_that_are_none(spark, program, tmp_path, ids, x):
    table = spark.createDataFrame(list(zip(ids, x, strict=True)), "id bigint, x array<float>")
    with pytest.raises(MillError) as caught:
        knn.build(spark, table, str(tmp_path / "store"), program, shards=2)
    assert caught.value.code == 65 and not (tmp_path / "store").exists()


def test_stores_that_are_none(spark, program, tmp_path):
    table = frame(spark, [1], np.ones((1, 3), "f4"))
    with pytest.raises(MillError) as caught:
        knn.search(spark, str(tmp_path), table, program)
    assert caught.value.code == 66
    knn.build(spark, table, str(tmp_path / "store"), program, shards=2)
    assert json.loads((tmp_path / "store" / "_manifest.json").read_text())["counts"]["vectors"] == 1
    with pytest.raises(MillError) as caught:
        knn.search(spark, str(tmp_path / "store"), frame(spark, [1], np.ones((1, 2), "f4")), program)
    assert caught.value.code == 65
