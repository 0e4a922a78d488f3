import Glibc
import MillRuntime

/// Reads one vector a line.
func readText(_ input: VectorInput) throws(MillError) -> VectorReading {
  guard unsafe memchr(input.base, 0, min(4096, input.bytes.count)) == nil else {
    throw MillError(
      .unsupported, "the file is not text, and no other format is known by its content",
      hint: "known: \(VectorFileFormat.names.joined(separator: " "))")
  }
  var lines = TextLines(input)
  let shape = try TextShape(lines, input.options)
  var report = VectorReadReport()
  report.elements = "decimal"
  report.separator = shape.separator.rawValue
  report.header = shape.promised == nil ? shape.header : nil
  report.keyColumn = shape.keyColumn
  report.warnings = shape.warnings
  let dimension = shape.width - (shape.keyColumn == nil ? 0 : 1)
  let table = try VectorTable(.float32, dimension: dimension)
  var names: [String] = []
  var fields: [TextField] = []
  var wide = [Double](repeating: 0, count: dimension)
  var narrow = [Float](repeating: 0, count: dimension)
  var loss = NarrowingLoss(columns: dimension)
  if shape.header != nil { _ = lines.next() }
  while let range = lines.next() {
    let row = table.count
    if row & 4095 == 0 { try input.context.checkCancelled() }
    try lines.split(range, shape.separator, into: &fields)
    guard fields.count == shape.width else { throw wrongWidth(fields, shape, row: row, lines) }
    var element = 0
    for (column, field) in fields.enumerated() {
      if column == shape.keyColumn {
        names.append(lines.text(field))
        continue
      }
      guard let value = lines.number(field) else { throw noNumber(field, row: row, column: column, lines) }
      guard value.narrow.isFinite else {
        var failure =
          value.wide.isFinite
          ? MillError.notRepresentable(row: row, column: column, in: .float32) : .notFinite(row: row, column: column)
        (failure.line, failure.field) = (lines.line, String(lines.text(field).prefix(40)))
        throw failure
      }
      (wide[element], narrow[element]) = (value.wide, value.narrow)
      element += 1
    }
    loss.add(row) { wide[$0] }
    var failure: MillError?
    unsafe narrow.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      do throws(MillError) { try unsafe table.append(bytes: first) } catch { failure = error }
    }
    if let failure { throw failure }
  }
  if let promised = shape.promised, promised.rows != table.count {
    report.warnings.append("the first line promises \(promised.rows) vectors, \(table.count) follow")
  }
  loss.report(to: &report, from: "decimal")
  return VectorReading(table, keys: shape.keyColumn == nil ? nil : VectorKeys(names), report: report)
}

private func wrongWidth(_ fields: [TextField], _ shape: TextShape, row: Int, _ lines: TextLines) -> MillError {
  MillError(
    .dimensionMismatch, "row \(row) has \(fields.count) fields, the first has \(shape.width)", line: lines.line,
    field: fields.first.map { String(lines.text($0).prefix(40)) })
}

private func noNumber(_ field: TextField, row: Int, column: Int, _ lines: TextLines) -> MillError {
  if field.start == field.end {
    return MillError(
      .malformed, "row \(row), column \(column) is empty", line: lines.line,
      hint: "a vector has a number in every column; fill it in or leave the row out")
  }
  let text = lines.text(field)
  let hint =
    text.contains(",")
    ? "decimal commas are not read"
    : row == 0 ? "a first row of names is a header when it holds no numbers, or when it is said to be one" : nil
  return MillError(
    .malformed, "row \(row), column \(column) is not a number", line: lines.line, field: String(text.prefix(40)),
    hint: hint.map { Hint($0) })
}
