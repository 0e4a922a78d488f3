import CMillKernels
import MillRuntime

/// One matrix of parameters: its shape, and where its entries lie among all parameters.
struct ParameterBlock: Equatable {
  /// Where the rows or the columns of a matrix lie: in groups, each with its room.
  struct Axis: Equatable {
    /// Rows or columns.
    let count: Int
    /// Those that lie one stride apart, before the next group begins.
    let group: Int
    let stride: Int
    let groupStride: Int

    func place(_ index: Int) -> Int { index / group * groupStride + index % group * stride }
  }

  let name: String
  let rows: Axis
  let columns: Axis
  /// Entries are drawn from -bound...bound at the start.
  let bound: Double
  /// The place of entry (0, 0).
  let offset: Int

  /// The place of an entry.
  func place(_ row: Int, _ column: Int) -> Int { offset + rows.place(row) + columns.place(column) }

  var count: Int { rows.count * columns.count }
}

/// The parameters of a network, in the order of its layers; places between matrices are 0 and stay so.
struct ParameterLayout: Equatable {
  private(set) var blocks: [ParameterBlock] = []
  /// Places in all, a multiple of 8.
  private(set) var stored = 0

  init() {}

  /// Parameters that count.
  var count: Int { blocks.reduce(0) { $0 + $1.count } }

  /// Adds a matrix whose columns are cut into panels, one behind the other; `storedRows` counts what pads a panel too.
  mutating func add(_ name: String, rows: Int, storedRows: Int? = nil, _ panels: ColumnPanels, bound: Double) {
    let panelStride = (storedRows ?? rows) * panels.width
    add(
      name, rows: .init(count: rows, group: rows, stride: panels.width, groupStride: 0),
      columns: .init(count: panels.columns, group: panels.width, stride: 1, groupStride: panelStride), bound: bound,
      room: panels.count * panelStride)
  }

  /// Adds two matrices of one shape whose rows lie side by side.
  mutating func addBeside(
    _ names: (String, String), rows: Int, storedRows: Int, _ panels: ColumnPanels, bound: Double
  ) {
    let lines = ParameterBlock.Axis(count: rows, group: rows, stride: 2 * panels.width, groupStride: 0)
    let columns = ParameterBlock.Axis(count: panels.columns, group: panels.width, stride: 1, groupStride: 0)
    add(names.0, rows: lines, columns: columns, bound: bound, room: panels.width)
    add(names.1, rows: lines, columns: columns, bound: bound, room: storedRows * 2 * panels.width - panels.width)
  }

  /// Adds a matrix with the given axes; `room` is the number of places up to the next one.
  mutating func add(
    _ name: String, rows: ParameterBlock.Axis, columns: ParameterBlock.Axis, bound: Double, room: Int
  ) {
    blocks.append(ParameterBlock(name: name, rows: rows, columns: columns, bound: bound, offset: stored))
    stored += room
  }

  /// The bound of Glorot's uniform start for a matrix: sqrt(6 / (rows + columns)).
  static func glorot(_ rows: Int, _ columns: Int) -> Double { (6 / Double(max(1, rows + columns))).squareRoot() }
}

extension ParameterLayout {
  /// The parameters of a network.
  init(_ options: TrainingOptions, featureCount: Int, classCount: Int) {
    self =
      switch options.model {
      case .gcn: .gcn(options, features: featureCount, classes: classCount)
      case .gin: .gin(options, features: featureCount, classes: classCount)
      case .gat: .gat(options, features: featureCount, classes: classCount)
      case .sage: .sage(options, features: featureCount, classes: classCount)
      }
  }
}

/// The numbers of all parameters, their gradients and the moments of Adam.
@safe final class Parameters: @unchecked Sendable {
  let layout: ParameterLayout
  let values: FlatBuffer<Float>
  let gradients: FlatBuffer<Float>
  private let first: FlatBuffer<Float>
  private let second: FlatBuffer<Float>
  private var steps = 0

  /// Parameters drawn for a seed: entry (row, column) of matrix b is draw `column` of item b · 2^40 + row, whatever the way
  /// it is stored.
  ///
  /// - Parameter bound: Draws lie in -bound...bound; nil for those of the matrices.
  init(_ layout: ParameterLayout, seed: UInt64, training: Bool = true, bound: Double? = nil) throws(MillError) {
    self.layout = layout
    values = try FlatBuffer<Float>(count: layout.stored)
    gradients = try FlatBuffer<Float>(count: training ? layout.stored : 0)
    first = try FlatBuffer<Float>(count: training ? layout.stored : 0)
    second = try FlatBuffer<Float>(count: training ? layout.stored : 0)
    guard training else { return }
    let stream = RandomStream(seed: seed, stage: "learning.start")
    for (index, block) in layout.blocks.enumerated() where bound ?? block.bound > 0 {
      for row in 0..<block.rows.count {
        var random = stream.item(UInt64(index) << 40 | UInt64(row))
        for column in 0..<block.columns.count {
          unsafe values.base[block.place(row, column)] = Float(
            (2 * random.unit() - 1) * (bound ?? block.bound))
        }
      }
    }
  }

  /// One step of Adam with coupled weight decay.
  ///
  /// - Source: Kingma, Ba, ICLR 2015, algorithm 1.
  func step(_ options: TrainingOptions, _ math: MatrixMath) {
    steps += 1
    let beta1 = 0.9
    let beta2 = 0.999
    var power1 = 1.0
    var power2 = 1.0
    for _ in 0..<steps { (power1, power2) = (power1 * beta1, power2 * beta2) }
    let settings = mill_adam(
      step: Float(options.rate / (1 - power1)), root: Float(1 / (1 - power2).squareRoot()), epsilon: 1e-8,
      decay: Float(options.weightDecay), beta1: Float(beta1), beta2: Float(beta2))
    Parallel.forEachRange(of: layout.stored, size: 1 << 14, threads: math.threads) { range, _ in
      unsafe withUnsafePointer(to: settings) { settings in
        let at = range.lowerBound
        unsafe math.kernels.adam(
          settings, values.base + at, gradients.base + at, first.base + at, second.base + at, Int64(range.count))
      }
    }
  }
}
