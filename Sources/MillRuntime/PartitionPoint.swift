extension Range where Bound == Int {
  /// The first number of the range for which `isBehind` holds, the upper bound where there is none: a binary search over
  /// numbers of which none holds before one that does not.
  ///
  /// - Complexity: O(log count) calls.
  @inlinable public func partitionPoint<Failure: Error>(
    where isBehind: (Int) throws(Failure) -> Bool
  ) throws(Failure) -> Int {
    var low = lowerBound
    var high = upperBound
    while low < high {
      let middle = low &+ (high &- low) / 2
      if try isBehind(middle) { high = middle } else { low = middle &+ 1 }
    }
    return low
  }
}
