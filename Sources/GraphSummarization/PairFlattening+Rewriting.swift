extension PairFlattening {
  /// The edges after the decisions.
  func rewritten() -> EdgeList {
    let result = EdgeList(capacity: sorted.edges.count)
    for edge in sorted.edges
    where layout.root[Int(edge.x)] < draft.leafCount && layout.root[Int(edge.y)] < draft.leafCount {
      result.append(edge)
    }
    for pair in pairs {
      switch pair.state {
      case .open, .kept: for i in pair.edges { result.append(sorted.edges[i]) }
      case .sparse:
        for (u, v) in inputPairs(pair) { result.append(SignedEdge(x: u, y: v, isNegative: false)) }
      case .dense:
        result.append(SignedEdge(x: pair.u, y: pair.v, isNegative: false))
        appendMissing(pair, to: result)
      }
    }
    return result
  }

  private func leaves(_ x: UInt32) -> ArraySlice<UInt32> {
    let begin = Int(layout.begin[Int(x)])
    return layout.leaves[begin..<begin + Int(layout.size[Int(x)])]
  }

  /// The input edges of a pair, decoded: ascending by (smaller leaf, larger leaf).
  private func inputPairs(_ pair: Pair) -> [(UInt32, UInt32)] {
    var covered: [UInt64] = []
    for i in pair.edges {
      let edge = sorted.edges[i]
      for u in leaves(edge.x) {
        for v in leaves(edge.y) where edge.x != edge.y || u < v {
          covered.append((UInt64(min(u, v)) << 31 | UInt64(max(u, v))) << 1 | (edge.isNegative ? 1 : 0))
        }
      }
    }
    covered.sort()
    var result: [(UInt32, UInt32)] = []
    var i = 0
    while i < covered.count {
      var net = 0
      let key = covered[i] >> 1
      while i < covered.count, covered[i] >> 1 == key {
        net += covered[i] & 1 == 0 ? 1 : -1
        i += 1
      }
      if net == 1 { result.append((UInt32(key >> 31), UInt32(key & 0x7fff_ffff))) }
    }
    return result
  }

  private func appendMissing(_ pair: Pair, to result: EdgeList) {
    var present = Set<UInt64>()
    for (u, v) in inputPairs(pair) { present.insert(UInt64(u) << 32 | UInt64(v)) }
    for u in leaves(pair.u) {
      for v in leaves(pair.v) where pair.u != pair.v || u < v {
        let (low, high) = (min(u, v), max(u, v))
        if !present.contains(UInt64(low) << 32 | UInt64(high)) {
          result.append(SignedEdge(x: low, y: high, isNegative: true))
        }
      }
    }
  }
}
