/// A density as an exact fraction.
struct ExactDensity {
  var edges: UInt64
  var pairs: UInt64

  /// Compares by the cross product in 128 bits: no rounding.
  @inline(__always) static func < (a: ExactDensity, b: ExactDensity) -> Bool {
    let left = a.edges.multipliedFullWidth(by: b.pairs)
    let right = b.edges.multipliedFullWidth(by: a.pairs)
    return (left.high, left.low) < (right.high, right.low)
  }

  @inline(__always) static func == (a: ExactDensity, b: ExactDensity) -> Bool {
    a.edges.multipliedFullWidth(by: b.pairs) == b.edges.multipliedFullWidth(by: a.pairs)
  }
}

/// A merge of two clusters, named by any of their leaves.
struct Merge {
  var a: Int
  var b: Int
  var density: ExactDensity
}

extension CommunityTree {
  /// The tree of merges, best density first.
  static func fromMerges(_ merges: [Merge], sizes: [Int], inside: [Double], unit: Double) -> CommunityTree {
    let k = sizes.count
    guard k > 0 else { return CommunityTree(uncheckedLeaves: 0, parents: [], leafSizes: [], similarities: []) }
    var parents = [Int32](repeating: -1, count: k + merges.count)
    var similarities = inside
    var top = (0..<k).map { $0 }
    var link = (0..<k).map { $0 }
    func find(_ leaf: Int) -> Int {
      var leaf = leaf
      while link[leaf] != leaf {
        link[leaf] = link[link[leaf]]
        leaf = link[leaf]
      }
      return leaf
    }
    for (index, merge) in merges.enumerated() {
      let (a, b) = (find(merge.a), find(merge.b))
      let node = k + index
      parents[top[a]] = Int32(node)
      parents[top[b]] = Int32(node)
      link[max(a, b)] = min(a, b)
      top[min(a, b)] = node
      similarities.append(Double(merge.density.edges) / Double(merge.density.pairs) * unit)
    }
    return CommunityTree(uncheckedLeaves: k, parents: parents, leafSizes: sizes, similarities: similarities)
  }
}
