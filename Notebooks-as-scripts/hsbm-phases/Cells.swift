/// A setting of the sweep, and what is known of it from elsewhere.
struct SweepCell {
  let degree: Double
  let ratio: Double
  /// Mean number of communities and AMI by depth of a prototype of the same method, five seeds; nil below detection.
  let reference: (counted: Double, ami: [Double])?

  init(_ degree: Double, _ ratio: Double, _ counted: Double, _ ami: [Double]) {
    self.degree = degree
    self.ratio = ratio
    reference = ami.isEmpty ? nil : (counted, ami)
  }
}

/// Balanced binary trees of 8 leaves: mean degree, ratio, and the prototype's figures.
let sweep = [
  SweepCell(6, 0.1, 8.0, [1, 0.99, 0.95]), SweepCell(6, 0.3, 4.4, [0.92, 0.84, 0.67]),
  SweepCell(6, 0.5, 2.0, [0.50, 0.33, 0.25]), SweepCell(6, 0.7, 1, []),
  SweepCell(10, 0.1, 8.0, [1, 1, 0.99]), SweepCell(10, 0.3, 8.0, [0.99, 0.97, 0.82]),
  SweepCell(10, 0.5, 4.0, [0.78, 0.58, 0.47]), SweepCell(10, 0.7, 1, []),
  SweepCell(16, 0.1, 8.0, [1, 1, 1]), SweepCell(16, 0.3, 8.0, [1, 1, 0.94]),
  SweepCell(16, 0.5, 4.0, [0.94, 0.83, 0.67]), SweepCell(16, 0.6, 2.2, [0.74, 0.49, 0.37]),
  SweepCell(24, 0.3, 8.0, [1, 1, 0.98]), SweepCell(24, 0.5, 4.0, [0.99, 0.94, 0.76]),
  SweepCell(24, 0.6, 4.0, [0.91, 0.73, 0.58]), SweepCell(40, 0.3, 8.0, [1, 1, 1]),
  SweepCell(40, 0.5, 7.0, [1, 0.99, 0.85]), SweepCell(40, 0.7, 2.2, [0.83, 0.56, 0.42]),
]
