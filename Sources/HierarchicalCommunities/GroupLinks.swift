import GraphStore
import MillRuntime

/// Edges between and inside groups of nodes, as integers.
public struct GroupLinks: Sendable, Equatable {
  /// Nodes of each group.
  public var sizes: [Int]
  /// Sum of weights between two groups, row-major of shape `[K][K]`, symmetric; on the diagonal each edge counts once.
  public var links: [UInt64]
  /// An integer of 1 means this weight.
  public var unit: Double

  /// The number of groups, K.
  public var count: Int { sizes.count }

  /// Counts from elsewhere.
  ///
  /// - Precondition: `links` is K times K and symmetric.
  public init(sizes: [Int], links: [UInt64], unit: Double = 1) {
    precondition(links.count == sizes.count * sizes.count)
    self.sizes = sizes
    self.links = links
    self.unit = unit
  }

  /// Edges (or weight) between two groups, or inside one, over the pairs of nodes; NaN for a group of one node.
  public func density(_ a: Int, _ b: Int) -> Double {
    let edges = Double(links[a * count + b]) * unit
    if a != b { return edges / (Double(sizes[a]) * Double(sizes[b])) }
    return sizes[a] > 1 ? 2 * edges / (Double(sizes[a]) * Double(sizes[a] - 1)) : .nan
  }

  /// Counts the edges of a graph between groups 0..<count; nodes labelled -1 are left out.
  init(
    _ graph: CommunityGraph, labels: [Int32], count k: Int, usesWeights: Bool = true, threads: Int
  ) throws(MillError) {
    let n = graph.nodeCount
    sizes = [Int](repeating: 0, count: k)
    for label in labels where label >= 0 { sizes[Int(label)] += 1 }
    let weights = usesWeights ? graph.weights : nil
    unit = weights == nil ? 1 : graph.weightUnit
    // At most 64 chunks, so that the tables stay small; their number depends on n alone.
    let size = max(4096, (n + 63) / 64)
    let chunks = max(1, Parallel.chunkCount(n, size: size))
    let tables = try FlatBuffer<UInt64>(count: chunks * k * k)
    labels.withUnsafeBufferPointer { labels in
      let labels = labels.baseAddress
      Parallel.forEachRange(of: n, size: size, threads: threads) { rows, _ in
        let table = tables.base + rows.lowerBound / size * k * k
        let labels = labels!
        for i in rows where labels[i] >= 0 {
          let row = table + Int(labels[i]) &* k
          for e in Int(graph.offsets[i])..<Int(graph.offsets[i &+ 1]) {
            let other = labels[Int(graph.targets[e])]
            if other >= 0 { row[Int(other)] &+= weights?.base[e] ?? 1 }
          }
        }
      }
    }
    links = [UInt64](repeating: 0, count: k * k)
    for chunk in 0..<chunks {
      for i in 0..<k * k { links[i] &+= tables.base[chunk * k * k + i] }
    }
    for a in 0..<k { links[a * k + a] /= 2 }
  }
}

/// How the similarity of two merged groups to a third follows from theirs.
public enum LinkageRule: String, Sendable, CaseIterable {
  /// Edges between them over pairs of nodes.
  case average
  /// The larger density of the two.
  case single
  /// The smaller density of the two.
  case complete
}

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
