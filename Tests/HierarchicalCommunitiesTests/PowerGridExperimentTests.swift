import Foundation
import MillRuntime
import Reporting
import TestSupport
import Testing

@testable import power_grid

@Suite("The power-grid experiment")
struct PowerGridExperimentTests {
  /// Four blocks of 5 x 5 nodes on a map, one kilometer between nodes; one edge from block to block, diagonals inside.
  private func folder() -> TemporaryFolder {
    let folder = TemporaryFolder()
    var (edges, positions) = ("# src\tdst\n", "# node\tx\ty\n")
    for block in 0..<4 {
      for row in 0..<5 {
        for column in 0..<5 {
          let node = 25 * block + 5 * row + column
          positions += "\(node)\t\(1000 * (column + 20 * (block % 2)))\t\(1000 * (row + 20 * (block / 2)))\n"
          if column < 4 { edges += "\(node)\t\(node + 1)\n" }
          if row < 4 { edges += "\(node)\t\(node + 5)\n" }
          if row < 4, column < 4 { edges += "\(node)\t\(node + 6)\n\(node + 1)\t\(node + 5)\n" }
        }
      }
      if block < 3 { edges += "\(25 * block)\t\(25 * block + 25)\n" }
    }
    folder.file("edges.tsv", edges)
    folder.file("positions.tsv", positions)
    return folder
  }

  @Test func smallGrid() throws {
    let folder = folder()
    let placed = try PlacedGraph(folder.path, context: RunContext())
    #expect(placed.graph.nodeCount == 100 && placed.ends.count == 2 * placed.graph.edgeCount)
    var settings = ExperimentSettings()
    (settings.cuts, settings.shown, settings.draws) = ([2, 4], [2, 4], 3)
    let one = try powerGrid(placed, settings, context: RunContext(threads: 1))
    let two = try powerGrid(placed, settings, context: RunContext(threads: 2))
    #expect(one.csv == two.csv && one.markdown == two.markdown)
    #expect(zip(one.drawings, two.drawings).allSatisfy { $0 == $1 })
    #expect(one.drawings.count == 4 * Contender.allCases.count)
    // The cut into four is the four blocks, each connected, three edges between.
    let row = try #require(one.csv.split(separator: "\n").first { $0.hasPrefix("\"bottom-up\",4,") })
    let between = NumberText.fixed(3 / Double(placed.graph.edgeCount), decimals: 5)
    #expect(row.hasPrefix("\"bottom-up\",4,4,\(between),"))
  }

  /// Worked by hand: two pairs of nodes, 3 and 4 km apart, so 1.5 and 2 km from their middles.
  @Test func compactnessByHand() throws {
    let folder = folder()
    folder.file("edges.tsv", "a\tb\nb\tc\nc\td\n")
    folder.file("positions.tsv", "a\t0\t0\nb\t3000\t0\nc\t0\t9000\nd\t0\t5000\n")
    let placed = try PlacedGraph(folder.path, context: RunContext())
    let labels = (0..<4).map { Int32(["a", "b"].contains(placed.graph.name(of: $0)) ? 0 : 1) }
    let found = try Compactness(labels, in: placed, draws: 5, seed: 1)
    #expect(found.groups == 2 && found.connected == 2)
    #expect(abs(found.distance - 1.75) < 1e-12)
    #expect(abs(found.betweenShare - 1.0 / 3) < 1e-12)
    #expect(found.randomDistance >= found.distance)
    let crossed = try Compactness(
      labels.map { 1 - $0 }.enumerated().map { $0.offset % 2 == 0 ? $0.element : 1 - $0.element }, in: placed, draws: 1,
      seed: 1)
    #expect(crossed.connected < 2)
  }

  @Test("A missing place and a broken line are named")
  func refusals() throws {
    let folder = folder()
    folder.file("positions.tsv", "0\t1\t2\n1\t1\n")
    let broken = #expect(throws: MillError.self) { try PlacedGraph(folder.path, context: RunContext()) }
    #expect(broken?.line == 2)
    folder.file("positions.tsv", "0\t1\t2\n")
    let missing = #expect(throws: MillError.self) { try PlacedGraph(folder.path, context: RunContext()) }
    #expect(missing?.kind == .malformed)
  }

  @Test(
    "The European grid: the published figures of the spectrum", .needsSharedData("communities/power-ucte/positions.tsv")
  )
  func european() throws {
    let placed = try PlacedGraph(SharedData.path("communities/power-ucte"), context: RunContext())
    var settings = ExperimentSettings()
    (settings.cuts, settings.draws) = ([8], 2)
    let tree = try GridTree(.bottomUpPlain, of: placed, settings, context: RunContext(threads: 2))
    let spectrum = try #require(tree.spectrum)
    #expect(abs(spectrum.rho - 2.6986) < 5e-5)
    #expect(spectrum.plainCount == 48 && tree.hierarchy.tree.leafCount == 48)
    #expect(tree.cuts[0].distance < 0.5 * tree.cuts[0].randomDistance)
  }
}
