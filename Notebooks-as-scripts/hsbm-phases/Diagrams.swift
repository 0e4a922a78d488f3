import ExperimentSupport
import HierarchicalCommunities
import MillRuntime
import Reporting

/// The phase diagrams: AMI over degree and ratio, with the line D_q = 1 and the line of detection.
func phaseDiagrams(
  _ settings: ExperimentSettings, context: RunContext
) throws -> (diagrams: [(stem: String, diagram: PhaseDiagram)], csv: String) {
  let methods: [Method] = [.bottomUp, .spectral, .sign]
  let (degrees, ratios) = (settings.degrees, settings.ratios)
  var values: [Method: [[Double]]] = [:]
  for method in methods { values[method] = [[Double]](repeating: [], count: 3) }
  var csv = "degree,ratio,method,depth,ami\n"
  for degree in degrees {
    for ratio in ratios {
      let model = try HierarchicalBlockModel(
        branching: 2, depth: 3, leafSize: settings.leafSize, meanDegree: degree, ratio: ratio)
      var runs: [Method: Runs] = [:]
      for i in 0..<settings.diagramSeeds {
        let seed = settings.seed &+ 1000 &+ UInt64(i)
        let drawn = try Drawn(model, seed: seed, context: context)
        for method in methods {
          runs[method, default: Runs()].outcomes.append(try run(method, on: drawn, seed: seed, context: context))
        }
      }
      for method in methods {
        for depth in 0..<3 {
          let ami = runs[method]!.ami(depth)
          values[method]![depth].append(ami)
          csv += "\(degree),\(ratio),\"\(method.rawValue)\",\(depth + 1),\(decimal(ami, 4))\n"
        }
      }
    }
  }
  var diagrams: [(String, PhaseDiagram)] = []
  for method in methods {
    for depth in [0, 2] {
      let lines = try thresholdLines(settings, depth: depth + 1)
      diagrams.append(
        (
          "phase-\(method.rawValue.split(separator: " ").joined(separator: "-"))-depth-\(depth + 1)",
          PhaseDiagram(
            title: "AMI at depth \(depth + 1), \(method.rawValue); 8 x \(settings.leafSize) nodes",
            xName: "beta", yName: "mean degree", xs: ratios,
            ys: degrees, values: values[method]![depth], lines: lines)
        ))
    }
  }
  return (diagrams, csv)
}

/// Along the ratios the least degree at which D_q is above 1, and that at which level q can be detected at all.
func thresholdLines(_ settings: ExperimentSettings, depth: Int) throws -> [PhaseDiagram.Line] {
  var (exact, detection): ([Chart.Point], [Chart.Point]) = ([], [])
  let top = settings.degrees.max() ?? 40
  for ratio in fine(settings.ratios) {
    func degree(where holds: (HierarchicalBlockModel) -> Bool) throws -> Double? {
      var (low, high) = (0.1, 4 * top)
      for _ in 0..<40 {
        let middle = (low + high) / 2
        let model = try HierarchicalBlockModel(
          branching: 2, depth: 3, leafSize: max(settings.leafSize, 200), meanDegree: middle, ratio: ratio)
        if holds(model) { high = middle } else { low = middle }
      }
      return high < 4 * top - 0.01 ? high : nil
    }
    if let at = try degree(where: { RecoveryThresholds($0).divergences[depth - 1] > 1 }) {
      exact.append(Chart.Point(ratio, at))
    }
    // Level q has 2^(q - 1) eigenvalues behind those of the levels above.
    if let at = try degree(where: { RecoveryThresholds($0).detectableCount >= 1 << depth }) {
      detection.append(Chart.Point(ratio, at))
    }
  }
  return [
    PhaseDiagram.Line(
      name: "D\(depth) = 1: exact recovery of the depth is possible above", points: exact, isDashed: false),
    PhaseDiagram.Line(name: "the depth can be detected above", points: detection, isDashed: true),
  ]
}

/// Ascending ratios with three more between each two, and half a step beyond the ends.
private func fine(_ ratios: [Double]) -> [Double] {
  guard ratios.count > 1 else { return ratios }
  let (first, last) = (ratios[0], ratios[ratios.count - 1])
  let corners = [first - (ratios[1] - first) / 2] + ratios + [last + (last - ratios[ratios.count - 2]) / 2]
  let points = zip(corners, corners.dropFirst()).flatMap { low, high in
    (0..<4).map { low + (high - low) * Double($0) / 4 }
  }
  return (points + [corners[corners.count - 1]]).filter { $0 > 0 && $0 <= 1 }
}
