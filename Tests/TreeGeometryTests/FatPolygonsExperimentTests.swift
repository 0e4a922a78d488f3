import MillRuntime
import Testing

@testable import fat_polygons

@Suite struct FatPolygonsExperimentTests {
  @Test("Every part of the experiment runs on small trees", arguments: Experiment.parts)
  func quick(part: String) throws {
    let text = try Experiment(settings: .quick, context: RunContext(threads: 2)).run(part)
    let lines = text.split(separator: "\n")
    #expect(lines.count >= 5 && lines[0].hasPrefix("## ") && !text.contains("nan") && !text.contains("n/a"))
    if part == "depth" { #expect(lines[3].hasPrefix("| chain of 1, leaves of 1e-6 | 11.7 | 4 |")) }
    if part == "embedding" { #expect(lines[3].hasPrefix("| star (100, 1) | 2 | 9 |")) }
  }
}
