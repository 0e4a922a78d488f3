import Foundation
import MillRuntime
import TestSupport
import Testing

@testable import GraphStore

/// The properties that a container keeps, in every combination worth a test.
struct ContainerSample: Sendable, CustomTestStringConvertible {
  enum Names: String, Sendable, CaseIterable { case dense, ids, labels }
  var nodes = 40
  var edges = 150
  var isDirected = false
  var isWeighted = false
  var isMultigraph = false
  var hasLoops = false
  var isWide = false
  var hasInArcs = false
  var names = Names.dense

  var testDescription: String {
    let flags: [(Bool, String)] = [
      (isDirected, "directed"), (isWeighted, "weighted"), (isMultigraph, "multigraph"), (hasLoops, "loops"),
      (isWide, "wide"), (hasInArcs, "in-arcs"),
    ]
    return "\(nodes) nodes, \(edges) edges \(flags.filter(\.0).map(\.1).joined(separator: " ")) \(names.rawValue)"
  }

  static let all: [ContainerSample] = {
    var list: [ContainerSample] = []
    for bits in 0..<32 {
      for names in Names.allCases {
        list.append(
          ContainerSample(
            isDirected: bits & 1 > 0, isWeighted: bits & 2 > 0, isMultigraph: bits & 4 > 0, hasLoops: bits & 8 > 0,
            isWide: bits & 16 > 0, hasInArcs: bits & 1 > 0 && names != .ids, names: names))
      }
    }
    list.append(ContainerSample(nodes: 0, edges: 0))
    list.append(ContainerSample(nodes: 1, edges: 0, names: .labels))
    list.append(ContainerSample(nodes: 5, edges: 0, isDirected: true, isWeighted: true, hasInArcs: true, names: .ids))
    list.append(ContainerSample(nodes: 3000, edges: 9000, isDirected: true, isWeighted: true, hasInArcs: true))
    return list
  }()

  /// The random graph of these properties; the same one every time.
  func graph(seed: UInt64 = 1) throws -> CSRGraph {
    var random = CounterRandom(seed: seed, stage: "container sample")
    var arcs: [(u: Int, v: Int, weight: Double)] = []
    var seen: Set<[Int]> = []
    for i in 0..<edges {
      var u = Int(random.below(UInt64(nodes)))
      var v = Int(random.below(UInt64(nodes)))
      if hasLoops, i % 10 == 0 { v = u }
      if u == v, !hasLoops { v = (u + 1) % nodes }
      if !isDirected { (u, v) = (min(u, v), max(u, v)) }
      if !isMultigraph, !seen.insert([u, v]).inserted { continue }
      let weight = Double(random.below(1000)) / 8 - 3
      for _ in 0...(isMultigraph && i % 7 == 0 ? 1 : 0) { arcs.append((u, v, weight)) }
    }
    let count = arcs.count
    if !isDirected { arcs += arcs.filter { $0.u != $0.v }.map { ($0.v, $0.u, $0.weight) } }
    arcs.sort { ($0.u, $0.v, $0.weight) < ($1.u, $1.v, $1.weight) }
    let (offsets, targets) = try lists(arcs.map { ($0.u, $0.v) })
    let weights = isWeighted ? try SharedArray(copying: arcs.map(\.weight)) : nil
    var inArcs: CSRGraph.InArcs?
    if hasInArcs {
      let turned = arcs.map { ($0.v, $0.u) }.sorted { $0 < $1 }
      let (offsets, sources) = try lists(turned)
      inArcs = CSRGraph.InArcs(offsets: offsets, sources: sources)
    }
    var flags: GraphFlags = []
    if isDirected { flags.insert(.directed) }
    if isMultigraph { flags.insert(.multigraph) }
    if arcs.contains(where: { $0.u == $0.v }) { flags.insert(.loops) }
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: nodes, edgeCount: count, flags: flags, offsets: offsets, targets: targets, weights: weights,
        names: try nodeNames(), inArcs: inArcs))
  }

  private func lists(_ arcs: [(Int, Int)]) throws -> (SharedArray<UInt64>, CSRGraph.Targets) {
    let offsets = try FlatBuffer<UInt64>(count: nodes + 1)
    for arc in arcs { offsets.base[arc.0 + 1] += 1 }
    for v in 0..<nodes { offsets.base[v + 1] += offsets.base[v] }
    if isWide {
      return (SharedArray(offsets), .wide(try SharedArray(copying: arcs.map { UInt64($0.1) })))
    }
    return (SharedArray(offsets), .narrow(try SharedArray(copying: arcs.map { UInt32($0.1) })))
  }

  private func nodeNames() throws -> NodeNames {
    switch names {
    case .dense: return .dense
    case .ids:
      // First-seen order, with the largest id there is.
      var ids: [UInt64] = []
      for v in 0..<nodes { ids.append(v == 2 ? .max : UInt64((v * 37 + 11) % 1009) << 7) }
      return .ids(try SharedArray(copying: ids))
    case .labels:
      return .labels(try .init((0..<nodes).map { v in v == 3 ? "" : "node \(v) é" }))
    }
  }
}

