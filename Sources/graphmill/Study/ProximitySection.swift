import GraphKernels
import GraphStore
import Graphmill
import MillRuntime
import Reporting

/// HNSW: what is alike, by vectors or by what nodes are linked to, and how surely it is found.
struct ProximitySection: StudySection {
  let key = "proximity"
  let title = "Nearest neighbors"
  let explanation =
    "An HNSW index finds the nearest of many objects without looking at all of them; recall is the share of the ten nearest "
    + "that it finds. The ten nearest of every object, at distances below 1 for neighborhoods, are a graph again, which the "
    + "other engines take."

  func make(_ bench: Workbench) throws -> StudyPart? {
    guard try bench.subject.vectors != nil || bench.simple().edgeCount > 0 else {
      return .leftOut("the graph has no edges")
    }
    let near = try bench.neighborhood()
    let parts = try connectedComponents(of: near.graph, context: bench.context)
    let path = try bench.file("neighbors.gmg")
    try bench.run.writeGraph(
      near.graph, to: path, GraphWriteOptions(), fingerprint: near.graph.fingerprint(context: bench.context))
    let recall = near.curve.last?.recall ?? 1
    let perSearch = near.curve.last?.distances ?? 0
    var part = StudyPart(
      finding: "The index finds \(NumberText.percent(recall, decimals: 1)) of the ten nearest of "
        + "\(NumberText.grouped(near.graph.nodeCount)) \(near.objects) with "
        + "\(NumberText.fixed(perSearch, decimals: 0)) distances a search")
    if let same = near.sameClass {
      part.finding += "; \(NumberText.percent(same, decimals: 1)) of the neighbors have the same label"
    }
    part.finding += "."
    part.blocks.append(
      .keyNumbers([
        KeyNumber(near.graph.nodeCount, near.objects), KeyNumber(near.graph.edgeCount, "edges of the 10-NN graph"),
        KeyNumber(parts.count, "its components"), KeyNumber(near.unreachable, "objects that no search can reach"),
      ]))
    if let note = near.note { part.blocks.append(.note(note)) }
    if near.curve.count > 1 {
      part.blocks.append(.table(curveTable(near)))
      part.blocks.append(.figure(curveFigure(near)))
    }
    if !near.pairs.isEmpty { part.blocks.append(.table(pairTable(near))) }
    part.json = [
      "nodes": .integer(near.graph.nodeCount), "rated": .integer(near.rated), "recall": .number(recall),
      "distances_per_search": .number(perSearch), "knn_edges": .integer(near.graph.edgeCount),
      "knn_components": .integer(parts.count), "unreachable": .integer(near.unreachable),
      "curve": .array(
        near.curve.map {
          ["ef": .integer($0.ef), "recall": .number($0.recall), "distances": .number($0.distances)]
        }),
      "same_kind": near.sameClass.map(JSONValue.number) ?? .null,
    ]
    return part
  }

  private func pairTable(_ near: Neighborhood) -> Table {
    var table = Table(
      "The most alike, by what they are linked to",
      columns: [.text("node"), .text("nearest other"), .init("Jaccard similarity", format: .decimals(3))])
    for pair in near.pairs { table.append([.text(pair.one), .text(pair.other), .number(pair.similarity)]) }
    return table
  }

  private func curveTable(_ near: Neighborhood) -> Table {
    var table = Table(
      "Recall against work",
      columns: [.text("beam"), .init("recall@10", format: .decimals(4)), .init("distances a search")])
    for point in near.curve {
      table.append([.text(String(point.ef)), .number(point.recall), .integer(Int(point.distances))])
    }
    table.append([.text("scan"), .number(1), .integer(near.graph.nodeCount)])
    return table
  }

  private func curveFigure(_ near: Neighborhood) -> ReportFigure {
    let chart = Chart(
      "Recall against work", x: .init("distances a search", .logarithmic), y: .init("recall@10"),
      series: [
        Chart.Series("HNSW", .linePoints, points: near.curve.map { Chart.Point($0.distances, $0.recall) }),
        Chart.Series("scan", .points, points: [Chart.Point(Double(near.graph.nodeCount), 1)]),
      ])
    return ReportFigure(chart, caption: "Further up is more exact, further left is less work.")
  }
}
