import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphFormats

/// Columns of text become the graph that a file of the same rows becomes.
@Suite struct LabelPairsTests {
  private func graph(_ rows: [(String, String)], batch: Int, threads: Int, weights: [Double]? = nil) throws -> CSRGraph
  {
    let texts = try rows.map {
      (try SharedArray(copying: Array($0.0.utf8)), try SharedArray(copying: Array($0.1.utf8)))
    }
    let pairs = try LabelPairs(context: RunContext(threads: threads))
    var blocks: [EdgeBlock] = []
    for low in stride(from: 0, to: rows.count, by: batch) {
      let count = min(batch, rows.count - low)
      var column: FlatBuffer<Double>?
      if let weights {
        column = try FlatBuffer<Double>(count: count)
        for i in 0..<count { column?.base[i] = weights[low + i] }
      }
      blocks.append(
        try pairs.block(count: count, weights: column, firstRow: low) { row in
          texts[low + row].0.elements
        } target: { row in
          texts[low + row].1.elements
        })
    }
    return try pairs.graph(blocks, options: FreezeOptions()).graph
  }

  private func rows(_ count: Int) -> [(String, String)] {
    var random = CounterRandom(seed: 3, stage: "label-pairs")
    func name() -> String {
      let number = random.below(3000)
      return number % 3 == 0 ? "a longer name than sixteen bytes \(number)" : "é\(number)"
    }
    return (0..<count).map { _ in (name(), name()) }
  }

  @Test func likeAFile() throws {
    let folder = TemporaryFolder()
    let rows = rows(20_000)
    let path = folder.file("edges.tsv", rows.map { "\($0.0)\t\($0.1)\n" }.joined())
    let expected = try readGraph(path, options: .init(ids: .string, separator: .tab)).graph
    for (batch, threads) in [(20_000, 1), (20_000, 4), (7777, 2), (1, 1)] {
      let some = batch == 1 ? Array(rows.prefix(300)) : rows
      let made = try graph(some, batch: batch, threads: threads)
      if batch > 1 { #expect(made.fingerprint() == expected.fingerprint()) } else { #expect(made.edgeCount <= 300) }
    }
  }

  @Test func weightsAreAdded() throws {
    let made = try graph([("a", "b"), ("b", "a")], batch: 1, threads: 1, weights: [1, 2.5])
    #expect(made.weights.map { Array($0) } == [3.5, 3.5])
  }

  @Test func whatNoNodeCanBeCalledIsRefusedWithItsRow() throws {
    for (bad, kind) in [
      ("", "empty-field"), ("a\0b", "nul-byte"), (String(repeating: "x", count: 70_000), "label-too-long"),
    ] {
      let error = #expect(throws: MillError.self) {
        try graph([("a", "b"), ("c", "d"), ("e", bad)], batch: 2, threads: 1)
      }
      #expect(error?.kind.name == kind && error?.message.contains("row 2, as its target") == true)
    }
  }
}
