"""Numbers from 0 on for distinct whole numbers, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class _Numbering:
    """Rows (partition, value), ascending by value within a partition, with the number of each."""

    offsets: Mapping[int, int]
    names: tuple[str, str]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in batches:
            if batch.num_rows:
                start = self.offsets[batch.column(0)[0].as_py()] + done
                numbers = pa.array(np.arange(start, start + batch.num_rows, dtype=np.int64))
                done += batch.num_rows
                yield pa.RecordBatch.from_arrays([batch.column(1), numbers], list(self.names))


def dense_rank(values: DataFrame, column: str, name: str, *, partitions: int) -> DataFrame:
    """Every distinct value of a column of bigint, and how many smaller ones there are.

    A range sort and the sizes of its parts: one shuffle, nothing but the sizes at the driver.
    """
    from pyspark.sql import functions as F

    part = F.spark_partition_id().alias("part")
    ranged = values.select(column).distinct().repartitionByRange(partitions, column).sortWithinPartitions(column)
    # The borders of the ranges are drawn once: what is kept has them.
    ranged = ranged.select(part, column).persist()
    sizes = {row.part: row["count"] for row in ranged.groupBy("part").count().collect()}
    offsets, total = {}, 0
    for number in sorted(sizes):
        offsets[number] = total
        total += sizes[number]
    return ranged.mapInArrow(_Numbering(offsets, (column, name)), f"{column} bigint, {name} bigint")
