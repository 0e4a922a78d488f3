import GraphStore
import MillRuntime

extension EdgeOrder {
  /// Keys between which the edge of rank `wanted` lies, with all but certainty, by the quantiles of a sample; nil for small
  /// graphs, and where many edges have equal keys.
  ///
  /// Every so many arcs one is taken. Both arcs of an edge have its key, so no edge is more likely than another.
  ///
  /// - Complexity: O(n) time beside the sample's, 16 bytes an edge of the sample. One thread.
  func sampledKeys(around wanted: Int, _ tuning: SparsifyTuning) throws(MillError) -> ClosedRange<UInt64>? {
    guard view.edgeCount >= max(1, tuning.sampledEdges) else { return nil }
    let stride = max(1, view.arcCount / tuning.sampleSize)
    let room = view.arcCount / stride + 1
    let keys = try FlatBuffer<UInt64>(uninitializedCount: room)
    let scratch = try FlatBuffer<UInt64>(uninitializedCount: room)
    var (count, place) = (0, stride / 2)
    for node in 0..<view.nodeCount {
      let end = view.end(node)
      while place < end {
        let target = view.target(place)
        if !view.hasLoops || target != node {
          unsafe keys.base[count] = keying.key(node, target, place)
          count &+= 1
        }
        place &+= stride
      }
    }
    guard count > 0 else { return nil }
    unsafe sortWords(keys.base, scratch.base, count: count)
    let share = Double(wanted) / Double(view.edgeCount)
    let middle = share * Double(count)
    // Four standard deviations of a quantile, and a little for the ends.
    let margin = 4 * (Double(count) * share * (1 - share)).squareRoot() + 4
    let (first, last) = (Int(middle - margin), Int(middle + margin))
    let low = first < 0 ? keying.keyRange.lowerBound : unsafe keys.base[min(first, count - 1)]
    let high = last >= count ? keying.keyRange.upperBound : unsafe keys.base[max(0, last)]
    let inside = unsafe keys.elements.prefix(count).count { $0 >= low && $0 <= high }
    let expected = Double(inside) / Double(count) * Double(view.edgeCount)
    guard low <= high, expected * 1.2 < Double(view.edgeCount / tuning.edgesPerSampledEntry) else { return nil }
    return low...high
  }
}
