import HierarchicalCommunities
import MillRuntime
import Testing

@testable import hsbm_phases

@Suite("The hsbm-phases experiment")
struct HSBMPhasesExperimentTests {
  @Test func smallSweep() throws {
    var settings = ExperimentSettings.quick
    (settings.seeds, settings.leafSize) = (1, 60)
    settings.methods = [.bottomUp, .bottomUpGiven, .spectral, .louvain]
    let cells = [SweepCell(16, 0.1, 8, [1, 1, 1]), SweepCell(6, 0.7, 1, [])]
    let one = try SweepResult(settings, cells: cells, context: RunContext(threads: 1))
    let two = try SweepResult(settings, cells: cells, context: RunContext(threads: 2))
    #expect(one.csv == two.csv)
    #expect(one.rows[0].runs[.bottomUp]!.ami(0) > 0.9)
    #expect(one.rows[1].runs[.bottomUp]!.counted == 1)
    #expect(one.markdown(settings).contains("### Counted"))
    #expect(one.csv.split(separator: "\n").count == 1 + cells.count * settings.methods.count * 3)
  }

  @Test func smallShapes() throws {
    var settings = ExperimentSettings.quick
    settings.seeds = 1
    settings.methods = [.bottomUp, .spectral]
    let table = try shapesTable(settings, scale: 5, context: RunContext(threads: 1))
    #expect(try table.csv == shapesTable(settings, scale: 5, context: RunContext(threads: 2)).csv)
    #expect(table.markdown.contains("caterpillar"))
  }

  @Test("The authors' trees: as many leaves and nodes as in their program, and the same bytes for every thread count")
  func authors() throws {
    let all = try AuthorsSetting.all()
    #expect(all.map(\.model.leafCount) == [8, 8, 16, 16, 9, 16, 28, 16, 28, 16])
    #expect(all.map(\.model.nodeCount) == [1600, 1600, 3200, 3200, 1800, 3200, 3200, 3200, 3200, 3200])
    // Worked by hand: 36 ln(1600) / 1600 inside leaves, a fifth of that between siblings.
    let chances = all[0].model
    #expect(abs(chances.chance(0, 0) - 0.1659996) < 1e-6)
    #expect(abs(chances.chance(0, 1) - 0.1659996 / 5) < 1e-6)
    // 28 leaves: the first two are whole at depth 4, joined at 3. 16 leaves: the last two are whole at 2, joined at 1.
    let (first, second) = (all[6].model, all[7].model)
    #expect(first.sizes.prefix(3) == [200, 200, 100] && first.sizes.suffix(2) == [200, 200])
    #expect(second.sizes.suffix(3) == [100, 800, 800])
    let (depths, others) = (first.tree.depths, second.tree.depths)
    #expect(depths[0] == 4 && depths[2] == 5 && depths[first.tree.commonAncestor(0, 1)] == 3)
    #expect(others[15] == 2 && others[second.tree.commonAncestor(14, 15)] == 1)
    #expect(second.tree.commonAncestor(0, 15) == second.tree.root)
    // A whole leaf is as dense as the part of the full tree that it stands for: here p (1 + 1/2) / 2 and
    // p (1 + 1/2 + 2/4 + 4/8) / 8 for the ratio 1/2.
    let (half, eighth) = (all[8].model, all[9].model)
    #expect(abs(half.chance(0, 0) / half.chance(2, 2) - 0.75) < 1e-12)
    #expect(abs(eighth.chance(15, 15) / eighth.chance(2, 2) - 2.5 / 8) < 1e-12)
    var settings = ExperimentSettings.quick
    settings.seeds = 1
    settings.methods = [.bottomUp, .paris]
    let table = try authorsTable(settings, scale: 5, context: RunContext(threads: 1))
    #expect(try table.csv == authorsTable(settings, scale: 5, context: RunContext(threads: 2)).csv)
    #expect(table.csv.split(separator: "\n").count == 1 + 2 * (3 + 3 + 4 + 4 + 2 + 2 + 4 * 3))
  }

  @Test("Louvain's root is linked two by two, so every cut exists, and its groups stay")
  func louvainLinked() throws {
    let model = try HierarchicalBlockModel(branching: 2, depth: 3, leafSize: 60, meanDegree: 16, ratio: 0.1)
    let drawn = try Drawn(model, seed: 3, context: RunContext())
    let found = try louvainCommunities(of: drawn.graph, context: RunContext()).hierarchy
    let root = try #require(found.tree.root)
    let top = found.tree.children(of: root).count
    try #require(top > 2)
    let linked = try found.linkedAtRoot(drawn.graph, context: RunContext())
    #expect(linked.leaves == found.leaves && linked.tree.leafCount == found.tree.leafCount)
    for count in 1...top { #expect(try linked.tree.cut(intoGroups: count).count == count) }
    let (own, again) = (found.labels(atDepth: 1), linked.labels(linked.tree.cutAtMost(top)))
    #expect(try partitionScores(own, again).ari == 1)
    #expect(try linked.linkedAtRoot(drawn.graph, context: RunContext()) == linked)
  }

  @Test func smallWholes() throws {
    var settings = ExperimentSettings.quick
    settings.wholes = 1
    let table = try wholesTable(settings, nodes: 400, context: RunContext(threads: 1))
    #expect(try table.csv == wholesTable(settings, nodes: 400, context: RunContext(threads: 2)).csv)
    #expect(table.csv.split(separator: "\n").count == 1 + Whole.all.count)
  }

  @Test("The lines of theory: exact recovery needs more than detection, and deeper levels need more")
  func thresholds() throws {
    let settings = ExperimentSettings.quick
    let (top, deep) = (try thresholdLines(settings, depth: 1), try thresholdLines(settings, depth: 3))
    for (point, other) in zip(top[0].points, top[1].points) { #expect(point.y > other.y) }
    for (point, other) in zip(top[0].points, deep[0].points) { #expect(point.y < other.y) }
  }
}
