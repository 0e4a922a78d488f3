/// When two roots may become one: told here for the groups that decide and for the state that checks again.
///
/// The reduction of 2 stands in for the two h-edges that a merge may cost, which the saving does not count.
struct MergeRule: Sendable {
  /// The saving that a merge must reach.
  var threshold: Double
  /// Subtracted from the edges saved before savings are compared.
  var offset: Double
  /// Height of a tree at most.
  var heightLimit = Int.max

  /// The edges that count as saved.
  @inline(__always) func saved(_ reduction: Int) -> Double { Double(reduction) - offset }

  /// Whether a merge that takes `reduction` of `before` edges away saves enough.
  ///
  /// - Parameter before: Edges before the merge; looked at only where the reduction can do.
  @inline(__always) func accepts(reduction: Int, before: @autoclosure () -> Double) -> Bool {
    reduction >= 2 && saved(reduction) >= threshold * before()
  }
}
