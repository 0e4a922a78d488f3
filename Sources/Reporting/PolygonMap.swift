import MillRuntime
public import TreeGeometry

/// A drawing of a tree as nested cells: areas are weights, hues tell branches apart, white lines grow with the size of
/// what they divide.
///
/// ```swift
/// let partition = try polygonPartition(of: tree, options: PartitionOptions(width: 1.5))
/// try PolygonMap(title: "Communities", partition: partition).svg
/// ```
///
/// A pure function of its values; text is escaped.
public struct PolygonMap: Sendable, Equatable {
  /// What the drawing shows; its accessible name.
  public var title: String
  /// The cells.
  public var partition: PolygonPartition
  /// The text of each node, leaves first, shape `[nodes]`; empty for none.
  public var names: [String]
  /// A class of each leaf, which gives its color, -1 for none; nil for colors by branch. A cell of several leaves has
  /// the class of most of the weight.
  public var leafClasses: [Int]?
  /// The names of the classes, for a key below the drawing.
  public var classNames: [String]
  /// The width in pixels, at least 50.
  public var width = 960.0
  /// How far cells are shrunk on all sides, in pixels; areas are then no longer exact.
  public var gap = 0.0
  /// Whether names are written.
  public var hasLabels = true

  /// A drawing of a partition.
  ///
  /// - Parameters:
  ///   - title: What stands above it.
  ///   - partition: The cells.
  ///   - names: One a node of the partition's tree, or one a leaf; nil for the tree's own names.
  ///   - leafClasses: One a leaf; nil for colors by branch.
  ///   - classNames: The names of the classes, for a key.
  /// - Precondition: as many names and classes as said.
  public init(
    title: String, partition: PolygonPartition, names: [String]? = nil, leafClasses: [Int]? = nil,
    classNames: [String] = []
  ) {
    let tree = partition.tree
    let names = names ?? tree.names ?? [String](repeating: "", count: tree.leafCount)
    precondition(names.count == tree.leafCount || names.count == tree.nodeCount)
    precondition(leafClasses?.count ?? tree.leafCount == tree.leafCount)
    self.title = title
    self.partition = partition
    self.names = names + repeatElement("", count: tree.nodeCount - names.count)
    self.leafClasses = leafClasses
    self.classNames = classNames
  }

  private static let (left, top) = (16.0, 30.0)
  /// Cells of fewer square pixels are not divided any more.
  fileprivate static let smallestArea = 24.0
  /// Path coordinates are whole numbers, this many a pixel.
  private static let grain = 10.0

  private var scale: Double { max(50, width) / partition.options.width }
  private var height: Double { partition.options.height * scale }

  /// The picture.
  ///
  /// - Complexity: O(nodes) and what the labels take, at most some hundred cells; some 60 bytes a cell that is shown.
  public var svg: String {
    let view = CellView(self)
    var elements = [
      "<g transform=\"translate(\(SVGText.number(Self.left)) \(SVGText.number(Self.top))) "
        + "scale(\(SVGText.number(1 / Self.grain)))\">"
    ]
    elements += fills(view) + borders(view)
    elements.append("</g>")
    if hasLabels { elements += texts(view) }
    let (key, keyHeight) = classKey
    return SVGText.document(
      title: title, width: 2 * Self.left + max(50, width), height: Self.top + height + keyHeight + 16,
      elements + key)
  }

  /// A node's cell in pixels of the drawing.
  fileprivate func cell(of node: Int) -> ConvexCell {
    let numbers = partition.cell(of: node)
    return ConvexCell(
      corners: stride(from: 0, to: numbers.count, by: 2).map {
        ConvexCell.Point(x: numbers[$0] * scale, y: height - numbers[$0 + 1] * scale)
      })
  }

  fileprivate func pixelArea(_ node: Int) -> Double { partition.areas[node] * scale * scale }
}

/// What of the tree is shown: cells that are filled, those that are divided, hues.
private struct CellView {
  /// Nodes whose cells are filled, top down.
  var shown: [(node: Int, color: Int)] = []
  /// Whether a node's cell is divided, shape `[nodes]`.
  var isDivided: [Bool]
  /// Divided nodes of which no child has four fifths.
  var branching: [Int] = []

