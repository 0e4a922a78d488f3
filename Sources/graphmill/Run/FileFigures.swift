import Graphmill
import MillRuntime

/// What files that hold no graph hold, for `info` and `check`.
enum FileFigures {
  /// The figures of a summary.
  static func summary(_ path: String, _ run: CommandRun) throws -> Outcome {
    figures(try run.stage("read") { try readSummary(path, context: run.context) }, path)
  }

  /// The figures of a summary that was read.
  static func figures(_ summary: GraphSummary, _ path: String) -> Outcome {
    let bytes = fileSize(path) ?? 0
    let side = summary.sideBits
    let rate = summary.inputEdgeCount > 0 ? Double(8 * bytes) / Double(summary.inputEdgeCount) : nil
    var parts = [summary.isDirected ? "directed" : "undirected"]
    if summary.isWeighted { parts.append("weighted") }
    if summary.hasLoops { parts.append("with self-loops") }
    if summary.isMultigraph { parts.append("with parallel edges") }
    let size = summary.relativeSize.map { NumberText.fixed($0, decimals: 4) } ?? "n/a"
    return Outcome(
      keys: [
        "format": .string(FileKind.summary.rawValue), "bytes": .integer(bytes), "nodes": .integer(summary.nodeCount),
        "edges": .integer(summary.inputEdgeCount), "simple_edges": .integer(summary.edgeCount),
        "directed": .bool(summary.isDirected), "weighted": .bool(summary.isWeighted),
        "loops": .bool(summary.hasLoops), "multigraph": .bool(summary.isMultigraph), "cost": .integer(summary.cost),
        "p_edges": .integer(summary.positiveEdgeCount), "n_edges": .integer(summary.negativeEdgeCount),
        "h_edges": .integer(summary.hierarchyEdgeCount),
        "relative_size": summary.relativeSize.map(JSONValue.number) ?? .null,
        "supernodes": .integer(summary.supernodeCount - summary.nodeCount), "height": .integer(summary.height),
        "side_bits": sideBits(side), "file_bits_per_edge": rate.map(JSONValue.number) ?? .null,
      ],
      summary: [
        "format gms, a \(FileKind.summary.title), \(ByteSize.text(bytes))",
        "of a graph of \(summary.nodeCount) nodes, \(summary.inputEdgeCount) edges (\(parts.joined(separator: ", ")))",
        "\(summary.edgeCount) simple edges by \(summary.cost) (\(summary.positiveEdgeCount) positive, "
          + "\(summary.negativeEdgeCount) negative, \(summary.hierarchyEdgeCount) hierarchy), relative size \(size)",
        "\(summary.supernodeCount - summary.nodeCount) supernodes, height \(summary.height)",
      ])
  }

  /// The bits beside a model, by what they tell.
  static func sideBits(_ bits: SummarySideBits) -> JSONValue {
    [
      "loops": .integer(bits.loops), "directions": .integer(bits.directions),
      "multiplicities": .integer(bits.multiplicities), "weights": .integer(bits.weights),
    ]
  }

  /// The figures of an index.
  static func index(_ path: String, _ run: CommandRun, isMapped: Bool) throws -> Outcome {
    let index = try run.stage("read") { try ProximityIndex.open(path, mapped: isMapped, context: run.context) }
    return figures(index, path)
  }

  private static func figures(_ index: ProximityIndex, _ path: String) -> Outcome {
    let vectors =
      switch index {
      case .hnsw(let index): index.vectors
      case .nsw(let index): index.vectors
      }
    let bytes = fileSize(path) ?? 0
    return Outcome(
      keys: [
        "format": .string(FileKind.index.rawValue), "bytes": .integer(bytes), "method": .string(index.method.rawValue),
        "metric": .string(index.metric.rawValue), "count": .integer(index.count),
        "dimension": .integer(vectors.dimension), "element": .string(vectors.elementType.rawValue),
        "named": .bool(index.isNamed),
      ],
      summary: [
        "format gmx, a \(FileKind.index.title), \(ByteSize.text(bytes))",
        "\(index.method.rawValue) of \(index.count) objects, \(vectors.dimension) x \(vectors.elementType.rawValue), "
          + "metric \(index.metric.rawValue)\(index.isNamed ? ", called by names" : "")",
      ])
  }

