import GraphStore
import MillRuntime

/// A graph of the experiment and what it is called in the results.
struct ExperimentGraph {
  let name: String
  let graph: CSRGraph

  init(name: String, graph: CSRGraph) {
    self.name = name
    self.graph = graph
  }

  /// Reads pairs of node numbers, one pair a line, separated by a tab. Nodes are 0 up to the largest number.
  init(name: String, lines: UnsafeRawBufferPointer, file: String) throws(MillError) {
    var edges: [(Int, Int)] = []
    var nodeCount = 0
    for (number, line) in lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      let fields = line.split(separator: UInt8(ascii: "\t")).map { Int(String(decoding: $0, as: UTF8.self)) }
      guard fields.count == 2, let u = fields[0], let v = fields[1], u >= 0, v >= 0, max(u, v) < 1 << 31 else {
        throw MillError(.malformed, "expected two node numbers, separated by a tab", file: file, line: number + 1)
      }
      edges.append((u, v))
      nodeCount = max(nodeCount, u + 1, v + 1)
    }
    self.init(name: name, graph: try CSRGraph(nodeCount: nodeCount, edges: edges))
  }

  /// Two graphs with hubs that need no data.
  static func generated(seed: UInt64, nodeCount: Int = 3000) throws(MillError) -> [ExperimentGraph] {
    [
      ExperimentGraph(
        name: "preferential-attachment", graph: try preferentialAttachment(nodeCount, edgesPerNode: 2, seed)),
      ExperimentGraph(name: "chung-lu", graph: try chungLu(nodeCount, meanDegree: 4, seed)),
    ]
  }

  /// Every new node links to `edgesPerNode` ends of edges that are there (Barabási, Albert, Science 286, 1999);
  /// repeats are merged.
  private static func preferentialAttachment(
    _ nodeCount: Int, edgesPerNode: Int, _ seed: UInt64
  ) throws(MillError) -> CSRGraph {
    let stream = RandomStream(seed: seed, stage: "teddy-structure.attachment")
    var edges = [(0, 1)]
    for node in 2..<nodeCount {
      var random = stream.item(UInt64(node))
      let known = edges.count
      for _ in 0..<edgesPerNode {
        let edge = edges[Int(random.below(UInt64(known)))]
        edges.append((node, random.below(2) == 0 ? edge.0 : edge.1))
      }
    }
    return try CSRGraph(nodeCount: nodeCount, edges: edges)
  }

  /// Both ends of an edge are drawn in proportion to weights (i + 10)^(-2/3), a power law of exponent 2.5 (Chung, Lu,
  /// PNAS 99, 2002); loops and repeats are dropped.
  private static func chungLu(_ nodeCount: Int, meanDegree: Int, _ seed: UInt64) throws(MillError) -> CSRGraph {
    // The cube root is taken by Newton's method, so that the weights are the same bits everywhere.
    var sums = [0.0]
    for node in 0..<nodeCount {
      let base = Double(node + 10)
      var root = base
      for _ in 0..<60 { root = (2 * root + base / (root * root)) / 3 }
      sums.append(sums[node] + 1 / (root * root))
    }
    let stream = RandomStream(seed: seed, stage: "teddy-structure.chung-lu")
    var edges: [(Int, Int)] = []
    for item in 0..<nodeCount * meanDegree / 2 {
      var random = stream.item(UInt64(item))
      func draw() -> Int {
        let place = random.unit() * sums[nodeCount]
        return (0..<nodeCount - 1).partitionPoint { sums[$0 + 1] > place }
      }
      let (u, v) = (draw(), draw())
      if u != v { edges.append((u, v)) }
    }
    return try CSRGraph(nodeCount: nodeCount, edges: edges)
  }

  /// FNV-1a (64 bits) of the edges as lines `u TAB v`, u < v, in ascending order.
  var checksum: String {
    var hash = FNV1a()
    for u in 0..<graph.nodeCount {
      for v in graph.neighbors(of: u) where v > u {
        hash.combine("\(u)\t\(v)\n".utf8)
      }
    }
    let digits = String(hash.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
