import MillRuntime

/// Numbers for labels that do not depend on how they were found.
enum LabelNumbering {
  /// Labels renumbered in the order of their first nodes; negative ones stay.
  static func byFirstNode(_ labels: [Int32]) -> [Int32] {
    var numbers = [Int32](repeating: -1, count: Int(labels.max() ?? -1) + 1)
    var count: Int32 = 0
    return labels.map { label in
      guard label >= 0 else { return label }
      if numbers[Int(label)] < 0 {
        numbers[Int(label)] = count
        count += 1
      }
      return numbers[Int(label)]
    }
  }

  /// The same for labels of which none is negative.
  static func byFirstNode(_ labels: FlatBuffer<UInt32>) -> [Int32] {
    byFirstNode(unsafe labels.elements.map { Int32(bitPattern: $0) })
  }
}
