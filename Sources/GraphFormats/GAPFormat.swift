import Glibc
import GraphStore
import MillRuntime

extension GraphFormat {
  /// Serialized graph of the GAP benchmark suite.
  public static let sg = GraphFormat(
    "sg", "GAP serialized graph", endings: ["sg"],
    holds: [.directed, .undirected, .isolatedNodes, .loops, .parallelEdges],
    numbering: 0, reader: { input throws(MillError) in try readGAP(input, isWeighted: false) },
    writer: { output throws(MillError) in try writeGAP(output, isWeighted: false) })

  /// Weighted serialized graph of the GAP benchmark suite.
  public static let wsg = GraphFormat(
    "wsg", "GAP weighted serialized graph", endings: ["wsg"],
    holds: [.directed, .undirected, .wholeWeights, .alwaysWeighted, .isolatedNodes, .loops, .parallelEdges],
    numbering: 0,
    reader: { input throws(MillError) in try readGAP(input, isWeighted: true) },
    writer: { output throws(MillError) in try writeGAP(output, isWeighted: true) })
}

/// Reads a serialized graph: a byte that says whether it is directed, the numbers of arcs and nodes, offsets, targets
/// (with weights of 32 bits in `wsg`), and for a directed graph the same once more for incoming arcs. Little-endian.
///
/// The format has no magic number, so that sizes and ranges are all that shows damage: both are checked, and that an
/// undirected graph has each edge at both ends.
///
/// - Source: Beamer, Asanović, Patterson, The GAP Benchmark Suite, 2015; layout as the suite's writer has it.
private func readGAP(_ input: GraphInput, isWeighted: Bool) throws(MillError) -> GraphReading {
  let bytes = try input.stream.readToEnd()
  let view = unsafe BinaryView(UnsafeRawBufferPointer(bytes.elements))
  defer { withExtendedLifetime(bytes) {} }
  guard view.count >= 25, unsafe view.bytes[0] <= 1 else {
    throw MillError(.malformed, "this is no serialized graph: its first byte is neither 0 nor 1", byte: 0)
  }
  let isDirected = unsafe view.bytes[0] == 1
  let arcCount = view.unsigned(at: 1, width: 8)
  let nodeCount = view.unsigned(at: 9, width: 8)
  let width = isWeighted ? 8 : 4
  guard nodeCount < UInt64(UInt32.max), arcCount < 1 << 56 else {
    throw MillError(.malformed, "the counts of nodes and arcs are beyond the format", byte: 1)
  }
  let (n, m) = (Int(nodeCount), Int(arcCount))
  let half = 8 * (n + 1) + width * m
  guard view.count == 17 + (isDirected ? 2 * half : half) else {
    throw MillError(
      .countMismatch,
      "\(n) nodes and \(m) arcs need \(17 + (isDirected ? 2 * half : half)) bytes, the file has \(view.count)",
      byte: 1, hint: isWeighted ? "a graph without weights is named .sg" : "a graph with weights is named .wsg")
  }
  var found = FoundGraph(.numbered(count: n, first: 0), isDirected: isDirected)
  let first = 17 + 8 * (n + 1)
  var place = 0
  var sums = (forward: UInt64(0), backward: UInt64(0))
  guard view.unsigned(at: 17, width: 8) == 0, view.unsigned(at: 17 + 8 * n, width: 8) == arcCount else {
    throw MillError(.malformed, "the offsets do not run from 0 to the number of arcs", byte: 17)
  }
  for u in 0..<n {
    let end = view.unsigned(at: 17 + 8 * (u + 1), width: 8)
    guard end >= UInt64(place), end <= arcCount else {
      throw MillError(.malformed, "the offsets do not ascend", byte: 17 + 8 * (u + 1), field: String(end))
    }
    while place < Int(end) {
      let target = view.unsigned(at: first + width * place, width: 4)
      guard target < nodeCount else {
        throw MillError(.idOutOfRange, "a target beyond the nodes", byte: first + width * place, field: String(target))
      }
      var weight: Double?
      if isWeighted {
        let value = Int32(truncatingIfNeeded: view.unsigned(at: first + width * place + 4, width: 4))
        if value < 0, input.options.refusesNegativeWeights {
          throw MillError(.badWeight, "the weight is negative", byte: first + width * place + 4, field: String(value))
        }
        weight = Double(value)
      }
      let v = Int(target)
      let bits = (weight ?? 0).bitPattern
      if u < v { sums.forward &+= CounterRandom.mix(CounterRandom.mix(UInt64(u << 32 | v)) &+ bits) }
      if u > v { sums.backward &+= CounterRandom.mix(CounterRandom.mix(UInt64(v << 32 | u)) &+ bits) }
      if isDirected || u <= v { try found.edges.add(UInt32(u), UInt32(v), weight) }
      place += 1
    }
  }
  guard isDirected || sums.forward == sums.backward else {
    throw MillError(.malformed, "an edge stands at one of its nodes only though the graph is undirected")
  }
  let report = GraphReadReport()
  return try input.finish(found, report)
}

/// Writes a serialized graph; weights are whole numbers of 31 bits.
private func writeGAP(_ output: GraphOutput, isWeighted: Bool) throws(MillError) {
  let graph = output.graph
  let reverse = graph.isDirected ? try graph.withInArcs(context: output.context) : graph
  var sink = BinarySink(try makeSink(for: output.file))
  try sink.put(UInt8(graph.isDirected ? 1 : 0))
  try sink.put(UInt64(graph.arcCount))
  try sink.put(UInt64(graph.nodeCount))
  for offset in graph.offsets { try sink.put(offset) }
  for arc in 0..<graph.arcCount {
    try sink.put(UInt32(graph.targets[arc]))
    if isWeighted { try sink.put(try wholeWeight(graph, arc)) }
  }
  if graph.isDirected, let inArcs = reverse.inArcs {
    for offset in inArcs.offsets { try sink.put(offset) }
    // Parallel arcs come in the order of their weights' arcs.
    var target = 0
    var repeats = 0
    for place in 0..<graph.arcCount {
      while UInt64(place) >= inArcs.offsets[target + 1] { target += 1 }
      let source = inArcs.sources[place]
      let isFirst = UInt64(place) == inArcs.offsets[target] || inArcs.sources[place - 1] != source
      repeats = isFirst ? 0 : repeats + 1
      try sink.put(UInt32(source))
      if isWeighted, let arc = graph.arc(from: source, to: target) {
        try sink.put(try wholeWeight(graph, arc + repeats))
      }
    }
  }
  try sink.finish()
}

private func wholeWeight(_ graph: CSRGraph, _ arc: Int) throws(MillError) -> UInt32 {
  let weight = graph.weights?[arc] ?? 1
  guard let value = Int32(exactly: weight) else {
    throw MillError(.notWritable, "a weight beyond 31 bits", field: Decimal.text(weight))
  }
  return UInt32(bitPattern: value)
}
