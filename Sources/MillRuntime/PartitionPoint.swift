extension Range<Int> {
  /// The first index of the range that `belongsInSecondPart`, its upper bound where none does: binary search.
  ///
  /// ```swift
  /// let place = (0..<sorted.count).partitionPoint { sorted[$0] >= wanted }
  /// ```
  ///
  /// - Parameter belongsInSecondPart: False for all indices up to some point and true from there on; of another
  ///   condition the answer is one of the indices where it changes.
  /// - Complexity: O(log count) calls.
  @inlinable package func partitionPoint<Failure: Error>(
    where belongsInSecondPart: (Int) throws(Failure) -> Bool
  ) throws(Failure) -> Int {
    var low = lowerBound
    var high = upperBound
    while low < high {
      let middle = low &+ (high &- low) / 2
      if try belongsInSecondPart(middle) { high = middle } else { low = middle &+ 1 }
    }
    return low
  }
}
