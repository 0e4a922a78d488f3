import Glibc
import GraphStore
import MillRuntime
import Testing

@testable import GraphFormats

/// Changed, cut and shuffled files of every format: a graph or an error with exit 65 or 71, never a crash, a hang or
/// memory for what a file only declares.
///
/// `GRAPHMILL_FUZZ_SECONDS` runs every format for so long, from seed `GRAPHMILL_FUZZ_SEED` on; without it a fixed number
/// of rounds is run.
@Suite(.serialized) struct FormatFuzzTests {
  static let formats = GraphFormat.allCases.filter(\.isRead)

  /// Good files of a format, to begin with.
  static func seeds(_ format: GraphFormat) throws -> [[UInt8]] {
    let scratch = Scratch()
    var seeds: [[UInt8]] = FormatReaderTests.cases.filter { format.endings.contains(fileExtension($0.name)) }
      .map { Array($0.text.utf8) }
    if format.isWritten {
      for (index, directed) in [false, true].enumerated() {
        let graph = try CSRGraph(
          nodeCount: 6, weightedEdges: [(0, 1, 2), (1, 2, 3), (4, 2, 1), (0, 5, 7)], isDirected: directed)
        for (place, graph) in [graph, graph.withoutWeights()].enumerated() {
          var writing = GraphWriteOptions()
          writing.format = format
          let name = "s\(index)\(place).\(format.endings[0])"
          if (try? writeGraph(graph, to: scratch.file(name), options: writing)) != nil {
            seeds.append(try #require(scratch.bytes(of: name)))
          }
        }
      }
    }
    return seeds
  }

  private static let words: [String] = [
    "0", "1", "7", "-1", "4294967295", "4294967296", "999999999999", "18446744073709551616", "1e400", "nan", "0.5", " ",
    "\n", "\t", ",", "\"", "<", ">", "&", "&#0;", "&#x10ffff;", "[", "]", "{", "}", "(", ")", "*", "%", "#", ":", "/>",
    "<graph>", "</graph>", "<node id='a'/>", "edge [", "*Vertices 9", "*Arcs\n", "p sp 3 1\n", "\\u0000", "\\", "é",
    "'shape': (9,)", "~~~~", "directed",
  ]
  private static let binary: [[UInt8]] = [
    [0], [0xff], [0x7f], [0x80], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0, 1, 0, 0, 0],
  ]
  private static let pieces: [[UInt8]] = words.map { Array($0.utf8) } + binary

  static func mutate(_ seeds: [[UInt8]], _ random: inout CounterRandom) -> [UInt8] {
    func pick(_ count: Int) -> Int { Int(random.below(UInt64(max(1, count)))) }
    var bytes = seeds[pick(seeds.count)]
    for _ in 0..<(1 + pick(4)) {
      let place = pick(bytes.count + 1)
      let length = min(bytes.count - place, pick(20))
      switch pick(8) {
      case 0: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
      case 1: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
      case 2: bytes.removeSubrange(place..<place + length)
      case 3: bytes.insert(contentsOf: pieces[pick(pieces.count)], at: place)
      case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: pick(bytes.count + 1))
      case 5: bytes.removeSubrange(place...)
      case 6:
        let other = seeds[pick(seeds.count)]
        bytes.replaceSubrange(place..., with: other[min(other.count, pick(other.count))...])
      default:
        bytes.replaceSubrange(place..<place + length, with: pieces[pick(pieces.count)])
      }
    }
    return bytes
  }

  @Test("Mutated files", arguments: formats)
  func mutated(format: GraphFormat) throws {
    let scratch = Scratch()
    let seeds = try Self.seeds(format)
    try #require(!seeds.isEmpty || [.el, .wel, .csv, .mtx].contains(format))
    let lists = seeds.isEmpty ? [Array("1 2 3\n4 5 6\n".utf8)] : seeds
    let seconds = getenv("GRAPHMILL_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) }
    let first = getenv("GRAPHMILL_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
    let number = UInt64(Self.formats.firstIndex(of: format)!)
    let began = time(nil)
    let memory = peakMemory()
    var round: UInt64 = 0
    while seconds.map({ Double(time(nil) - began) < $0 }) ?? (round < 100) {
      var random = CounterRandom(seed: CounterRandom.mix(first &+ round) ^ number, stage: "format-fuzz")
      round += 1
      let bytes = Self.mutate(lists, &random)
      let path = scratch.file("g." + format.endings[0], bytes)
      var options = GraphReadOptions()
      if random.below(3) > 0 { options.format = format }
      options.isDirected = [nil, true, false][Int(random.below(3))]
      options.ids = GraphReadOptions.IDMode.allCases[Int(random.below(4))]
      options.duplicates = random.below(2) == 0 ? .sum : .keep
      do throws(MillError) {
        let graph = try readGraph(path, options: options, context: RunContext(threads: 1)).graph
        try checkDeep(graph)
      } catch {
        #expect([64, 65, 69, 71].contains(error.exitCode), "\(error) of seed \(first &+ round &- 1)")
      }
    }
    #expect(peakMemory() - memory < 200 << 20, "memory of \(format) grew by \((peakMemory() - memory) >> 20) MiB")
  }

  /// The largest resident size so far, in bytes.
  private func peakMemory() -> Int {
    ResourceUsage.current().peakBytes
  }
}
