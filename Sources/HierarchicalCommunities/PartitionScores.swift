import Glibc
public import MillRuntime

/// How alike two partitions of the same nodes are; every score is nil where no node was compared.
public struct PartitionScores: Sendable, Equatable, Codable {
  /// Adjusted mutual information, arithmetic mean: 1 for equal partitions, 0 expected by chance.
  public let ami: Double?
  /// Adjusted Rand index: 1 for equal partitions, 0 expected by chance.
  public let ari: Double?
  /// Normalized mutual information, arithmetic mean.
  public let nmi: Double?
  /// Share of nodes in matched groups under the best one-to-one matching of groups.
  public let accuracy: Double?
  /// Nodes compared: those with labels of at least 0 in both.
  public let nodeCount: Int
}

extension PartitionScores: CustomStringConvertible {
  /// The scores and the number of nodes.
  public var description: String {
    guard let ami, let ari, let nmi, let accuracy else { return "no node to compare" }
    return "AMI \(ami), ARI \(ari), NMI \(nmi), accuracy \(accuracy) over \(nodeCount) nodes"
  }
}

/// Compares two partitions; nodes with a negative label in either are left out.
///
/// Two partitions without any choice (all nodes together, or all apart, in both) count as equal. Symmetric, and the names
/// of groups do not matter.
///
/// - Parameters:
///   - found: Labels of shape `[n]`.
///   - truth: Labels of shape `[n]`.
/// - Throws: `MillError` of kind `bad-option` when the lengths differ.
/// - Complexity: O(n log n + groups · groups + n · groups) time (the exact expectation), O(g³) for the matching of g
///   groups.
/// - Source: Hubert, Arabie, Journal of Classification 2, 1985 (ARI); Vinh, Epps, Bailey, JMLR 11, 2010, section 4 (AMI).
public func partitionScores(_ found: [Int32], _ truth: [Int32]) throws(MillError) -> PartitionScores {
  guard found.count == truth.count else {
    throw MillError(.badOption, "partitions of \(found.count) and \(truth.count) nodes cannot be compared")
  }
  let table = ContingencyTable(found, truth)
  guard table.total > 0 else { return PartitionScores(ami: nil, ari: nil, nmi: nil, accuracy: nil, nodeCount: 0) }
  return PartitionScores(
    ami: table.ami, ari: table.ari, nmi: table.nmi, accuracy: table.accuracy, nodeCount: table.total)
}

/// The adjusted mutual information of two partitions alone, as in ``partitionScores(_:_:)``: for thousands of groups, whose
/// matching would take long; nil where no node was compared.
///
/// - Throws: `MillError` of kind `bad-option` when the lengths differ.
/// - Complexity: O(n log n), and O(n) for each pair of different group sizes at most.
public func adjustedMutualInformation(_ one: [Int32], _ other: [Int32]) throws(MillError) -> Double? {
  guard one.count == other.count else {
    throw MillError(.badOption, "partitions of \(one.count) and \(other.count) nodes cannot be compared")
  }
  let table = ContingencyTable(one, other)
  return table.total > 0 ? table.ami : nil
}

/// How many nodes each pair of groups shares, sparse; the scores need at least one node.
struct ContingencyTable {
  struct Cell {
    var row: Int
    var column: Int
    var count: Int
  }

  let rows: [Int]
  let columns: [Int]
  let cells: [Cell]
  let total: Int

  init(_ a: [Int32], _ b: [Int32]) {
    var pairs: [UInt64] = []
    pairs.reserveCapacity(a.count)
    for (x, y) in zip(a, b) where x >= 0 && y >= 0 {
      pairs.append(UInt64(UInt32(bitPattern: x)) << 32 | UInt64(UInt32(bitPattern: y)))
    }
    pairs.sort()
    total = pairs.count
    var rowNumbers: [UInt64: Int] = [:]
    var columnNumbers: [UInt64: Int] = [:]
    var rows: [Int] = []
    var columns: [Int] = []
    var cells: [Cell] = []
    var start = 0
    while start < pairs.count {
      var end = start
      while end < pairs.count, pairs[end] == pairs[start] { end += 1 }
      let (x, y) = (pairs[start] >> 32, pairs[start] & 0xffff_ffff)
      let row = rowNumbers[x] ?? rows.count
      if row == rows.count {
        rowNumbers[x] = row
        rows.append(0)
      }
      let column = columnNumbers[y] ?? columns.count
      if column == columns.count {
        columnNumbers[y] = column
        columns.append(0)
      }
      rows[row] += end - start
      columns[column] += end - start
      cells.append(Cell(row: row, column: column, count: end - start))
      start = end
    }
    self.rows = rows
    self.columns = columns
    self.cells = cells
  }

  /// Whether the partitions are the same up to names.
  var areEqual: Bool { cells.count == rows.count && cells.count == columns.count }

  private static func entropy(_ sizes: [Int], _ total: Int) -> Double {
    let n = Double(total)
    return -sizes.reduce(0) { $0 + Double($1) / n * log(Double($1) / n) }
  }

