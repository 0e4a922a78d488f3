package import MillRuntime

/// The edges that are pending when no more merges come, root by root and link by link.
package struct SpreadPending {
  private let tables = MergeTables.shared
  private var state: LinkState

  /// - Throws: `MillError` of kind `over-budget`.
  package init() throws(MillError) {
    state = try LinkState(leafCount: 0, count: 2, capacity: 2, links: 0, spareLinks: 0, edgeCapacity: 1)
    state.places = GrowableBuffer()
  }

  /// The places of the edges inside a root.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func inside(_ root: SpreadRoot) throws(MillError) -> [Int64] {
    unsafe state.roots[0] = try root.record()
    state.emitPendingInner(0)
    return take()
  }

  /// The places of the edges of a link, where the root is its wide end; none where it is the narrow one.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func between(
    _ root: Int64, _ other: Int64, cost: Int64, view: Int64
  ) throws(MillError) -> [Int64] {
    let link = try SpreadLink(from: root, to: other, cost: cost, view: view, tables)
    if link.view < 256 { return [] }
    state.emitPendingPair(0, 1, view: Int(link.view))
    return take()
  }

  private mutating func take() -> [Int64] {
    defer { state.placeCount = 0 }
    guard let places = state.places else { return [] }
    return (0..<state.placeCount).map { unsafe Int64(places.base[$0].place) }
  }
}
