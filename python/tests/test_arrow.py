"""Tables by way of Arrow streams, from four libraries; Parquet by three."""

import ctypes

import numpy as np
import pytest

import graphmill
from graphmill._capsules import stream_address
from graphmill._library import ArrowArrayStream

polars = pytest.importorskip("polars")
pyarrow = pytest.importorskip("pyarrow")
pandas = pytest.importorskip("pandas")
duckdb = pytest.importorskip("duckdb")

NAMES = ["ann", "bob", "a name that is longer than twelve bytes", "éva", "x" * 300]


@pytest.fixture
def columns(random):
    return {"src": random.integers(0, 50, 3000), "dst": random.integers(0, 50, 3000), "w": random.random(3000)}


@pytest.fixture
def texts(random):
    names = np.array(NAMES, object)
    return {"src": names[random.integers(0, 5, 200)].tolist(), "dst": names[random.integers(0, 5, 200)].tolist()}


def tables(columns):
    yield polars.DataFrame(columns)
    yield pyarrow.table(columns)
    yield pandas.DataFrame(columns)
    frame = pandas.DataFrame(columns)
    yield duckdb.from_df(frame)


def test_numbers(columns):
    plain = graphmill.from_edges(columns["src"], columns["dst"])
    weighted = graphmill.from_edges(columns["src"], columns["dst"], columns["w"])
    for table in tables(columns):
        assert graphmill.from_edges(table).fingerprint == plain.fingerprint
        made = graphmill.from_edges(table, columns=["src", "dst", "w"])
        assert made.fingerprint == weighted.fingerprint


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_types(kind):
    table = pyarrow.table({"a": pyarrow.array([1, 2], kind), "b": pyarrow.array([2, 3], kind)})
    assert graphmill.from_edges(table).names.tolist() == [1, 2, 3]


def test_texts(texts):
    expected = graphmill.from_edges(texts["src"], texts["dst"])
    for table in tables(texts):
        for threads in (1, 4):
            made = graphmill.from_edges(table, threads=threads)
            assert made.fingerprint == expected.fingerprint and sorted(made.names) == sorted(NAMES)


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary"])
def test_kinds_of_text(texts, kind):
    def column(values):
        if kind == "dictionary":
            return pyarrow.array(values).dictionary_encode()
        return pyarrow.array(values).cast(getattr(pyarrow, kind)())

    table = pyarrow.table({name: column(values) for name, values in texts.items()})
    assert graphmill.from_edges(table).fingerprint == graphmill.from_edges(texts["src"], texts["dst"]).fingerprint
    part = table.slice(3, 40)
    expected = graphmill.from_edges(texts["src"][3:43], texts["dst"][3:43])
    assert graphmill.from_edges(part).fingerprint == expected.fingerprint


def test_slices_and_batches(columns):
    table = pyarrow.table(columns)
    parts = pyarrow.concat_tables([table.slice(7, 100), table.slice(1000, 9)])
    rows = np.r_[7:107, 1000:1009]
    expected = graphmill.from_edges(columns["src"][rows], columns["dst"][rows])
    assert graphmill.from_edges(parts).fingerprint == expected.fingerprint


@pytest.mark.parametrize("values", [[1, 2, None], ["a", "b", None]])
def test_nulls_are_refused_with_their_row(values):
    table = pyarrow.table({"a": values, "to": values[:2] + values[:1]})
    with pytest.raises(graphmill.DataError, match="row 2") as caught:
        graphmill.from_edges(table)
    assert (caught.value.kind, caught.value.field) == ("null-value", "a")
    assert graphmill.from_edges(table.slice(0, 2)).edge_count == 2
    parts = pyarrow.concat_tables([table.slice(0, 2), table])
    with pytest.raises(graphmill.DataError, match="row 4"):
        graphmill.from_edges(parts)


class Stream:
    """A stream of one batch, made by hand so that it can lie."""

    def __init__(self, length, offset, child_length):
        table = pyarrow.table({"a": [1, 2, 3], "b": [2, 3, 4]})
        inner = pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches()).__arrow_c_stream__()
        self._inner = ArrowArrayStream.from_address(stream_address(inner))
        self._keep = inner
        get_next = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(self._inner.get_next)

        def lying(stream, out):
            code = get_next(stream, out)
            words = (ctypes.c_int64 * 8).from_address(out)
            words[0], words[2] = length, offset
            child = ctypes.c_void_p.from_address(ctypes.c_void_p.from_address(out + 48).value).value
            ctypes.c_int64.from_address(child).value = child_length
            return code

        self._lying = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lying)
        self._inner.get_next = ctypes.cast(self._lying, ctypes.c_void_p).value

    def __arrow_c_stream__(self, requested_schema=None):
        return self._keep


