"""Parquet as CSV, for the command: ``graphmill convert edges.parquet graph.gmg``."""

from __future__ import annotations

import sys


def write_csv(source: str, target: str) -> None:
    """Writes the table of a Parquet file as CSV with a header, by way of polars, pyarrow or duckdb.

    Raises:
        ImportError: none of the three is installed.
    """
    try:
        import polars
    except ImportError:
        pass
    else:
        polars.scan_parquet(source, glob=False).sink_csv(target)
        return
    try:
        from pyarrow import csv, parquet
    except ImportError:
        pass
    else:
        file = parquet.ParquetFile(source)
        with csv.CSVWriter(target, file.schema_arrow) as writer:
            for batch in file.iter_batches():
                writer.write_batch(batch)
        return
    import duckdb

    duckdb.read_parquet(source).write_csv(target)


def main() -> None:
    """Exit status 0, 65 for a file that does not decode, 1 where nothing reads Parquet."""
    try:
        write_csv(sys.argv[1], sys.argv[2])
    except ImportError:
        raise
    except Exception as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        sys.exit(65)