/// The bytes of a container in memory, to be damaged.
struct ContainerBytes {
  var bytes: [UInt8]

  init(_ graph: CSRGraph, codec: ContainerCodec = .raw, includesInArcs: Bool = false, threads: Int = 1) throws {
    let folder = TemporaryFolder()
    var options = ContainerOptions()
    options.codec = codec
    options.includesInArcs = includesInArcs
    options.provenance = #"{"a":1}"#
    try writeContainer(graph, to: folder.file("g"), options: options, context: RunContext(threads: threads))
    bytes = Array(FileManager.default.contents(atPath: folder.file("g")) ?? Data())
  }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func buffer() throws -> FlatBuffer<UInt8> {
    let buffer = try FlatBuffer<UInt8>(count: bytes.count)
    for (i, byte) in bytes.enumerated() { buffer.base[i] = byte }
    return buffer
  }

  func open(_ verify: ContainerVerification = .deep, threads: Int = 1) throws(MillError) -> CSRGraph {
    let buffer = try FlatBuffer<UInt8>(count: bytes.count)
    bytes.withUnsafeBufferPointer { _ = buffer.mutableElements.update(from: $0) }
    return try openContainer(bytes: buffer, verify: verify, context: RunContext(threads: threads))
  }

  func word<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type = Value.self) -> Value {
    (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(truncatingIfNeeded: bytes[offset + $1]) << (8 * $1) }
  }

  mutating func setWord<Value: FixedWidthInteger>(_ offset: Int, _ value: Value) {
    for i in 0..<Value.bitWidth / 8 { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> (8 * i)) }
  }

  /// Changes one of some bytes.
  mutating func damage(one places: [Int], _ random: inout CounterRandom) {
    let at = places[Int(random.below(UInt64(places.count)))]
    switch random.below(4) {
    case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes[at] ^= 1 << UInt8(random.below(8))
    case 2: bytes[at] = 0xff
    default: bytes[at] = bytes[at] &+ 1
    }
  }

  /// The place of a section's entry in the table.
  func entry(_ kind: UInt32) -> Int {
    (0..<Int(word(56, UInt32.self))).map { 64 + 40 * $0 }.first { word($0, UInt32.self) == kind } ?? -1
  }

  /// The first byte of a section.
  func start(_ kind: UInt32) -> Int { Int(word(entry(kind) + 8, UInt64.self)) }

  /// Makes all checksums right again, as far as the table is usable.
  mutating func sign() {
    for i in 0..<Int(word(56, UInt32.self)) {
      let entry = 64 + 40 * i
      guard entry + 40 <= bytes.count else { break }
      let (offset, length) = (word(entry + 8, UInt64.self), word(entry + 16, UInt64.self))
      guard offset <= UInt64(bytes.count), length <= UInt64(bytes.count) - offset else { continue }
      let sum = bytes[Int(offset)..<Int(offset + length)].withUnsafeBytes { xxh3($0) }
      setWord(entry + 32, sum)
    }
    let length = Int(word(12, UInt32.self))
    guard length >= 64, length <= bytes.count else { return }
    setWord(60, bytes[..<length].withUnsafeBytes { SectionFile.headerSum($0) })
  }
}
