/// How a polygon is divided among the parts of a tree.
public enum PartitionMethod: String, Sendable, Codable, CaseIterable {
  /// Convex polygons: rectangles where these come out round, slanted cuts where they would not. The default.
  case polygons
  /// Convex polygons of the best shape at each cut, which look grown.
  case organic
  /// Each cut in the middle of the widest gap between the directions in use.
  case angular
  /// The best of some directions with no thought of later cuts: for experiments.
  case greedy
  /// Rectangles in rows of good shape, children by falling weight.
  case squarified
  /// Rectangles in rows, children in their order.
  case strip
  /// Rectangles side by side, along x and y in turn.
  case slice
  /// Rectangles halved by weight along their longer side.
  case binary

  /// Whether all cells are rectangles, whose shapes have no bound.
  public var isRectangular: Bool {
    switch self {
    case .polygons, .organic, .angular, .greedy: false
    case .squarified, .strip, .slice, .binary: true
    }
  }
}

/// The settings of ``polygonPartition(of:weights:options:context:)``.
public struct PartitionOptions: Sendable, Equatable, Codable {
  /// How cells are divided.
  public var method: PartitionMethod
  /// The width of the frame, above 0.
  public var width: Double
  /// The height of the frame, above 0.
  public var height: Double
  /// Nodes of this depth are not divided, at least 0; nil divides all.
  public var maximumDepth: Int?
  /// The aspect ratio from which on cells are round enough, at least 2: a square has 2.
  public var roundness: Double
  /// Directions that are tried beside those of the polygon, 1 to 4,096.
  public var directions: Int

  /// Polygons in a square of side 1, round from 4 on, 24 directions, unless told otherwise.
  public init(
    method: PartitionMethod = .polygons, width: Double = 1, height: Double = 1, maximumDepth: Int? = nil,
    roundness: Double = 4, directions: Int = 24
  ) {
    self.method = method
    self.width = width
    self.height = height
    self.maximumDepth = maximumDepth
    self.roundness = roundness
    self.directions = directions
  }
}