  /// The figures of an array of NumPy.
  static func array(_ path: String, _ run: CommandRun) throws -> Outcome {
    let info = try run.stage("read") { try numPyInfo(path) }
    let shape = info.shape.map(String.init).joined(separator: " x ")
    return Outcome(
      keys: [
        "format": .string(FileKind.array.rawValue), "bytes": .integer(info.bytes),
        "shape": .array(info.shape.map { .integer($0) }), "element": .string(info.elementType),
        "fortran_order": .bool(info.isColumnMajor),
      ],
      summary: [
        "format npy, a \(FileKind.array.title), \(ByteSize.text(info.bytes))",
        "\(shape.isEmpty ? "one" : shape) of \(info.elementType)\(info.isColumnMajor ? ", in column order" : "")",
      ])
  }

  /// The figures of an HDF5 file.
  static func hdf5(_ path: String, _ run: CommandRun) throws -> Outcome {
    figures(try run.stage("read") { try hdf5Info(path) }, path)
  }

  private static func figures(_ info: HDF5Info, _ path: String) -> Outcome {
    Outcome(
      keys: [
        "format": .string(FileKind.hdf5.rawValue), "bytes": .integer(info.bytes),
        "distance": info.distance.map(JSONValue.string) ?? .null,
        "datasets": .array(
          info.datasets.map {
            [
              "name": .string($0.name), "shape": .array($0.shape.map { .integer($0) }),
              "element": .string($0.elementType), "bytes": .integer($0.storedBytes),
            ]
          }),
      ],
      summary: [
        "format hdf5, an \(FileKind.hdf5.title), \(ByteSize.text(info.bytes))"
          + (info.distance.map { ", made for the distance \($0)" } ?? "")
      ]
        + info.datasets.map {
          let shape = $0.shape.map(String.init).joined(separator: " x ")
          return "\($0.name): \(shape.isEmpty ? "one" : shape) of \($0.elementType)"
        })
  }

  /// What a file that holds no graph holds.
  static func of(_ kind: KnownFile, _ path: String, _ run: CommandRun, isMapped: Bool) throws -> Outcome {
    switch kind {
    case .summary: try summary(path, run)
    case .index: try index(path, run, isMapped: isMapped)
    case .ticket: try ticket(path, run)
    case .array: try array(path, run)
    case .hdf5: try hdf5(path, run)
    case .tree: try tree(path, run)
    case .labels: try labels(path, run)
    case .manifest: try manifest(path, run)
    case .vectors, .graph: try vectors(path, run)
    }
  }

  /// Checks a file in full; returns what it holds, and what is wrong with it.
  ///
  /// - Throws: `MillError` of a `badData` kind for what is damaged.
  static func check(
    _ kind: KnownFile, _ path: String, _ run: CommandRun, isMapped: Bool
  ) throws -> (outcome: Outcome, faults: [String]) {
    switch kind {
    case .summary:
      let summary = try run.stage("read") { try readSummary(path, context: run.context) }
      // That each pair is covered by 0 or 1 edges, and what is kept beside the model, shows in restoring.
      _ = try run.stage("restore", of: path) { try summary.restore(context: run.context) }
      return (figures(summary, path), [])
    case .index:
      let index = try run.stage("verify") {
        try ProximityIndex.open(path, mapped: isMapped, verify: .full, context: run.context)
      }
      return (figures(index, path), [])
    case .manifest:
      let outcome = try manifest(path, run)
      return (outcome, try changes(since: path))
    case .hdf5: return (figures(try run.stage("read") { try checkHDF5(path) }, path), [])
    case .array, .vectors, .ticket, .tree, .labels, .graph: return (try of(kind, path, run, isMapped: isMapped), [])
    }
  }
}
