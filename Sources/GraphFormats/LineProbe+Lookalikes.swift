import MillRuntime

// Texts of other programs whose rows could be taken for edges.

extension LineProbe {
  /// Refuses a matrix, a multi-line adjacency list and a first line of counts, whose first two fields a row would make
  /// a wrong graph.
  func refuseLookalikes(_ rows: [[String]], isWhole: Bool) throws(MillError) {
    guard options.columns == nil, !claims.isOurs, rows.count > 1 else { return }
    if isMatrix(rows, isWhole: isWhole) {
      throw lookalike(
        "as many numbers a row as there are rows: this looks like a matrix",
        "write its entries as edges or as Matrix Market; \(setting: "columns", "source=0,target=1") reads edges all the same"
      )
    }
    if hadHeader, names.count > 2, isNamedMatrix(rows) {
      throw lookalike(
        "rows are named as columns are: this looks like a matrix with names",
        "write its entries as edges, as to_pandas_edgelist of networkx does")
    }
    // A node and how many lines follow, then a neighbor and its attributes a line.
    if !grammar.hasAttributes, rows.contains(where: { $0.count > 1 && $0[1].hasPrefix("{") }),
      rows.contains(where: { $0.count == 2 && Self.isInteger($0[1]) })
    {
      throw lookalike(
        "a name and a dictionary a row: this looks like a multi-line list of neighbors",
        "write_edgelist of networkx is read")
    }
    // `p 5 4 u u 0` of NetworKit's writer for SNAP.
    let first = rows[0]
    if !hadHeader, first.count > 2, Self.isLabel(first[0]), first[1...2].allSatisfy(Self.isInteger),
      rows.dropFirst().allSatisfy({ $0.count == 2 && $0.allSatisfy(Self.isInteger) })
    {
      throw lookalike(
        "the first line '\(Self.excerpt(first))' has a word and counts, all others are pairs of integers",
        "\(setting: "skipLines", "1") drops it")
    }
  }

  private func lookalike(_ message: String, _ hint: Hint) -> MillError {
    MillError(.malformed, message, file: name, hint: hint)
  }

  /// As many rows as columns, all numbers: with a diagonal of zeros, or symmetric; both where it is small. Of a long
  /// text the first rows are known.
  private func isMatrix(_ rows: [[String]], isWhole: Bool) -> Bool {
    let width = rows[0].count
    guard width > 2, rows.count <= width, !isWhole || rows.count == width else { return false }
    var numbers: [[Double]] = []
    for row in rows {
      let values = row.compactMap { Double($0) }
      guard values.count == width, row.count == width else { return false }
      numbers.append(values)
    }
    let isHollow = rows.indices.allSatisfy { numbers[$0][$0] == 0 }
    let isSymmetric = rows.indices.allSatisfy { i in (0..<i).allSatisfy { numbers[i][$0] == numbers[$0][i] } }
    return width > 4 ? isHollow || isSymmetric : isHollow && isSymmetric
  }

  /// The rows begin with the names of the columns behind the first, in their order.
  private func isNamedMatrix(_ rows: [[String]]) -> Bool {
    rows.count < names.count
      && zip(rows, names.dropFirst()).allSatisfy { row, name in row.count == names.count && row[0] == name }
  }
}
