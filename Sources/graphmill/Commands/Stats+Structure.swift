import GraphKernels
import GraphStore
import MillRuntime
import Reporting

// The kernels of `stats` that tell how a graph holds together.

extension Stats {
  func cores(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("kcore") { try coreNumbers(of: graph, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        unsafe row.append(column: result.cores.base[node])
      }
    }
    let top = unsafe result.cores.elements.count { Int($0) == result.degeneracy }
    return outcome(
      graph, ["degeneracy": .integer(result.degeneracy), "top_core": .integer(top)],
      "degeneracy \(result.degeneracy), \(top) nodes in the innermost core")
  }

  func triangles(_ graph: some NeighborGraph, _ run: CommandRun) throws -> Outcome {
    let count = try run.stage("triangles") { try triangleCount(of: graph, context: run.context) }
    return outcome(graph, ["triangles": .integer(count)], String(count))
  }

  func strongComponents(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("scc") { try stronglyConnectedComponents(of: graph, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in row.append(column: result.labels[node])
      }
    }
    let largest = result.largest.map { result.sizes[$0] } ?? 0
    return outcome(
      graph, ["components": .integer(result.count), "largest_component": .integer(largest)],
      "\(result.count) strong components, the largest with \(largest) of \(graph.nodeCount) nodes")
  }

  func order(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("order", of: input) { try topologicalOrder(of: graph, context: run.context) }
    if let table {
      var places = [Int](repeating: 0, count: graph.nodeCount)
      for (place, node) in result.order.enumerated() { places[node] = place }
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        row.append(column: places[node])
        row.append(column: result.levels[node])
      }
    }
    return outcome(graph, ["levels": .integer(result.levelCount)], "no cycle, \(result.levelCount) levels")
  }

  func sides(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("bipartite") { try bipartition(of: graph, context: run.context) }
    if let table {
      try run.writeRows(to: table, result.sides?.count ?? 0, of: graph, columns: columns) { row, node in
        row.append(node: node)
        if let sides = result.sides { row.append(column: sides[node]) }
      }
    }
    let cycle = result.oddCycle.map { graph.name(of: $0) }
    return outcome(
      graph,
      [
        "bipartite": .bool(result.isBipartite), "second_side": .integer(result.secondSideCount),
        "odd_cycle": .array(cycle.map(JSONValue.string)),
      ],
      result.isBipartite
        ? "bipartite, \(graph.nodeCount - result.secondSideCount) and \(result.secondSideCount) nodes"
        : "not bipartite: an odd cycle of \(cycle.count) nodes goes through \(cycle[0])")
  }

  func bridges(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("bridges") { try biconnectivity(of: graph, context: run.context) }
    if let table {
      try run.writeRows(to: table, result.bridges.count, of: graph, columns: columns) { row, line in
        row.append(node: result.bridges[line].source)
        row.append(node: result.bridges[line].target)
      }
    }
    return outcome(result, graph)
  }

  func articulationPoints(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("cutnodes") { try biconnectivity(of: graph, context: run.context) }
    if let table {
      var place = 0
      let points = result.articulationPoints
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        let isPoint = place < points.count && points[place] == node
        if isPoint { place += 1 }
        row.append(column: isPoint ? 1 : 0)
      }
    }
    return outcome(result, graph)
  }

  private func outcome(_ result: BiconnectivityResult, _ graph: CSRGraph) -> Outcome {
    outcome(
      graph,
      [
        "bridges": .integer(result.bridges.count), "articulation_points": .integer(result.articulationPoints.count),
        "blocks": .integer(result.blockCount),
      ],
      "\(result.bridges.count) bridges, \(result.articulationPoints.count) articulation points, "
        + "\(result.blockCount) blocks")
  }

  func clustering(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("clustering") { try clusteringCoefficients(of: graph, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        row.append(column: result.triangles[node])
        row.append(column: result.coefficients[node])
      }
    }
    return outcome(
      graph,
      [
        "triangles": .integer(result.triangleCount), "mean_coefficient": .number(result.meanCoefficient),
        "transitivity": .number(result.transitivity),
      ],
      "\(result.triangleCount) triangles, mean clustering \(text(result.meanCoefficient)), "
        + "transitivity \(text(result.transitivity))")
  }

  func truss(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("truss") { try trussNumbers(of: graph, context: run.context) }
    if let table {
      var edges = result.graph.edges.makeIterator()
      try run.writeRows(to: table, result.numbers.count, of: graph, columns: columns) { row, line in
        guard let edge = edges.next() else { return }
        row.append(node: edge.source)
        row.append(node: edge.target)
        row.append(column: result.numbers[line])
      }
    }
    let inner = result.numbers.count { Int($0) == result.largest }
    return outcome(
      graph, ["largest_truss": .integer(result.largest), "largest_truss_edges": .integer(inner)],
      "truss numbers up to \(result.largest), which \(inner) edges have")
  }

  func onion(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("onion") { try onionLayers(of: graph, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        row.append(column: result.cores[node])
        row.append(column: result.layers[node])
      }
    }
    let degeneracy = Int(result.cores.max() ?? 0)
    return outcome(
      graph, ["layers": .integer(result.layerCount), "degeneracy": .integer(degeneracy)],
      "\(result.layerCount) layers, degeneracy \(degeneracy)")
  }

  func forest(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let options = SpanningForestOptions(isMaximum: kernelFlags.maximum)
    let result = try run.stage("forest", of: input) {
      try spanningForest(of: graph, options: options, context: run.context)
    }
    if let table {
      try run.writeRows(to: table, result.edges.count, of: graph, columns: columns) { row, line in
        row.append(node: result.edges[line].source)
        row.append(node: result.edges[line].target)
        row.append(column: result.weights[line])
      }
    }
    return outcome(
      graph,
      [
        "trees": .integer(result.treeCount), "forest_edges": .integer(result.edges.count),
        "weight": .number(result.totalWeight),
      ],
      "\(result.treeCount) trees, \(result.edges.count) edges, weight \(text(result.totalWeight))")
  }

  func mixing(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let (degrees, mutual) = try run.stage("mixing") {
      (try degreeAssortativity(of: graph, context: run.context), try reciprocity(of: graph, context: run.context))
    }
    return outcome(
      graph,
      [
        "degree_assortativity": degrees.map(JSONValue.number) ?? .null,
        "reciprocity": mutual.map(JSONValue.number) ?? .null,
      ], "degree assortativity \(degrees.map(text) ?? "n/a"), reciprocity \(mutual.map(text) ?? "n/a")")
  }

  func richClubs(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("richclub") { try richClub(of: graph, context: run.context) }
    if let table {
      try run.writeRows(to: table, result.coefficients.count, of: graph, columns: columns) { row, k in
        row.append(column: k)
        row.append(column: result.nodeCounts[k])
        row.append(column: result.edgeCounts[k])
        row.append(column: result.coefficients[k])
      }
    }
    return outcome(
      graph, ["max_degree": .integer(result.coefficients.count)], "degrees up to \(result.coefficients.count)")
  }

  // MARK: - Parts

  /// An outcome with the size of the graph.
  func outcome(_ graph: some NeighborGraph, _ keys: [String: JSONValue], _ summary: String...) -> Outcome {
    let size: [String: JSONValue] = ["nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount)]
    return Outcome(keys: size.merging(keys) { $1 }, summary: summary)
  }

  /// A number for people.
  func text(_ number: Double) -> String { NumberText.significant(number, digits: 6) }
}
