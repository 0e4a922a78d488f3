import GraphFormats
import GraphStore
import MillRuntime
import Reporting

/// What stood in the file, and what became of it.
struct StoreSection: StudySection {
  let key = "store"
  let title = "From a file to a graph"
  let explanation =
    "Lines of text become sorted lists of neighbors. The container (.gmg) holds these lists as they are, so that it opens "
    + "without being parsed."

  func make(_ bench: Workbench) throws -> StudyPart? {
    let readings = bench.subject.readings
    guard let last = readings.last else { return nil }
    let graph = bench.subject.graph
    let container = try writeContainer(bench)
    var part = StudyPart(finding: finding(last, graph))
    part.blocks.append(.table(table(readings, container.bytes)))
    for warning in Set(readings.flatMap(\.result.report.warnings)).sorted() { part.blocks.append(.note(warning)) }
    part.json = [
      "nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount), "directed": .bool(graph.isDirected),
      "weighted": .bool(graph.isWeighted), "fingerprint": .string(container.fingerprint),
      "container_bytes": .integer(container.bytes), "ingest": .array(readings.map(json)),
    ]
    return part
  }

  private func finding(_ reading: StudySubject.Reading, _ graph: CSRGraph) -> String {
    let report = reading.result.report
    let edges = report.edges
    func number(_ value: Int, _ one: String, _ more: String) -> String {
      "\(NumberText.grouped(value)) \(value == 1 ? one : more)"
    }
    var text =
      "\(reading.fileName) is \(Self.format(report)) of \(number(graph.edgeCount, "edge", "edges")) between "
      + "\(number(graph.nodeCount, "node", "nodes")), \(graph.isDirected ? "with" : "without") direction"
      + (graph.isWeighted ? " and with weights" : "")
    var odd: [String] = []
    if edges.duplicates > 0 { odd.append(number(edges.duplicates, "line repeats an edge", "lines repeat an edge")) }
    if edges.selfLoops > 0 {
      odd.append(number(edges.selfLoops, "edge joins a node to itself", "edges join a node to itself"))
    }
    if edges.isolated > 0 { odd.append(number(edges.isolated, "node has no edge", "nodes have no edge")) }
    text += odd.isEmpty ? "; nothing in it is repeated or loose" : "; " + odd.joined(separator: ", ")
    return text + "."
  }

  /// The format with its article.
  private static func format(_ report: GraphReadReport) -> String {
    let packed = report.compression == .none ? "" : " in \(report.compression.rawValue)"
    return switch report.format {
    case .el, .wel: "an edge list\(packed)"
    case .gmg: "a container\(packed)"
    case .csv: "a table\(packed)"
    case .mtx: "a matrix\(packed)"
    default: "a file of the format \(report.format.rawValue)\(packed)"
    }
  }

  /// A column a file.
  private func table(_ readings: [StudySubject.Reading], _ containerBytes: Int) -> Table {
    var table = Table(
      "What the file holds", columns: [.text("")] + readings.map { Table.Column($0.fileName, .right) })
    func row(_ name: String, _ value: (StudySubject.Reading) -> Table.Cell) {
      table.append([.text(name)] + readings.map(value))
    }
    row("bytes") { $0.bytes.map(Table.Cell.integer) ?? .missing }
    row("lines") { $0.result.report.lines > 0 ? .integer($0.result.report.lines) : .missing }
    row("comments and blank lines") { .integer($0.result.report.comments + $0.result.report.blanks) }
    row("edges read") { .integer($0.result.report.edges.edges) }
    row("of them repeated") { .integer($0.result.report.edges.duplicates) }
    row("self-loops") { .integer($0.result.report.edges.selfLoops) }
    row("nodes") { .integer($0.result.graph.nodeCount) }
    row("edges") { .integer($0.result.graph.edgeCount) }
    row("nodes are called by") { .text(Self.naming($0.result.report)) }
    table.append(
      [.text("bytes of the container")] + readings.dropLast().map { _ in .missing } + [.integer(containerBytes)])
    return table
  }

  private static func naming(_ report: GraphReadReport) -> String {
    switch report.ids {
    case .string: "names"
    case .dense: "numbers, all of a range"
    case .compact, .auto: "numbers"
    }
  }

  private func json(_ reading: StudySubject.Reading) -> JSONValue {
    let report = reading.result.report
    return [
      "file": .string(reading.fileName), "bytes": reading.bytes.map(JSONValue.integer) ?? .null,
      "format": .string(report.format.rawValue), "compression": .string(report.compression.rawValue),
      "lines": .integer(report.edges.edges), "duplicates": .integer(report.edges.duplicates),
      "self_loops": .integer(report.edges.selfLoops), "isolated": .integer(report.edges.isolated),
      "nodes": .integer(reading.result.graph.nodeCount), "edges": .integer(reading.result.graph.edgeCount),
      "warnings": .array(report.warnings.map(JSONValue.string)),
    ]
  }

  /// Writes the container of the graph, which is checked in depth before.
  private func writeContainer(_ bench: Workbench) throws -> (bytes: Int, fingerprint: String) {
    let path = try bench.file("graph.gmg")
    try bench.run.stage("check") { try checkDeep(bench.subject.graph, context: bench.context) }
    let bytes = try bench.run.stage("write \(path)") {
      let file = try OutputFile(path, replaces: true)
      try GraphStore.writeContainer(bench.subject.graph, to: file, context: bench.context)
      try file.commit()
      return file.bytesWritten
    }
    let fingerprint = bench.subject.graph.fingerprint(context: bench.context)
    bench.run.recordOutput(.init(path: path, format: "gmg", bytes: bytes, fingerprint: fingerprint))
    return (bytes, fingerprint)
  }
}
