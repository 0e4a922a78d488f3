"""Sums over all smaller values, and so numbers from 0 on for distinct values, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class _Sums:
    """Rows (partition, value, weight), ascending by value within a partition, become (value, sum of weights before)."""

    offsets: Mapping[int, int]
    names: tuple[str, str]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in batches:
            if batch.num_rows:
                weights = batch.column(2).to_numpy(zero_copy_only=True)
                sums = np.cumsum(weights) + (self.offsets[batch.column(0)[0].as_py()] + done)
                done += int(weights.sum())
                yield pa.RecordBatch.from_arrays([batch.column(1), pa.array(sums - weights)], list(self.names))


def dense_rank(values: DataFrame, column: str, name: str, *, partitions: int) -> DataFrame:
    """Every distinct value of a column of bigint or of text, by its bytes, and how many smaller ones there are."""
    distinct = values.select(column).distinct().selectExpr(column, "1L as weight")
    return sums_before(distinct, column, "weight", name, partitions=partitions)


def sums_before(rows: DataFrame, column: str, weight: str, name: str, *, partitions: int) -> DataFrame:
    """The values of such a column, which are distinct, and the sum of the weights of all smaller ones.

    A range sort and the sums of its parts: one shuffle, nothing but these sums at the driver.
    """
    from pyspark.sql import functions as F

    part = F.spark_partition_id().alias("part")
    ranged = rows.select(column, weight).repartitionByRange(partitions, column).sortWithinPartitions(column)
    # The borders of the ranges are drawn once: what is kept has them.
    ranged = ranged.select(part, column, weight).persist()
    sums = {row.part: row.total for row in ranged.groupBy("part").agg(F.sum(weight).alias("total")).collect()}
    kind = dict(rows.dtypes)[column]
    return ranged.mapInArrow(_Sums(offsets_of(sums), (column, name)), f"{column} {kind}, {name} bigint")


def offsets_of(sums: Mapping[int, int]) -> dict[int, int]:
    """For each part of a range sort the sum of all parts before it."""
    offsets, total = {}, 0
    for number in sorted(sums):
        offsets[number] = total
        total += sums[number]
    return offsets
