/// What a build cost and what the repair did.
public struct BuildReport: Sendable, Equatable, Codable, CustomStringConvertible {
  /// Distances of searches for new points, and hops.
  public internal(set) var search = SearchCounters()
  /// Distances of the selection of new points' neighbors.
  public internal(set) var selectDistances: UInt64 = 0
  /// Distances of back-links: to the old list, and its selection.
  public internal(set) var reverseDistances: UInt64 = 0
  /// Distances between points of one batch, and their selection.
  public internal(set) var batchDistances: UInt64 = 0
  /// Distances of the repair's searches.
  public internal(set) var repairDistances: UInt64 = 0
  /// Objects that were not reachable before the repair.
  public internal(set) var unreachedBefore = 0
  /// Objects that did not find themselves before the second pass of the repair.
  public internal(set) var missedBefore = 0
  /// Edges that the repair added.
  public internal(set) var repairEdges = 0
  /// Objects kept in chains behind an equal one.
  public internal(set) var duplicates = 0

  /// All distances.
  public var distances: UInt64 {
    search.distances + selectDistances + reverseDistances + batchDistances + repairDistances
  }

  /// Cost and repair in one line.
  public var description: String {
    "\(distances) distances, \(unreachedBefore) unreached and \(missedBefore) missed before the repair, "
      + "\(repairEdges) repair edges, \(duplicates) duplicates"
  }
}