  init(_ map: PolygonMap) {
    let tree = map.partition.tree
    isDivided = [Bool](repeating: false, count: tree.nodeCount)
    var stack = [(node: tree.nodeCount - 1, hue: 0.0..<1.0, level: 0)]
    if tree.nodeCount == 0 { stack = [] }
    while let (node, hue, level) = stack.popLast() {
      let parts = tree.children(of: node).map { Int($0) }.filter { map.partition.hasCell($0) }
      guard !parts.isEmpty, map.pixelArea(node) >= PolygonMap.smallestArea else {
        let middle = (hue.lowerBound + hue.upperBound) / 2
        shown.append((node, CellColors.number(hue: middle, level: level, node: node)))
        continue
      }
      isDivided[node] = true
      let largest = parts.map { map.partition.areas[$0] }.max() ?? 0
      let isBranching = largest < 0.8 * map.partition.areas[node]
      if isBranching { branching.append(node) }
      // Hues go round with the places of the parts, wide for large ones.
      let order = parts.count > 1 ? Self.around(node, parts, map) : parts
      let widths = order.map { Logarithm.power(map.partition.areas[$0], 0.7) }
      let sum = widths.reduce(0, +)
      var low = hue.lowerBound
      for (part, width) in zip(order, widths) {
        let high = low + (hue.upperBound - hue.lowerBound) * width / sum
        stack.append((part, low..<max(low, high), min(level + (isBranching ? 1 : 0), CellColors.levels - 1)))
        low = high
      }
    }
  }

  /// Parts by the direction in which their centers lie; equal ones by number.
  private static func around(_ node: Int, _ parts: [Int], _ map: PolygonMap) -> [Int] {
    let center = map.cell(of: node).centroid
    let keys = parts.map { part -> Double in
      let own = map.cell(of: part).centroid
      let (x, y) = (own.x - center.x, own.y - center.y)
      let size = abs(x) + abs(y)
      if size == 0 { return 0 }
      // Grows with the angle, from 0 to 4.
      return y >= 0 ? 1 - x / size : 3 + x / size
    }
    return parts.indices.sorted { (keys[$0], parts[$0]) < (keys[$1], parts[$1]) }.map { parts[$0] }
  }
}

extension PolygonMap {
  /// A path a color, with a thin line of the same color that hides seams.
  private func fills(_ view: CellView) -> [String] {
    var paths: [String: String] = [:]
    var order: [String] = []
    let classes = leafClasses.map { nodeClasses($0) }
    for (node, color) in view.shown {
      var cell = cell(of: node)
      if gap > 0 {
        guard let smaller = cell.inset(by: gap) else { continue }
        cell = smaller
      }
      let style = classes.map { Self.classStyle($0[node]) } ?? CellColors.table[color]
      if paths[style] == nil { order.append(style) }
      paths[style, default: ""] += Self.path(cell)
    }
    return order.map { style in
      let fill = style.hasPrefix("#") ? "fill=\"\(style)\" stroke=\"\(style)\"" : style
      return "<path \(fill) stroke-width=\"4\" d=\"\(paths[style] ?? "")\"/>"
    }
  }

  /// Corners as whole numbers, each relative to the one before.
  private static func path(_ cell: ConvexCell) -> String {
    var text = ""
    var pen = (x: 0, y: 0)
    for (i, corner) in cell.corners.enumerated() {
      let place = (x: Int((corner.x * grain).rounded()), y: Int((corner.y * grain).rounded()))
      let (dx, dy) = (place.x - pen.x, place.y - pen.y)
      if i > 0, dx == 0, dy == 0 { continue }
      text += i == 0 ? "M\(place.x) \(place.y)" : "l\(dx)" + (dy < 0 ? "\(dy)" : " \(dy)")
      pen = place
    }
    return text + "z"
  }

