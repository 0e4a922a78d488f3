public import MillKernels
public import MillRuntime

/// Objects in memory with a distance between them, as the search loops see them: a C function over one block of
/// objects of fixed size, called once for a batch.
///
/// Made from a ``VectorTable`` or an ``ObjectTable``. Values are valid until the table grows.
@safe public struct PointSet: @unchecked Sendable {
  /// The number of objects.
  public let count: Int
  /// The first object.
  package let base: UnsafeRawPointer
  /// Bytes from one object to the next.
  package let stride: Int
  /// Distances from one object to many.
  package let measure: MeasureFunction
  /// The first object nearer than a bound; nil where the kernel has no such form.
  package let closer: CloserFunction?
  /// What the functions are handed.
  package let context: UnsafeRawPointer
  /// Keeps objects and context alive.
  package let owner: AnyObject
  /// The power to which the plain distance is raised.
  package let power: Int
  /// Bytes that make two objects equal; 0 where bytes cannot tell.
  package let identityBytes: Int

  /// Rows of a table under a distance.
  ///
  /// - Throws: `MillError` of kind `metric-mismatch`.
  public init(_ table: VectorTable, metric: Metric, variant: KernelVariant = .current) throws(MillError) {
    guard let kernel = metric.kernel(for: table.elementType) else {
      throw .metricMismatch(metric, table.elementType)
    }
    self.init(table, kernel: kernel, power: metric.power, variant: variant)
  }

  package init(
    _ table: VectorTable, kernel: DistanceKernel, power: Int, variant: KernelVariant = .current
  ) {
    let context = RowsContext(table)
    count = table.count
    unsafe base = table.base
    stride = table.stride
    unsafe measure = kernel.measure(variant)
    unsafe closer = kernel.closer(variant)
    unsafe self.context = UnsafeRawPointer(context.rows)
    owner = context
    self.power = power
    identityBytes = table.rowBytes
  }

  package init(
    count: Int, base: UnsafeRawPointer, stride: Int, measure: @escaping MeasureFunction, context: UnsafeRawPointer,
    owner: AnyObject
  ) {
    self.count = count
    unsafe self.base = base
    self.stride = stride
    unsafe self.measure = measure
    unsafe closer = nil
    unsafe self.context = context
    self.owner = owner
    power = 1
    identityBytes = 0
  }

  /// Asks memory for the first objects of a batch; nothing for objects that are not rows of a table.
  @inline(__always) package func prefetch(_ ids: UnsafePointer<UInt32>, _ count: Int) {
    if identityBytes > 0 { unsafe KernelRows.prefetch(base, stride: stride, bytes: identityBytes, ids, count) }
  }

  /// Object `id`.
  @inline(__always) package func object(_ id: UInt32) -> UnsafeRawPointer { unsafe base + Int(id) &* stride }
}

/// The ``KernelRows`` of a table, with the table.
@safe private final class RowsContext {
  let rows: UnsafeMutablePointer<KernelRows>
  let table: VectorTable

  init(_ table: VectorTable) {
    self.table = table
    unsafe rows = .allocate(capacity: 1)
    unsafe rows.initialize(to: KernelRows(rows: table.base, stride: table.stride, dimension: table.dimension))
  }

  deinit { unsafe rows.deallocate() }
}
