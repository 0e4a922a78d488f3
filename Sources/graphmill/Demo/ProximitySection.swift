import GraphStore
import Graphmill
import MillRuntime
import Reporting

/// HNSW: nodes by the likeness of their neighbourhoods, and pictures by their pixels.
struct ProximitySection: DemoSection {
  let key = "proximity"

  func make(_ demo: DemoRun) throws -> DemoPart {
    var section = ReportSection(
      id: key, title: "Proximity graphs",
      summary: """
        An HNSW graph finds the nearest of many objects without looking at all of them. The k nearest of every object \
        are a graph again, which the other engines take.
        """)
    var json: [String: JSONValue] = [:]
    var lines: [String] = []
    for dataset in demo.datasets where dataset.name != .debian {
      let part = try neighborhoods(dataset, demo)
      section.add(.heading("Nodes of \(dataset.name.rawValue) that have the same neighbours"))
      for block in part.blocks { section.add(block) }
      json[dataset.name.rawValue] = part.json
      lines.append(part.line)
    }
    do {
      let part = try garments(demo)
      section.add(.heading("Pictures of garments (Fashion-MNIST)"))
      for block in part.blocks { section.add(block) }
      json["fashion-mnist"] = part.json
      lines.append(part.line)
    } catch let error as MillError where error.kind.category == .missingInput {
      section.add(
        .note("Pictures are left out: \(FashionImages.folder) is not there (package \(FashionImages.package))."))
      demo.run.warn("the pictures are left out: install \(FashionImages.package)")
    }
    return DemoPart(section: section, json: .object(json), summary: lines)
  }

  private struct Part {
    var blocks: [ReportBlock]
    var json: JSONValue
    var line: String
  }

  // MARK: - Nodes by neighbourhood

  private func neighborhoods(_ dataset: DemoDataset, _ demo: DemoRun) throws -> Part {
    let graph = try dataset.graph.symmetrized(context: demo.run.context)
    let limit = demo.isQuick ? 300 : 10_000
    let ranked = (0..<graph.nodeCount).sorted { (graph.degree(of: $1), $0) < (graph.degree(of: $0), $1) }
    let nodes = ranked.prefix(limit).sorted().map { UInt32($0) }
    var options = HNSWOptions()
    options.efConstruction = demo.isQuick ? 32 : 100
    options.seed = demo.run.settings.seed
    let (index, seconds) = try demo.run.timed("proximity graph of \(dataset.name.rawValue)") {
      try ObjectIndex(neighborhoodsOf: graph, nodes: nodes, options: options, context: demo.run.context)
    }
    let sample = stride(from: 0, to: nodes.count, by: max(1, nodes.count / 100)).map { nodes[$0] }
    var hits = 0
    var wanted = 0
    var rated = 0
    var distances: UInt64 = 0
    var closest: [(row: [Table.Cell], distance: Float)] = []
    for node in sample {
      let found = try index.search(node, k: 10, ef: 64)
      let exact = index.exactSearch(node, k: 10)
      distances += found.counters.distances
      // Where fewer than ten share a neighbour with the node, any answer would be right.
      if let limit = exact.last?.distance, limit < 1 {
        hits += found.neighbors.count { $0.distance <= limit }
        wanted += exact.count
        rated += 1
      }
      guard let other = found.neighbors.first(where: { nodes[$0.key] != node }) else { continue }
      closest.append(
        (
          [
            .text(dataset.label(of: Int(node))), .text(dataset.label(of: Int(nodes[other.key]))),
            .number(Double(1 - other.distance)),
          ], other.distance
        ))
    }
    let near = try index.neighborGraph(k: 10, symmetry: .mutual, context: demo.run.context)
    let parts = try connectedComponents(of: near, context: demo.run.context)
    let recall = Double(hits) / Double(max(1, wanted))
    let perSearch = Double(distances) / Double(max(1, sample.count))
    var table = Table(
      "Alike by their neighbours (Jaccard)",
      columns: [.text("node"), .text("nearest other"), .init("similarity", format: .decimals(3))])
    let order = closest.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
    for entry in order.prefix(8) { table.append(entry.element.row) }
    let name = dataset.name.rawValue
    return Part(
      blocks: [
        .keyNumbers([
          KeyNumber(nodes.count, "nodes of highest degree"),
          KeyNumber(NumberText.percent(recall, decimals: 1), "recall@10 at ef = 64"),
          KeyNumber(NumberText.fixed(perSearch, decimals: 0), "distances a search"),
          KeyNumber(near.edgeCount, "edges of the mutual 10-NN graph"),
          KeyNumber(parts.count, "its components"),
        ]),
        .note(
          """
          Most pairs share no neighbour and are at distance 1, many others are equally far. So an answer counts as right \
          when it is no farther than the exact tenth, and only nodes whose exact tenth is nearer than 1 are rated: \
          \(rated) of \(sample.count).
          """), .table(table),
      ],
      json: [
        "nodes": .integer(nodes.count), "rated": .integer(rated), "recall": .number(recall),
        "distances_per_search": .number(perSearch),
        "knn_edges": .integer(near.edgeCount), "knn_components": .integer(parts.count), "seconds": .number(seconds),
        "unreachable": .integer(index.unreachableCount()),
      ],
      line: "\(name): \(nodes.count) nodes by neighbourhood, recall@10 "
        + "\(NumberText.fixed(recall, decimals: 3)) with \(NumberText.fixed(perSearch, decimals: 0)) distances")
  }

