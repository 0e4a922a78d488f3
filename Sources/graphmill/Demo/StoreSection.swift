import GraphKernels
import GraphStore
import MillRuntime
import Reporting

/// Ingest, container and basic kernels.
struct StoreSection: DemoSection {
  let key = "store"

  func make(_ demo: DemoRun) throws -> DemoPart {
    var section = ReportSection(
      id: "store", title: "From an edge list to a graph",
      summary: "Text is parsed and frozen into sorted neighbour lists; the container opens without parsing.")
    var ingest = Table(
      "Ingest from text",
      columns: [
        .text("file"), .init("bytes"), .init("edges read"), .init("nodes"), .init("edges"), .init("duplicates"),
        .init("seconds", format: .decimals(3)), .init("MB/s", format: .significant(3)),
      ])
    var containers = Table(
      "Native container",
      columns: [
        .text("data set"), .init("bytes"), .init("write, ms", format: .significant(3)),
        .init("open, ms", format: .significant(3)), .init("open and check, ms", format: .significant(3)),
        .init("deep check, ms", format: .significant(3)),
      ])
    var degrees = Table(
      "Degrees and components",
      columns: [
        .text("data set"), .init("mean degree", format: .decimals(2)), .init("median"), .init("largest"),
        .init("isolated"), .init("components"), .init("largest component"),
      ])
    var searches = Table(
      "Breadth-first search from the node of highest degree",
      columns: [
        .text("data set"), .text("from"), .init("reached"), .init("farthest"), .init("arcs examined"),
        .init("ms", format: .significant(3)),
      ])
    var json: [String: JSONValue] = [:]
    var summary: [String] = []
    for dataset in demo.datasets {
      for reading in dataset.readings { ingest.append(row(reading, dataset)) }
      let container = try measureContainer(dataset, demo)
      containers.append([
        .text(dataset.name.rawValue), .integer(container.bytes), .number(container.writeSeconds * 1000),
        .number(container.openSeconds * 1000), .number(container.safeSeconds * 1000),
        .number(container.deepSeconds * 1000),
      ])
      let figures = try measureKernels(dataset, demo)
      degrees.append(figures.degrees)
      if let search = figures.search { searches.append(search) }
      json[dataset.name.rawValue] = .object(
        figures.json.merging(container.json) { $1 }.merging(["ingest": .array(dataset.readings.map(ingestJSON))]) { $1 }
      )
      summary.append(
        "\(dataset.name.rawValue): \(dataset.graph.nodeCount) nodes, \(dataset.graph.edgeCount) edges, "
          + "opened in \(NumberText.fixed(container.openSeconds * 1000, decimals: 2)) ms, " + figures.text)
    }
    section.add(.table(ingest))
    section.add(.table(containers))
    section.add(.table(degrees))
    section.add(.table(searches))
    return DemoPart(section: section, json: .object(json), summary: summary)
  }

  // MARK: - Ingest

  private func row(_ reading: DemoDataset.Reading, _ dataset: DemoDataset) -> [Table.Cell] {
    let graph = reading.reading.graph
    let edges = reading.reading.report.edges
    let file = reading.path.split(separator: "/").last.map(String.init) ?? reading.path
    return [
      .text("\(dataset.name.rawValue)/\(file)"), .integer(reading.bytes), .integer(edges.edges),
      .integer(graph.nodeCount), .integer(graph.edgeCount), .integer(edges.duplicates), .number(reading.seconds),
      .number(Double(reading.bytes) / 1e6 / max(reading.seconds, 1e-9)),
    ]
  }

  private func ingestJSON(_ reading: DemoDataset.Reading) -> JSONValue {
    let graph = reading.reading.graph
    return [
      "path": .string(reading.path), "bytes": .integer(reading.bytes),
      "lines": .integer(reading.reading.report.edges.edges), "nodes": .integer(graph.nodeCount),
      "edges": .integer(graph.edgeCount), "seconds": .number(reading.seconds),
    ]
  }

  // MARK: - Container