@pytest.mark.parametrize(
    ("length", "offset", "child"),
    [(-1, 0, 3), (3, -1, 3), (2**62, 0, 3), (3, 2**62, 3), (3, 0, 2), (3, 1, 3), (3, 0, -5), (3, 0, 2**63 - 1)],
)
def test_lengths_that_are_none_are_refused(length, offset, child):
    with pytest.raises(graphmill.DataError) as caught:
        graphmill.from_edges(Stream(length, offset, child))
    assert caught.value.kind == "malformed"


def test_a_null_in_a_dictionary():
    values = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0, 1]), pyarrow.array(["a", None]))
    with pytest.raises(graphmill.DataError, match="row 1"):
        graphmill.from_edges(pyarrow.table({"a": values, "b": values}))


@pytest.mark.parametrize(
    "table",
    [
        pyarrow.table({"a": [1.5], "b": [2.5]}), pyarrow.table({"a": [[1]], "b": [[2]]}), pyarrow.table({"a": [1]}),
        pyarrow.table({"a": [1], "b": ["x"]}), pyarrow.table({"a": [""], "b": ["x"]}),
        pyarrow.table({"a": pyarrow.array([1], pyarrow.decimal128(5)), "b": [1]}),
        pyarrow.table({"a": [True], "b": [False]}), pyarrow.table({"a": [-1], "b": [1]}),
    ],
)
def test_refused_tables(table):
    with pytest.raises(ValueError):
        graphmill.from_edges(table)


def test_refused_columns(columns):
    table = pyarrow.table(columns)
    with pytest.raises(graphmill.UsageError, match="there is no such column") as caught:
        graphmill.from_edges(table, columns=["src", "to"])
    assert "src, dst, w" in caught.value.hint
    with pytest.raises(ValueError):
        graphmill.from_edges(table, columns=["src"])


@pytest.mark.parametrize("engine", ["pyarrow", "polars", "duckdb", None])
def test_parquet(columns, tmp_path, engine):
    from pyarrow import parquet

    path = tmp_path / "edges.parquet"
    parquet.write_table(pyarrow.table(columns), path, row_group_size=500)
    expected = graphmill.from_edges(columns["src"], columns["dst"], columns["w"], directed=True)
    made = graphmill.read_parquet(path, "src", "dst", "w", engine=engine, directed=True)
    assert made.fingerprint == expected.fingerprint
    assert graphmill.read_parquet(path, engine=engine).edge_count < 3000


def test_edges_come_out(columns, texts):
    plain = graphmill.from_edges(columns["src"], columns["dst"], columns["w"], directed=True)
    for made in (plain, graphmill.from_edges(texts["src"], texts["dst"]), graphmill.from_edges([0], [1], ids="dense")):
        names = ["source", "target"] + (["weight"] if made.weights is not None else [])
        for table in (polars.DataFrame(made), pyarrow.table(made).to_pandas()):
            assert list(table.columns) == names and len(table) == made.edge_count
    table = pyarrow.table(plain)
    again = graphmill.from_edges(table, columns=["source", "target", "weight"], directed=True)
    assert again.fingerprint == plain.fingerprint
    texts_again = graphmill.from_edges(pyarrow.table(graphmill.from_edges(texts["src"], texts["dst"])))
    assert texts_again.fingerprint == graphmill.from_edges(texts["src"], texts["dst"]).fingerprint


def test_a_stream_that_nobody_takes_is_given_back(columns):
    from graphmill._capsules import _streams

    made = graphmill.from_edges(columns["src"], columns["dst"])
    capsule = made.__arrow_c_stream__()
    assert len(_streams) == 1
    del capsule
    assert not _streams
    capsule = made.__arrow_c_stream__()
    used = graphmill.memory_used()
    del made
    assert graphmill.memory_used() == used
    del capsule
    assert graphmill.memory_used() < used


def test_many_batches(random):
    edges = random.integers(0, 200_000, (600_000, 2))
    made = graphmill.from_edges(edges)
    table = pyarrow.table(made)
    assert table.column(0).num_chunks > 1 and graphmill.from_edges(table).fingerprint == made.fingerprint
