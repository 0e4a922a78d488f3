import Foundation
import MillRuntime
import TestSupport
import Testing

@testable import GraphStore

@Suite struct ContainerTests {
  @Test("A graph comes back from every codec", arguments: ContainerSample.all)
  func roundTrip(sample: ContainerSample) throws {
    let graph = try sample.graph()
    try checkDeep(graph, context: RunContext(threads: 1))
    let folder = TemporaryFolder()
    for codec in ContainerCodec.allCases {
      var options = ContainerOptions()
      options.codec = codec
      options.includesInArcs = sample.hasInArcs
      let path = folder.file(codec.rawValue)
      let bytes = try writeContainer(graph, to: path, options: options)
      for mapped in [true, false] {
        let again = try openContainer(path, mapped: mapped, verify: .deep)
        #expect(again.isIdentical(to: graph))
        #expect(again.nodeCount == sample.nodes && again.edgeCount == graph.edgeCount)
        #expect(again.isDirected == sample.isDirected && again.isWeighted == sample.isWeighted)
        #expect(again.isMultigraph == sample.isMultigraph && again.hasLoops == graph.hasLoops)
        // Packed lists are always narrow.
        let isWide = sample.isWide && codec != .packed
        #expect(again.storage.flags.subtracting(.wideTargets) == graph.storage.flags.subtracting(.wideTargets))
        #expect(again.storage.flags.contains(.wideTargets) == isWide)
        #expect((again.inArcs != nil) == sample.hasInArcs)
        #expect(again.fingerprint() == graph.fingerprint())
        for v in 0..<sample.nodes {
          #expect(again.name(of: v) == graph.name(of: v))
          #expect(Array(again.neighbors(of: v)) == Array(graph.neighbors(of: v)))
        }
        if let a = again.inArcs, let b = graph.inArcs {
          #expect(Array(a.offsets) == Array(b.offsets))
          #expect((0..<again.arcCount).allSatisfy { a.sources[$0] == b.sources[$0] })
        }
      }
      let info = try containerInfo(path)
      #expect(info.fileBytes == bytes && info.arcCount == graph.arcCount)
      #expect(
        info.targetBits == (sample.isWide && codec != .packed ? 64 : 32)
          && info.weightBits == (sample.isWeighted ? 64 : 0))
      #expect(info.names == sample.names.rawValue && info.hasInArcs == sample.hasInArcs)
    }
  }

  @Test("The same graph gives the same bytes", arguments: ContainerCodec.allCases)
  func sameBytes(codec: ContainerCodec) throws {
    for sample in [ContainerSample.all[3], ContainerSample.all[40], ContainerSample.all[99]] {
      let graph = try sample.graph()
      let bytes = try ContainerBytes(graph, codec: codec, includesInArcs: sample.hasInArcs)
      for threads in [2, 4, 7] {
        let other = try ContainerBytes(graph, codec: codec, includesInArcs: sample.hasInArcs, threads: threads)
        #expect(bytes.bytes == other.bytes)
      }
      let again = try bytes.open()
      #expect(try ContainerBytes(again, codec: codec, includesInArcs: sample.hasInArcs).bytes == bytes.bytes)
    }
  }

  @Test func layoutIsThatOfTheSpecification() throws {
    let graph = try CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)])
    let file = try ContainerBytes(graph)
    #expect(Array(file.bytes[..<16]) == [0x89, 0x47, 0x4d, 0x47, 13, 10, 26, 10, 1, 0, 0, 0, 192, 0, 0, 0])
    #expect(file.word(16, UInt64.self) == 0)
    #expect(
      (24..<48).map { file.bytes[$0] } == [3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0])
    #expect(file.word(48, Int.self) == file.bytes.count && file.bytes.count == 12288 + 7)
    #expect(file.word(56, UInt32.self) == 3)
    #expect(file.start(1) == 4096 && file.start(2) == 8192 && file.start(10) == 12288)
    #expect((0..<4).map { file.word(4096 + 8 * $0, Int.self) } == [0, 1, 3, 4])
    #expect((0..<4).map { file.word(8192 + 4 * $0, UInt32.self) } == [1, 0, 2, 1])
  }

  @Test func informationAndProvenance() throws {
    let folder = TemporaryFolder()
    var options = ContainerOptions()
    options.provenance = #"{"source":"test"}"#
    options.codec = .varint
    let graph = try ContainerSample(isDirected: true, names: .labels).graph()
    try writeContainer(graph, to: folder.file("g"), options: options)
    let info = try containerInfo(folder.file("g"))
    #expect(info.majorVersion == 1 && info.minorVersion == 0 && info.isDirected && !info.isMultigraph)
    #expect(info.sections.map(\.name) == ["offsets", "targets", "label-offsets", "labels", "provenance"])
    #expect(info.sections.map(\.codec) == ["varint", "varint", "varint", "raw", "raw"])
    #expect(info.sections[0].rawBytes == 41 * 8 && info.sections[0].bytes == 40)
    #expect(try containerProvenance(folder.file("g")) == #"{"source":"test"}"#)
  }

  @Test func inArcsMustExistToBeWritten() throws {
    let folder = TemporaryFolder()
    var options = ContainerOptions()
    options.includesInArcs = true
    let graph = try CSRGraph(nodeCount: 2, edges: [(0, 1)], isDirected: true)
    let error = #expect(throws: MillError.self) { try writeContainer(graph, to: folder.file("g"), options: options) }
    #expect(error?.kind == .badOption)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func narrowWeightsAreWidened() throws {
    let sample = ContainerSample(isWeighted: true)
    let graph = try sample.graph()
    let weights = try #require(graph.weights)
    let folder = TemporaryFolder()
    let narrow = weights.map { Float($0) }
    try narrow.withUnsafeBytes { narrow in
      let targets = try #require(UInt32.array(graph.targets))
      let contents = [
        SectionContent(kind: 1, bytes: UnsafeRawBufferPointer(graph.offsets.elements)),
        SectionContent(kind: 2, bytes: UnsafeRawBufferPointer(targets.elements)),
        SectionContent(kind: 3, bytes: narrow),
      ]
      let file = try OutputFile(folder.file("g"))
      let counts = (UInt64(graph.nodeCount), UInt64(graph.edgeCount), UInt64(graph.arcCount))
      try writeSections(
        contents, format: Container.format, flags: GraphFlags.weighted32.rawValue, counts: counts, to: file,
        context: RunContext())
      try file.commit()
    }
    let again = try openContainer(folder.file("g"), verify: .deep)
    #expect(again.weights.map(Array.init) == narrow.map(Double.init))
    #expect(again.isIdentical(to: graph))
    #expect(try containerInfo(folder.file("g")).weightBits == 32)
  }

  @Test func missingFile() {
    let error = #expect(throws: MillError.self) { try openContainer("/nowhere/at/all.gmg") }
    #expect(error?.exitCode == 66)
  }

  @Test func stopsOnRequest() throws {
    let cancellation = Cancellation()
    cancellation.request()
    let graph = try ContainerSample().graph()
    #expect(throws: MillError.self) {
      try checkDeep(graph, context: RunContext(threads: 1, cancellation: cancellation))
    }
  }
}