  var mutualInformation: Double {
    let n = Double(total)
    var sum = 0.0
    for cell in cells {
      let count = Double(cell.count)
      sum += count / n * (log(count * n) - log(Double(rows[cell.row]) * Double(columns[cell.column])))
    }
    return max(0, sum)
  }

  var nmi: Double {
    if areEqual { return 1 }
    let mean = (Self.entropy(rows, total) + Self.entropy(columns, total)) / 2
    return mean > 0 ? mutualInformation / mean : 0
  }

  var ami: Double {
    if areEqual { return 1 }
    let expected = expectedInformation
    let mean = (Self.entropy(rows, total) + Self.entropy(columns, total)) / 2
    let room = mean - expected
    let floor = Double.ulpOfOne
    return (mutualInformation - expected) / (room < 0 ? min(room, -floor) : max(room, floor))
  }

  /// The mean of the mutual information over all pairs of partitions with these group sizes.
  private var expectedInformation: Double {
    let n = Double(total)
    var logFactorials = [0.0]
    logFactorials.reserveCapacity(total + 1)
    for i in stride(from: 1, through: total, by: 1) { logFactorials.append(lgamma(Double(i) + 1)) }
    // Groups of the same size give the same terms.
    let (rowSizes, columnSizes) = (Self.multiplicities(rows), Self.multiplicities(columns))
    var sum = 0.0
    for (a, rowTimes) in rowSizes {
      for (b, columnTimes) in columnSizes {
        var part = 0.0
        let low = max(1, a + b - total)
        let high = min(a, b)
        guard low <= high else { continue }
        let constant =
          logFactorials[a] + logFactorials[b] + logFactorials[total - a] + logFactorials[total - b]
          - logFactorials[total]
        for k in low...high {
          let shared = Double(k)
          let information = shared / n * (log(n * shared) - log(Double(a) * Double(b)))
          let chance =
            constant - logFactorials[k] - logFactorials[a - k] - logFactorials[b - k]
            - logFactorials[total - a - b + k]
          part += information * exp(chance)
        }
        sum += part * Double(rowTimes) * Double(columnTimes)
      }
    }
    return sum
  }

  private static func multiplicities(_ sizes: [Int]) -> [(Int, Int)] {
    var counts: [Int: Int] = [:]
    for size in sizes { counts[size, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  var ari: Double {
    if areEqual { return 1 }
    func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }
    let together = cells.reduce(0) { $0 + pairs($1.count) }
    let (a, b) = (rows.reduce(0) { $0 + pairs($1) }, columns.reduce(0) { $0 + pairs($1) })
    let expected = a * b / max(1, pairs(total))
    let room = (a + b) / 2 - expected
    return room == 0 ? 1 : (together - expected) / room
  }

  var accuracy: Double {
    Double(Assignment.largestSum(cells, rows: rows.count, columns: columns.count)) / Double(total)
  }
}

/// The best one-to-one matching of rows and columns.
enum Assignment {
  /// The largest sum of cells, at most one in each row and column.
  ///
  /// - Complexity: O(min² · max) time, a dense table.
  /// - Source: Kuhn, Naval Research Logistics Quarterly 2, 1955; shortest augmenting paths with potentials.
  static func largestSum(_ cells: [ContingencyTable.Cell], rows: Int, columns: Int) -> Int {
    let isTall = rows > columns
    let (height, width) = isTall ? (columns, rows) : (rows, columns)
    guard height > 0 else { return 0 }
    var cost = [Int](repeating: 0, count: height * width)
    for cell in cells {
      cost[isTall ? cell.column * width + cell.row : cell.row * width + cell.column] = -cell.count
    }
    var rowPotential = [Int](repeating: 0, count: height + 1)
    var columnPotential = [Int](repeating: 0, count: width + 1)
    // Row matched to each column, both counted from 1; 0 is none.
    var match = [Int](repeating: 0, count: width + 1)
    var way = [Int](repeating: 0, count: width + 1)
    for row in 1...height {
      match[0] = row
      var column = 0
      var slack = [Int](repeating: Int.max, count: width + 1)
      var isUsed = [Bool](repeating: false, count: width + 1)
      repeat {
        isUsed[column] = true
        let current = match[column]
        var delta = Int.max
        var next = 0
        for j in 1...width where !isUsed[j] {
          let reduced = cost[(current - 1) * width + j - 1] - rowPotential[current] - columnPotential[j]
          if reduced < slack[j] { (slack[j], way[j]) = (reduced, column) }
          if slack[j] < delta { (delta, next) = (slack[j], j) }
        }
        for j in 0...width {
          if isUsed[j] {
            rowPotential[match[j]] += delta
            columnPotential[j] -= delta
          } else if slack[j] < Int.max {
            slack[j] -= delta
          }
        }
        column = next
      } while match[column] != 0
      repeat {
        let previous = way[column]
        match[column] = match[previous]
        column = previous
      } while column != 0
    }
    var sum = 0
    for j in 1...width where match[j] > 0 { sum -= cost[(match[j] - 1) * width + j - 1] }
    return sum
  }
}