  private struct ContainerFigures {
    var bytes: Int
    var fingerprint: String
    var writeSeconds: Double
    var openSeconds: Double
    var safeSeconds: Double
    var deepSeconds: Double

    var json: [String: JSONValue] {
      [
        "container_bytes": .integer(bytes), "fingerprint": .string(fingerprint), "write_seconds": .number(writeSeconds),
        "open_seconds": .number(openSeconds), "open_and_check_seconds": .number(safeSeconds),
        "deep_check_seconds": .number(deepSeconds),
      ]
    }
  }

  private func measureContainer(_ dataset: DemoDataset, _ demo: DemoRun) throws -> ContainerFigures {
    let path = "\(demo.folder)/datasets/\(dataset.name.rawValue)/graph.gmg"
    let context = demo.run.context
    let written = try demo.run.timed("write \(path)") {
      let file = try OutputFile(path, replaces: true)
      try writeContainer(dataset.graph, to: file, context: context)
      try file.commit()
      return file.bytesWritten
    }
    let opened = try demo.run.timed("open \(path)") { try openContainer(path, verify: .quick, context: context) }
    let safe = try demo.run.timed("check \(path)") { try openContainer(path, verify: .safe, context: context) }
    let deep = try demo.run.timed("check \(path) in depth") { try checkDeep(path, context: context) }
    let fingerprint = safe.result.fingerprint(context: context)
    demo.run.recordOutput(.init(path: path, format: "gmg", bytes: written.result, fingerprint: fingerprint))
    return ContainerFigures(
      bytes: written.result, fingerprint: fingerprint, writeSeconds: written.seconds, openSeconds: opened.seconds,
      safeSeconds: safe.seconds, deepSeconds: deep.seconds)
  }

  // MARK: - Kernels

  private struct KernelFigures {
    var degrees: [Table.Cell]
    var search: [Table.Cell]?
    var json: [String: JSONValue]
    var text: String
  }

  private func measureKernels(_ dataset: DemoDataset, _ demo: DemoRun) throws -> KernelFigures {
    let graph = dataset.graph
    let context = demo.run.context
    let statistics = try demo.run.stage("degrees") { try degreeStatistics(of: graph, context: context) }
    let degrees = statistics.degrees
    let parts = try demo.run.stage("components") { try connectedComponents(of: graph, context: context) }
    let largest = parts.largest.map { parts.sizes[$0] } ?? 0
    var json: [String: JSONValue] = [
      "nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount), "min_degree": .integer(degrees.minimum),
      "max_degree": .integer(degrees.maximum), "mean_degree": .number(degrees.mean),
      "median_degree": .integer(degrees.percentile(50)), "isolated": .integer(statistics.isolated),
      "components": .integer(parts.count), "largest_component": .integer(largest),
    ]
    let row: [Table.Cell] = [
      .text(dataset.name.rawValue), .number(degrees.mean), .integer(degrees.percentile(50)), .integer(degrees.maximum),
      .integer(statistics.isolated), .integer(parts.count), .integer(largest),
    ]
    let text = "\(parts.count) components"
    guard graph.nodeCount > 0 else { return KernelFigures(degrees: row, search: nil, json: json, text: text) }
    let hub = try highestDegreeNode(of: graph, context)
    let name = dataset.label(of: hub)
    let (search, seconds) = try demo.run.timed("bfs") { try breadthFirstSearch(of: graph, from: hub, context: context) }
    json["bfs"] = [
      "source": .string(name), "reached": .integer(search.reached), "eccentricity": .integer(search.eccentricity),
      "arcs_examined": .integer(search.arcsExamined), "seconds": .number(seconds),
    ]
    return KernelFigures(
      degrees: row,
      search: [
        .text(dataset.name.rawValue), .text(name), .integer(search.reached), .integer(search.eccentricity),
        .integer(search.arcsExamined), .number(seconds * 1000),
      ],
      json: json, text: text + ", \(search.reached) nodes reached from \(name)")
  }
}
