"""Workers that fail: the job ends with the reason, or comes to the right result by another attempt."""

import os
import subprocess
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from graphmill_spark import MillError, Program, WorkerError, WorkerStage
from graphmill_spark.errors import worker_failure
from graphmill_spark.plan import replanned

SCHEMA = "a bigint, b double"


def numbers(spark, rows=200_000, parts=2):
    return spark.range(0, rows, 1, parts).selectExpr("id as a", "cast(id as double) / 3 as b")


def echoed(spark, program, parts=2, **settings):
    return numbers(spark, parts=parts).mapInArrow(WorkerStage(program, "echo", ("a", "b"), settings), SCHEMA)


def check(frame):
    """Every row once, unchanged."""
    found = frame.selectExpr("count(*)", "sum(a)", "count(distinct a)", "count_if(b = cast(a as double) / 3)").collect()
    assert tuple(found[0]) == (200_000, 199_999 * 100_000, 200_000, 200_000)


def failure(frame):
    with pytest.raises(Exception) as caught:
        frame.count()
    return worker_failure(caught.value)


def test_echo(spark, program):
    check(echoed(spark, program))


def test_empty_partitions_and_one_row_in_four(spark, program):
    stage = WorkerStage(program, "echo", ("a", "b"))
    assert numbers(spark, 0, 8).mapInArrow(stage, SCHEMA).count() == 0
    assert [row.a for row in numbers(spark, 1, 4).mapInArrow(stage, SCHEMA).collect()] == [0]


def test_a_limit_behind_the_worker(spark, program):
    assert [row.a for row in echoed(spark, program).limit(3).collect()] == [0, 1, 2]


@pytest.mark.parametrize(("fault", "code", "words"), [
    ("data", 65, "bad data on purpose"), ("memory", 71, "out of memory"), ("cut", 70, "ends before its end frame"),
    ("killed", 70, "exit -9"), ("hang", 124, "no progress"),
])
def test_a_fault_every_time_ends_the_job(spark, program, is_debug, fault, code, words):
    if not is_debug:
        pytest.skip("the program has no faults on purpose: it is no debug build")
    # Only a worker that hangs is waited for; a busy machine may take seconds to start one.
    found = failure(echoed(spark, replace(program, timeout=5) if fault == "hang" else program, fault=fault))
    assert found.code == code and words in str(found)


@pytest.mark.parametrize("fault", ["data", "cut", "killed", "hang"])
def test_a_fault_once_is_repeated(spark, program, is_debug, tmp_path, fault):
    if not is_debug:
        pytest.skip("the program has no faults on purpose: it is no debug build")
    mark = tmp_path / "once"
    check(echoed(
        spark, replace(program, timeout=5) if fault == "hang" else program, fault=fault, once=str(mark)))
    assert mark.exists()


def test_out_of_memory_is_planned_again(spark, program, is_debug, tmp_path):
    if not is_debug:
        pytest.skip("the program has no faults on purpose: it is no debug build")
    tried = []

    def run(parts):
        tried.append(parts)
        return echoed(spark, program, parts, **({"fault": "memory"} if parts < 8 else {})).count()

    assert replanned(2, run) == 200_000 and tried == [2, 4, 8]
    with pytest.raises(MillError) as caught:
        replanned(1, lambda parts: echoed(spark, program, parts, fault="memory").count())
    assert caught.value.code == 71


def test_rows_that_are_not_sorted(spark, program):
    rows = numbers(spark, 10, 1).selectExpr("10 - a as w", "a as x", "a + 1 as d")
    stage = WorkerStage(program, "teddy-nodes", ("w", "d", "s"))
    found = failure(rows.mapInArrow(stage, "w bigint, d bigint, s double"))
    assert found.code == 65 and "do not ascend" in str(found)


def test_no_program(spark):
    assert failure(echoed(spark, Program("/nonexistent/graphmill"))).code == 66


def test_an_error_before_the_worker_is_told_as_it_is(spark, program):
    frame = numbers(spark).selectExpr("a", "cast(raise_error('the stage before') as double) as b")
    with pytest.raises(Exception, match="the stage before"):
        frame.mapInArrow(WorkerStage(program, "echo", ("a", "b")), SCHEMA).count()


def test_nulls_are_refused(program):
    batch = pa.RecordBatch.from_pydict({"a": pa.array([1, None])})
    with pytest.raises(ValueError, match="nulls"):
        list(WorkerStage(program, "echo", ("a",))([batch]))


def test_a_slow_reader_is_no_stuck_worker(program):
    batch = pa.RecordBatch.from_pydict({"a": np.arange(300_000)})
    total = 0
    for found in WorkerStage(replace(program, timeout=0.5), "echo", ("a",))([batch, batch]):
        time.sleep(1)
        total += found.num_rows
    assert total == 600_000


def test_no_process_stays(program):
    stage = WorkerStage(program, "echo", ("a",))
    running = stage([pa.RecordBatch.from_pydict({"a": np.arange(10)})] * 100)
    next(running)
    running.close()
    children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True)
    assert " worker echo" not in children.stdout


def test_vectors_travel(program):
    vectors = pa.array(np.arange(12, dtype=np.float32).reshape(4, 3).tolist(), pa.list_(pa.float32()))
    batch = pa.RecordBatch.from_arrays([pa.array([1, 2, 3, 4]), vectors], ["id", "x"])
    with pytest.raises(WorkerError, match="exit 64"):
        list(WorkerStage(program, "knn-build", ("shard",), {"metric": "l2"})([batch]))


def test_counts_are_those_of_pandas(spark, program):
    found = echoed(spark, program).toPandas().sort_values("a").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, numbers(spark).toPandas())
