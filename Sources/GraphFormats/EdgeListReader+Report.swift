import GraphStore
import MillRuntime

// What was understood of a text, and what its user should hear.

extension EdgeListReader {
  /// What the file says about direction; nil where it says nothing.
  func claim(_ probe: LineProbe) -> Bool? { probe.columnsSayDirected ?? probe.claims.isDirected }

  /// Whether edges have a direction: the caller's word, then the file's, then none.
  func direction(_ probe: LineProbe) -> GraphReadReport.Direction {
    if let asked = options.isDirected { return .init(isDirected: asked, source: .option) }
    if let said = claim(probe) { return .init(isDirected: said, source: .file) }
    return .init(isDirected: false, source: .convention)
  }

  /// Puts into the report what the probe decided.
  func describe(_ probe: LineProbe, _ direction: GraphReadReport.Direction) {
    let grammar = probe.grammar
    report.format = probe.format
    report.separator = grammar.separator
    report.hadHeader = probe.hadHeader
    report.lines = probe.skippedLines
    report.comments = probe.skippedComments
    report.blanks = probe.skippedBlanks
    report.direction = direction
    report.base = grammar.base
    report.warnings += probe.warnings
    report.hints += probe.hints
    func column(_ number: Int) -> GraphReadReport.Column {
      let name = probe.names.indices.contains(number) ? probe.names[number] : ""
      return .init(number: number, name: name.isEmpty ? nil : name)
    }
    let weight =
      grammar.readsAttributeWeight
      ? GraphReadReport.Column(number: 2, name: "weight") : grammar.weightColumn.map(column)
    report.columns = .init(
      source: column(grammar.sourceColumn), target: column(grammar.targetColumn), weight: weight)
    if probe.claims.isBipartite, let sides = probe.claims.sides {
      report.sides = .init(left: sides.left, right: sides.right)
    }
    if probe.claims.mentionsDirected, direction.source == .convention {
      report.warnings.append(
        "a comment speaks of 'directed', not clearly of the graph, which is read as undirected")
      report.hints.append(Self.directionHint)
    }
    if probe.claims.contradicts, options.isDirected == nil, probe.columnsSayDirected == nil {
      report.warnings.append(
        "the file says that it is directed and that it is not: it is read as "
          + (direction.isDirected ? "directed" : "undirected"))
      report.hints.append(Self.directionHint)
    }
  }

  private static let directionHint: Hint = "\(setting: "isDirected", "true", "false") decides"

  /// Tells of weights that were changed, missing or not read, and of names that look like comments.
  func collectOddities(_ chunks: [ParsedChunk], linesBefore: Int) {
    var lines = linesBefore
    var inexact: (count: Int, text: String, line: Int)?
    var hash: (text: String, line: Int)?
    for chunk in chunks {
      if let first = chunk.inexactWeight {
        inexact = inexact ?? (0, first.text, lines + first.line + 1)
        inexact?.count += chunk.inexactWeights
      }
      if let first = chunk.hashRow { hash = hash ?? (first.text, lines + first.line + 1) }
      lines += chunk.lines
    }
    if let inexact {
      report.warnings.append(
        "the weight \(inexact.text) on line \(inexact.line)"
          + (inexact.count > 1 ? " and \(inexact.count - 1) others are" : " is")
          + " not exact: whole numbers are kept up to 2^53")
    }
    if let hash {
      report.warnings.append(
        "line \(hash.line) begins with a mark of comments and has a field a column: it is read as a row of the node "
          + "'\(hash.text)' (quotes around the name would say so)")
    }
  }

  /// The same, and what is wrong with dictionaries.
  func collectOddities(_ chunks: [ParsedChunk], _ probe: LineProbe) throws(MillError) {
    collectOddities(chunks, linesBefore: probe.skippedLines)
    guard probe.grammar.hasAttributes else { return }
    if options.weights == .auto {
      var lines = probe.skippedLines
      for chunk in chunks {
        if let line = chunk.unreadWeight {
          throw MillError(
            .badWeight, "a weight among attributes, where the first lines have none", file: name,
            line: lines + line + 1,
            hint: "\(setting: "weights", "yes") reads them, \(setting: "weights", "no") does not")
        }
        lines += chunk.lines
      }
    }
    let missing = chunks.reduce(0) { $0 + $1.missingWeights }
    if missing > 0 { report.warnings.append("\(missing) edges have no weight among their attributes: theirs is 1") }
  }

  /// Says so where columns were not used.
  func warnAboutUnusedColumns(_ probe: LineProbe) {
    let grammar = probe.grammar
    let used = [grammar.sourceColumn, grammar.targetColumn, grammar.weightColumn, grammar.directionColumn]
    let unused = probe.names.indices.filter { !used.contains($0) && !probe.indexColumns.contains($0) }
    guard probe.hadHeader, !unused.isEmpty else {
      report.warnings.append(
        "\(report.extraColumnLines) lines have columns that were not used")
      report.hints.append("the third column as the weight: \(setting: "weights", "yes")")
      return
    }
    let names = unused.prefix(5).map { probe.names[$0].isEmpty ? "\($0)" : probe.names[$0] }
    report.warnings.append(
      "columns that were not used: \(names.joined(separator: ", "))" + (unused.count > 5 ? ", …" : "")
    )
    report.hints.append("one of them as the weight: \(setting: "columns", "weight=NAME")")
  }

  /// Says so where the first row may be a header: neither of its names occurs again.
  func warnAboutFirstRow(_ row: LineProbe.DoubtfulRow, _ graph: CSRGraph) {
    guard report.edges.edges > 1, let u = graph.node(named: row.source), let v = graph.node(named: row.target), u != v
    else { return }
    let isAlone =
      graph.isDirected ? isOnlyArc(from: u, to: v, graph) : graph.degree(of: u) == 1 && graph.degree(of: v) == 1
    guard isAlone else { return }
    report.warnings.append(
      "the first row '\(row.text)' may be a header: it was read as an edge, and no other row has its names")
    report.hints.append(LineProbe.headerHint)
  }

  private func isOnlyArc(from u: Int, to v: Int, _ graph: CSRGraph) -> Bool {
    guard graph.degree(of: u) == 1, graph.degree(of: v) == 0 else { return false }
    var found = 0
    for arc in 0..<graph.arcCount where graph.targets[arc] == u || graph.targets[arc] == v { found += 1 }
    return found == 1
  }
}
