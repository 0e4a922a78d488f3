public import CMillKernels

/// Distances from one query to the rows of some ids, as a C function: context, query, ids, their number, results. The
/// context is the address of a ``KernelRows`` for the kernels of ``DistanceKernel``.
public typealias MeasureFunction = mill_measure

/// The first of some rows that is nearer than a bound, as a C function.
public typealias CloserFunction = mill_closer

/// Where the rows of a table lie, as the C functions take it: address, bytes from row to row, elements of a row.
public typealias KernelRows = mill_rows

extension KernelRows {
  /// Asks memory for the first rows of a batch, so that they are near when their distances are computed; never faults.
  ///
  /// - Parameters:
  ///   - rows: The first row of the table.
  ///   - stride: Bytes from one row to the next.
  ///   - bytes: Bytes of a row that are read.
  ///   - ids: The rows of the batch.
  ///   - count: The number of ids.
  @inlinable @inline(__always) public static func prefetch(
    _ rows: UnsafeRawPointer, stride: Int, bytes: Int, _ ids: UnsafePointer<UInt32>, _ count: Int
  ) {
    unsafe mill_prefetch_rows(rows, stride, bytes, ids, count)
  }
}

/// Asks the processor to bring the cache line of an address closer; never faults.
@inlinable @inline(__always) public func prefetch(_ address: UnsafeRawPointer) { unsafe mill_prefetch(address) }
