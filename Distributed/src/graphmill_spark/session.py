"""A Spark session with the settings that the stages need."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import MillError
from .worker import Program

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SETTINGS: dict[str, Any] = {
    # Rows of a frame.
    "spark.sql.execution.arrow.maxRecordsPerBatch": 65_536,
    # Half the bytes of lz4 where ids are small, and as fast as disks are.
    "spark.io.compression.codec": "zstd",
    # Numbers of partitions are ours: a worker stage must see its key in one of them.
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.sql.adaptive.skewJoin.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def session(
    master: str | None = None, *, settings: dict[str, Any] | None = None, python: str | None = None
) -> SparkSession:
    """A session of this Python: executors use the same one, or the one at `python`."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MillError(69, f"pyspark is not installed: {error}") from None
    # Executors would take the system's Python, which lacks what this one has.
    os.environ["PYSPARK_PYTHON"] = python or sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = SparkSession.builder.appName("graphmill")
    if master:
        builder = builder.master(master)
    for name, value in {**_SETTINGS, **(settings or {})}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    if not str(spark.sparkContext.master).startswith("local"):
        spark.sparkContext.addPyFile(_package())
    return spark


def ship(spark: SparkSession, program: Program) -> Program:
    """Sends the program to all executors where it is to be shipped."""
    if program.is_shipped:
        if not Path(program.path).is_file():
            raise MillError(66, f"there is no worker at {program.path}")
        spark.sparkContext.addFile(program.path)
    return program


def partitions(spark: SparkSession, wanted: int | None) -> int:
    """As many partitions as were wanted, else three for every core."""
    return wanted or max(3, 3 * int(spark.sparkContext.defaultParallelism))


def kept(rows: DataFrame, partitions: int, column: str, *, durable: bool) -> DataFrame:
    """The rows, in partitions by a column; where they came from is forgotten."""
    return cut_off(rows.repartition(partitions, column), durable=durable)


def cut_off(rows: DataFrame, *, durable: bool) -> DataFrame:
    """The rows; where they came from is forgotten.

    Spark takes the product of both sides for the size of a join, and what was cut off goes on with that: from round to
    round it would have twice as many digits, millions in the end. Of rows that are cached it knows the size.
    """
    rows = rows.persist()
    cut = rows.checkpoint() if durable else rows.localCheckpoint()
    rows.unpersist()
    return cut


@functools.cache
def _package() -> str:
    """This package as an archive that executors import from: one for all sessions, since a context takes one alone."""
    folder = Path(__file__).parent
    archive = Path(tempfile.mkdtemp(prefix="graphmill-spark-")) / "graphmill_spark.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for source in sorted(folder.glob("*.py")):
            file.write(source, f"graphmill_spark/{source.name}")
    return str(archive)
