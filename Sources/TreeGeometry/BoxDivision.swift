import MillRuntime

/// Divides boxes in R^d among the parts of a node, with slack: no side gets thinner than the ratio allows.
struct BoxDivision {
  let dimensions: Int
  /// What the longest side may be as a multiple of the shortest: a smaller part gets 1 / rho of the length.
  let rho: Double

  /// Gives each child of a node its box.
  ///
  /// The longest side is cut, the first part at the low end: at the share of the smaller part, or at 1 / rho where that
  /// is more.
  ///
  /// - Parameters:
  ///   - node: The binary node whose parts are divided.
  ///   - sides: The low end and the length along each axis in turn, of the node; boxes of parts are worked out in its
  ///     copies.
  ///   - emit: Receives a binary node that has an owner of its own, and its box.
  func divide(
    _ node: Int, of cutTree: CutTree, _ sides: [Double], _ emit: (_ part: Int, _ sides: [Double]) -> Void
  ) {
    let owner = cutTree.owners[node]
    var stack = [(node, sides)]
    while let (top, box) = stack.popLast() {
      let (a, b) = (Int(cutTree.first[top]), Int(cutTree.second[top]))
      if a < 0 || cutTree.owners[top] != owner {
        emit(top, box)
        continue
      }
      var axis = 0
      for i in 1..<max(1, dimensions) where box[2 * i + 1] > box[2 * axis + 1] { axis = i }
      let (v, w) = (cutTree.weights[a], cutTree.weights[b])
      // Both shares by themselves: 1 - s would lose the digits of a small one.
      var (first, second) = (v / (v + w), w / (v + w))
      if min(first, second) < 1 / rho { (first, second) = v < w ? (1 / rho, 1 - 1 / rho) : (1 - 1 / rho, 1 / rho) }
      var (low, high) = (box, box)
      low[2 * axis + 1] = box[2 * axis + 1] * first
      high[2 * axis] = box[2 * axis] + low[2 * axis + 1]
      high[2 * axis + 1] = box[2 * axis + 1] * second
      stack.append((b, high))
      stack.append((a, low))
    }
  }
}

/// Shrinks a box about its center.
func shrink(_ sides: inout [Double], by factor: Double) {
  for i in stride(from: 0, to: sides.count, by: 2) {
    sides[i] += sides[i + 1] * (1 - factor) / 2
    sides[i + 1] *= factor
  }
}

/// The d-th root of a number from 0 on, without a library whose last bits differ between machines.
func root(_ value: Double, of dimensions: Int) -> Double {
  guard dimensions > 1, value > 0, value < .infinity else { return value }
  if dimensions == 2 { return value.squareRoot() }
  let degree = Double(dimensions)
  var x = Logarithm.power(value, 1 / degree)
  // Newton's steps for the last bits; a fixed number, so that the result depends on the value alone.
  for _ in 0..<2 { x -= (x - value / power(x, dimensions - 1)) / degree }
  return x
}

/// A power with a whole exponent, by repeated multiplication.
func power(_ base: Double, _ exponent: Int) -> Double {
  var result = 1.0
  for _ in 0..<exponent { result *= base }
  return result
}