  /// The class of most of the weight below each node; -1 where nothing has one.
  private func nodeClasses(_ leaves: [Int]) -> [Int] {
    let tree = partition.tree
    var classes = leaves + repeatElement(-1, count: tree.nodeCount - leaves.count)
    // The winning weight of a subtree stands for it: exact for cells of leaves, near enough for cells of 24 pixels.
    var votes: [Double] = (0..<tree.nodeCount).map { partition.weights[$0] }
    for node in tree.innerNodes {
      var sums: [Int: Double] = [:]
      for child in tree.children(of: node).map({ Int($0) }) where classes[child] >= 0 {
        sums[classes[child], default: 0] += votes[child]
      }
      guard let best = sums.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }) else { continue }
      classes[node] = best.key
      votes[node] = best.value
    }
    return classes
  }

  private static func classStyle(_ label: Int) -> String {
    let (color, opacity) = Chart.Color.fill(ofClass: label)
    return "fill=\"\(color)\" fill-opacity=\"\(SVGText.number(opacity))\" stroke=\"\(color)\" stroke-opacity=\"0.2\""
  }

  /// The color of cuts and halos: white, or with classes that of the page, whose cells are dark on a dark one.
  private var light: String { leafClasses == nil ? "#ffffff" : Chart.Color.paper }

  /// The cuts as light lines: wide where much is divided, thin ones first.
  private func borders(_ view: CellView) -> [String] {
    let tree = partition.tree
    let frame = partition.options.width * partition.options.height * scale * scale
    var lines: [Int: String] = [:]
    for cut in partition.cuts where view.isDivided[Int(cut.node)] {
      let node = Int(cut.node)
      let area = pixelArea(node)
      let parts = Double(max(1, tree.children(of: node).count))
      let width = min(
        7 * Logarithm.power(area / frame, 0.42), 0.12 * (area / parts).squareRoot(),
        0.2 * (cut.share * frame).squareRoot())
      guard width >= 0.25 else { continue }
      // Classes of a ratio of 1.35 from the thinnest on.
      let number = Int((SVGText.logarithm(width / 0.25) / SVGText.logarithm(1.35)).rounded(.down))
      let places = [cut.startX * scale, height - cut.startY * scale, cut.endX * scale, height - cut.endY * scale]
        .map { Int(($0 * Self.grain).rounded()) }
      lines[number, default: ""] += "M\(places[0]) \(places[1])L\(places[2]) \(places[3])"
    }
    return lines.sorted { $0.key < $1.key }.map { number, path in
      var width = 0.25
      for _ in 0..<number { width *= 1.35 }
      let opacity = min(1, 0.45 + 0.25 * width)
      return "<path fill=\"none\" stroke=\"\(light)\" stroke-linecap=\"round\" "
        + "stroke-opacity=\"\(SVGText.number(opacity))\" stroke-width=\"\(SVGText.number(width * Self.grain))\" "
        + "d=\"\(path)\"/>"
    }
  }

  /// Names of inner nodes by falling area, then of leaves.
  private func texts(_ view: CellView) -> [String] {
    let frame = partition.options.width * partition.options.height
    func large(_ nodes: [Int]) -> [Int] {
      nodes.filter { !names[$0].isEmpty && partition.areas[$0] >= 0.0015 * frame }
        .sorted { (partition.areas[$1], $0) < (partition.areas[$0], $1) }
    }
    var placed = CellLabels()
    let root = partition.tree.nodeCount - 1
    for node in large(view.branching) where node != root {
      placed.add(names[node], to: cell(of: node), area: pixelArea(node), isInner: true)
    }
    for node in large(view.shown.map(\.node)) where !placed.isFull {
      placed.add(names[node], to: cell(of: node), area: pixelArea(node), isInner: false)
    }
    // Colors by branch are light in every mode, those of classes follow the page.
    let ink = leafClasses == nil ? Chart.Color.letters : Chart.Color.ink
    let halo = light
    // Halos under all letters.
    return (placed.labels.filter { !$0.isInner } + placed.labels.filter(\.isInner)).map { label in
      "<text x=\"\(SVGText.number(Self.left + label.x))\" y=\"\(SVGText.number(Self.top + label.y))\" "
        + "font-size=\"\(SVGText.number(label.size))\" text-anchor=\"middle\" fill=\"\(ink)\""
        + (label.isInner
          ? " font-weight=\"600\" stroke=\"\(halo)\" stroke-opacity=\"0.75\" stroke-width=\"3\" paint-order=\"stroke\""
          : "") + ">\(escapedHTML(label.text))</text>"
    }
  }

  /// The classes' names below the drawing, and how high they stand.
  private var classKey: (elements: [String], height: Double) {
    guard leafClasses != nil, !classNames.isEmpty else { return ([], 0) }
    let key = ColorKey.drawing(
      classNames.enumerated().map { .init(name: $1, style: Self.classStyle($0)) }, left: Self.left,
      top: Self.top + height + 14, width: max(50, width))
    return (key.elements, key.height + 14)
  }
}
