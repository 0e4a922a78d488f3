import MillRuntime
import WorkerProtocol

// Rows of whole numbers.
extension Worker {
  /// Columns of whole numbers.
  static func integers(_ count: Int) -> [ColumnForm] {
    [ColumnForm](repeating: ColumnForm(.int64), count: count)
  }

  /// Calls `body` with the numbers of each row.
  func forEachRow(
    _ reader: ColumnFrameReader, columns: Int, _ body: (_ row: Int, _ numbers: [Int64]) throws -> Void
  ) throws {
    var numbers = [Int64](repeating: 0, count: columns)
    while try reader.next() {
      let values = unsafe (0..<columns).map { unsafe reader.values($0, as: Int64.self) }
      for row in 0..<reader.rows {
        for column in 0..<columns { unsafe numbers[column] = values[column][row] }
        try body(row, numbers)
      }
    }
  }

  /// Refuses rows that do not ascend by their first three numbers.
  func checkOrder(
    _ reader: ColumnFrameReader, _ row: Int, _ last: inout (Int64, Int64, Int64)?, _ numbers: [Int64]
  ) throws {
    let key = (numbers[0], numbers[1], numbers[2])
    guard last.map({ $0 < key }) ?? true else { throw refuseUnsorted(reader, row: row, key.0, key.1, key.2) }
    last = key
  }
}

extension ColumnFrameWriter {
  /// Writes a row of whole numbers, one a column.
  @inline(__always) func addRow(_ numbers: Int64...) throws(MillError) {
    for column in numbers.indices { set(column, numbers[column]) }
    try endRow()
  }
}