  // MARK: - Pictures

  private func garments(_ demo: DemoRun) throws -> Part {
    let base = try demo.run.timed("read pictures") {
      try FashionImages("train", limit: demo.isQuick ? 300 : .max)
    }.result
    let queries = try FashionImages("t10k", limit: demo.isQuick ? 10 : 500)
    var options = HNSWOptions()
    options.seed = demo.run.settings.seed
    let context = demo.run.context
    options.efConstruction = demo.isQuick ? 32 : 200
    let (index, seconds) = try demo.run.timed("proximity graph of pictures") {
      try HNSWIndex(building: base.images, metric: .l2, options: options, context: context)
    }
    let one = RunContext(threads: 1)
    let (exact, scanSeconds) = try demo.run.timed("scan") {
      try exactNearest(in: base.images, queries: queries.images, metric: .l2, k: 10, context: one)
    }
    var table = Table(
      "Recall against speed, one thread",
      columns: [
        .init("ef", format: .plain), .init("recall@10", format: .decimals(4)), .init("distances a search"),
        .init("searches a second"),
      ])
    var points: [Chart.Point] = []
    var rows: [JSONValue] = []
    let count = Double(queries.images.count)
    for ef in [10, 20, 40, 80, 160] {
      let search = SearchOptions(ef: ef, exact: .never)
      let (result, time) = try demo.run.timed("search, ef = \(ef)") {
        try index.search(queries.images, k: 10, options: search, context: one)
      }
      let recall = result.rows.recall(against: exact)
      let rate = count / max(time, 1e-9)
      let distances = Double(result.counters.distances) / count
      table.append([.integer(ef), .number(recall), .integer(Int(distances)), .integer(Int(rate))])
      points.append(Chart.Point(recall, rate))
      rows.append(["ef": .integer(ef), "recall": .number(recall), "distances": .number(distances)])
    }
    let scanRate = count / max(scanSeconds, 1e-9)
    table.append([.text("scan"), .number(1), .integer(base.images.count), .integer(Int(scanRate))])
    let chart = Chart(
      "Recall against speed on pictures", x: .init("recall@10"), y: .init("searches a second", .logarithmic),
      series: [
        Chart.Series("HNSW, ef 10 to 160", .linePoints, points: points),
        Chart.Series("scan", .points, points: [Chart.Point(1, scanRate)]),
      ])
    let near = try demo.run.timed("10 nearest of every picture") {
      try index.neighborGraph(k: 10, symmetry: .mutual, options: SearchOptions(ef: 40), context: context)
    }.result
    let agreement = sameKind(near, base.kinds)
    let path = demo.folder + "/datasets/fashion-mnist-10nn.gmg"
    try createFolder(demo.folder + "/datasets")
    var writing = GraphWriteOptions()
    writing.replaces = true
    try writeGraph(near, to: path, options: writing, context: context)
    demo.run.recordOutput(.init(path: path, format: "gmg"))
    return Part(
      blocks: [
        .table(table),
        try demo.figure(chart, "Further right is more exact, further up is faster.", stem: "recall-fashion-mnist"),
        .keyNumbers([
          KeyNumber(near.edgeCount, "edges of the mutual 10-NN graph"),
          KeyNumber(NumberText.percent(agreement, decimals: 1), "of them join garments of one kind"),
        ]),
      ],
      json: [
        "pictures": .integer(base.images.count), "curve": .array(rows), "seconds": .number(seconds),
        "unreachable": .integer(index.unreachableCount()), "knn_edges": .integer(near.edgeCount),
        "same_kind": .number(agreement),
      ],
      line: "fashion-mnist: \(base.images.count) pictures in \(NumberText.fixed(seconds, decimals: 1)) s, "
        + "\(NumberText.percent(agreement, decimals: 1)) of the 10-NN edges join one kind")
  }

  /// Share of the edges between two pictures of one kind.
  private func sameKind(_ graph: CSRGraph, _ kinds: [UInt8]) -> Double {
    var same = 0
    var all = 0
    for node in 0..<graph.nodeCount {
      for arc in graph.arcs(of: node) {
        all += 1
        if kinds[Int(graph.targets[arc])] == kinds[node] { same += 1 }
      }
    }
    return Double(same) / Double(max(1, all))
  }
}
