import GraphKernels
import GraphStore
import MillRuntime

// The kernels of `stats` that follow arcs: distances, centrality, labels, walks.

extension Stats {
  func pageRank(_ graph: some NeighborGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("pagerank", of: input) {
      try GraphKernels.pageRank(of: graph, options: rank.options, context: run.context)
    }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        unsafe row.append(column: result.scores.base[node])
      }
    }
    return outcome(
      graph,
      [
        "rounds": .integer(result.rounds), "change": .number(result.change), "converged": .bool(result.isConverged),
        "dangling": .integer(result.danglingCount),
      ],
      "\(result.rounds) rounds, " + (result.isConverged ? "converged" : "not converged"))
  }

  func paths(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let start = try startNode(graph, run)
    let end = try kernelFlags.target.map { try run.node(named: $0, in: graph, of: input) }
    let result = try run.stage("paths", of: input) { try shortestPaths(of: graph, from: start, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        let isReached = result.distances[node] < .infinity
        row.append(column: isReached ? result.distances[node] : -1)
        if isReached, let parents = result.parents { row.append(node: parents[node]) } else { row.append(text: "-") }
      }
    }
    var keys: [String: JSONValue] = [
      "source": .string(graph.name(of: start)), "reached": .integer(result.reached),
      "eccentricity": .number(result.eccentricity),
    ]
    var summary = [
      "from \(graph.name(of: start)): \(result.reached) of \(graph.nodeCount) nodes reached, the farthest at distance "
        + text(result.eccentricity)
    ]
    if let end {
      let path = result.path(to: end)?.map { graph.name(of: $0) }
      keys["target"] = .string(graph.name(of: end))
      keys["distance"] = path == nil ? .null : .number(result.distances[end])
      keys["path"] = path.map { .array($0.map(JSONValue.string)) } ?? .null
      summary.append(
        path.map { "\($0.joined(separator: " → ")): distance \(text(result.distances[end]))" }
          ?? "no path to \(graph.name(of: end))")
    }
    var found = outcome(graph, keys)
    found.summary = summary
    return found
  }

  func near(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let start = try startNode(graph, run)
    let options = NeighborhoodOptions(hops: kernelFlags.hops ?? 1, direction: kernelFlags.direction ?? .out)
    let result = try run.stage("near") {
      try neighborhood(of: graph, around: [start], options: options, context: run.context)
    }
    if let table {
      try run.writeRows(to: table, result.nodes.count, of: graph, columns: columns) { row, line in
        row.append(node: result.nodes[line])
        row.append(column: result.distances[line])
      }
    }
    return outcome(
      graph, ["source": .string(graph.name(of: start)), "reached": .integer(result.nodes.count)],
      "\(result.nodes.count) nodes within \(options.hops) of \(graph.name(of: start))")
  }

  func longestDistance(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("diameter") { try diameter(of: graph, context: run.context) }
    let ends = result.ends.map { [graph.name(of: $0.source), graph.name(of: $0.target)] } ?? []
    return outcome(
      graph,
      [
        "diameter": .integer(result.diameter), "ends": .array(ends.map(JSONValue.string)),
        "searches": .integer(result.searches),
      ],
      "diameter \(result.diameter)" + (ends.isEmpty ? "" : ", between \(ends[0]) and \(ends[1])")
        + ", by \(result.searches) searches")
  }

  func betweennessScores(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let options = BetweennessOptions(
      sampleSize: kernelFlags.sample?.value, seed: run.settings.seed, isNormalized: kernelFlags.normalized)
    let result = try run.stage("betweenness") { try betweenness(of: graph, options: options, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in row.append(column: result.scores[node])
      }
    }
    return outcome(
      graph,
      [
        "sources": .integer(result.sourceCount), "exact": .bool(result.isExact),
        "max_score": .number(result.scores.max() ?? 0),
      ], "largest score \(text(result.scores.max() ?? 0)), from \(result.sourceCount) sources")
  }

  func closenessScores(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let options = ClosenessOptions(
      sampleSize: kernelFlags.sample?.value, seed: run.settings.seed, scalesByReach: kernelFlags.scaleByReach)
    let result = try run.stage("closeness") { try closeness(of: graph, options: options, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        row.append(column: result.closeness[node])
        row.append(column: result.harmonic[node])
      }
    }
    let (near, harmonic) = (result.closeness.max() ?? 0, result.harmonic.max() ?? 0)
    return outcome(
      graph,
      [
        "targets": .integer(result.targetCount), "exact": .bool(result.isExact), "max_closeness": .number(near),
        "max_harmonic": .number(harmonic),
      ], "largest closeness \(text(near)), harmonic \(text(harmonic)), from \(result.targetCount) targets")
  }

  func balls(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    var options = HyperBallOptions(seed: run.settings.seed)
    if let bits = kernelFlags.registerBits { options.registerBits = bits }
    if let rounds = rank.rounds { options.maximumRounds = rounds }
    let result = try run.stage("hyperball", of: input) {
      try hyperBall(of: graph, options: options, context: run.context)
    }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        row.append(column: result.harmonic[node])
      }
    }
    let (average, diameter) = (result.averageDistance, result.effectiveDiameter())
    return outcome(
      graph,
      [
        "average_distance": .number(average), "effective_diameter": .number(diameter),
        "neighborhood_function": .array(result.neighborhoodFunction.map(JSONValue.number)),
        "relative_error": .number(result.relativeError), "rounds": .integer(result.rounds),
        "complete": .bool(result.isComplete),
      ],
      "average distance \(text(average)), effective diameter (90 %) \(text(diameter)), after \(result.rounds) rounds"
        + (result.isComplete ? "" : ", not complete"))
  }

  func hits(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    var options = HubsAndAuthoritiesOptions()
    if let rounds = rank.rounds { options.maximumRounds = rounds }
    let result = try run.stage("hits", of: input) {
      try hubsAndAuthorities(of: graph, options: options, context: run.context)
    }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        row.append(column: result.hubs[node])
        row.append(column: result.authorities[node])
      }
    }
    return outcome(
      graph,
      [
        "rounds": .integer(result.rounds), "change": .number(result.change), "converged": .bool(result.isConverged),
      ], "\(result.rounds) rounds, " + (result.isConverged ? "converged" : "not converged"))
  }

  func labels(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    var options = LabelPropagationOptions(seed: run.settings.seed)
    if let rounds = rank.rounds { options.maximumRounds = rounds }
    let result = try run.stage("labels", of: input) {
      try labelPropagation(of: graph, options: options, context: run.context)
    }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in row.append(column: result.labels[node])
      }
    }
    return outcome(
      graph,
      [
        "groups": .integer(result.count), "rounds": .integer(result.rounds), "converged": .bool(result.isConverged),
      ],
      "\(result.count) groups after \(result.rounds) rounds, " + (result.isConverged ? "converged" : "not converged"))
  }

  func walks(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    var options = RandomWalksOptions(seed: run.settings.seed)
    if let walks = kernelFlags.walks { options.walksPerNode = walks.value }
    if let length = kernelFlags.length { options.length = length.value }
    if let parameter = kernelFlags.returnParameter { options.returnParameter = parameter }
    if let parameter = kernelFlags.inOutParameter { options.inOutParameter = parameter }
    let result = try run.stage("walks", of: input) {
      try randomWalks(of: graph, options: options, context: run.context)
    }
    if let table {
      let steps = (0..<result.length).map { "step_\($0)" }
      try run.writeRows(to: table, result.count, of: graph, columns: steps) { row, line in
        for node in result.walk(line) { row.append(node: node) }
      }
    }
    return outcome(
      graph, ["walks": .integer(result.count), "length": .integer(result.length)],
      "\(result.count) walks of up to \(result.length) nodes")
  }
}
