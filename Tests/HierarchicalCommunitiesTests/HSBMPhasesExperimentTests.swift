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
