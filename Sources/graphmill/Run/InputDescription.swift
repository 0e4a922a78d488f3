import GraphFormats
import MillRuntime

extension Outcome {
  /// Adds what was understood of the input: one line of text, one object of JSON.
  mutating func describeInput(_ report: GraphReadReport) {
    summary.insert(report.description, at: 0)
    func column(_ column: GraphReadReport.Column?) -> JSONValue {
      guard let column else { return .null }
      return ["number": .integer(column.number), "name": column.name.map { .string($0) } ?? .null]
    }
    keys["input"] = [
      "text": .string(report.description),
      "format": .string(report.format.rawValue),
      "compression": .string(report.compression.rawValue),
      "separator": report.separator.map { .string($0.rawValue) } ?? .null,
      "header": .bool(report.hadHeader),
      "source": column(report.columns?.source),
      "target": column(report.columns?.target),
      "weight": column(report.columns?.weight),
      "directed": report.direction.map { .bool($0.isDirected) } ?? .null,
      "directed_by": report.direction.map { .string($0.source.rawValue) } ?? .null,
      "ids": .string(report.ids.rawValue),
      "base": JSONValue(report.base),
      "left_nodes": report.sides.map { .integer($0.left) } ?? .null,
      "right_nodes": report.sides.map { .integer($0.right) } ?? .null,
      "warnings": .array(report.warnings.map { .string($0) }),
      "hints": .array(report.hints.map { .string($0.flagWords) }),
    ]
  }
}
