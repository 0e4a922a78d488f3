public import MillRuntime

/// A matrix of blocks: groups in the order of a tree, each cell as dark as its density.
public struct AdjacencyBlocks: Sendable, Equatable {
  /// What the drawing shows.
  public var title: String
  /// Nodes of each group, in drawing order; they give the widths of rows and columns.
  public var sizes: [Int]
  /// Densities, row-major; not-a-number is drawn as 0.
  public var densities: [Double]

  /// A matrix of blocks.
  ///
  /// - Precondition: a density for each pair of groups.
  public init(title: String, sizes: [Int], densities: [Double]) {
    precondition(densities.count == sizes.count * sizes.count)
    self.title = title
    self.sizes = sizes
    self.densities = densities
  }

  /// The picture: darkness grows with the logarithm of the density; cells without edges are not drawn.
  public var svg: String {
    let (left, top, side) = (16.0, 30.0, 420.0)
    let total = Double(max(1, sizes.reduce(0, +)))
    var edges = [0.0]
    for size in sizes { edges.append(edges.last! + Double(size) / total * side) }
    let positive = densities.filter { $0 > 0 && $0.isFinite }
    let (low, high) = (positive.min() ?? 1, positive.max() ?? 1)
    let range = SVGText.logarithm(high / low)
    var cells = ["<g fill=\"\(Chart.Color.series[0])\">"]
    for a in sizes.indices {
      for b in sizes.indices {
        let density = densities[a * sizes.count + b]
        guard density > 0, density.isFinite else { continue }
        let shade = 0.08 + 0.92 * (range > 0 ? SVGText.logarithm(density / low) / range : 1)
        let numbers = [left + edges[b], top + edges[a], edges[b + 1] - edges[b], edges[a + 1] - edges[a]]
          .map(SVGText.number)
        cells.append(
          "<rect x=\"\(numbers[0])\" y=\"\(numbers[1])\" width=\"\(numbers[2])\" height=\"\(numbers[3])\" "
            + "fill-opacity=\"\(SVGText.number(shade))\"/>")
      }
    }
    let frame = [left, top, edges[sizes.count], edges[sizes.count]].map(SVGText.number)
    cells += [
      "</g>",
      "<rect x=\"\(frame[0])\" y=\"\(frame[1])\" width=\"\(frame[2])\" height=\"\(frame[3])\" fill=\"none\" "
        + "stroke=\"\(Chart.Color.grid)\"/>",
    ]
    return SVGText.document(title: title, width: left + side + 16, height: top + side + 16, cells)
  }
}

/// Nested rectangles whose areas are the sizes of groups.
public struct Treemap: Sendable, Equatable {
  /// What the drawing shows.
  public var title: String
  /// The tree, with the areas of its leaves as sizes; the trees of a forest stand side by side.
  public var tree: RootedTree
  /// The text of each leaf.
  public var leafNames: [String]
  /// A class of each leaf, which gives its color, -1 for none.
  public var leafClasses: [Int]

  /// A treemap of a tree.
  ///
  /// - Parameters:
  ///   - title: What stands above it.
  ///   - tree: Any tree.
  ///   - leafNames: One a leaf; nil for the tree's own names, or numbers.
  ///   - leafClasses: One a leaf, -1 for none; nil for no colors.
  /// - Precondition: name and class for each leaf.
  public init(title: String, tree: RootedTree, leafNames: [String]? = nil, leafClasses: [Int]? = nil) {
    let leafNames = leafNames ?? tree.names ?? (0..<tree.leafCount).map { String($0) }
    let leafClasses = leafClasses ?? [Int](repeating: -1, count: tree.leafCount)
    precondition(leafNames.count == tree.leafCount && leafClasses.count == tree.leafCount)
    self.title = title
    self.tree = tree
    self.leafNames = leafNames
    self.leafClasses = leafClasses
  }

  private struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }

  /// The picture: each group is cut along its longer side in proportion to its parts; the outlines of the first three
  /// levels are stronger. Classes take the series' colors in turn, then darker, then paler.
  public var svg: String {
    let tree = tree.underOneRoot()
    let sizes = tree.sizes.map { Double($0) }
    var elements: [String] = []
    var outlines: [String] = []
    var stack: [(Int, Box, Int)] = []
    if tree.nodeCount > 0 { stack.append((tree.nodeCount - 1, Box(x: 16, y: 30, width: 640, height: 400), 0)) }
    while let (node, box, depth) = stack.popLast() {
      if depth > 0, depth <= 3, node >= tree.leafCount { outlines.append(outline(box, 3.4 - 0.8 * Double(depth))) }
      guard node >= tree.leafCount else {
        elements += rectangle(node, box)
        continue
      }
      var at = 0.0
      for child in tree.children(of: node).map({ Int($0) }) where sizes[node] > 0 {
        let share = sizes[child] / sizes[node]
        let part =
          box.width >= box.height
          ? Box(x: box.x + at * box.width, y: box.y, width: share * box.width, height: box.height)
          : Box(x: box.x, y: box.y + at * box.height, width: box.width, height: share * box.height)
        stack.append((child, part, depth + 1))
        at += share
      }
    }
    return SVGText.document(title: title, width: 672, height: 446, elements + outlines)
  }

  private func outline(_ box: Box, _ width: Double) -> String {
    let numbers = [box.x, box.y, box.width, box.height].map(SVGText.number)
    return
      "<rect x=\"\(numbers[0])\" y=\"\(numbers[1])\" width=\"\(numbers[2])\" height=\"\(numbers[3])\" fill=\"none\" "
      + "stroke=\"\(Chart.Color.ink)\" stroke-width=\"\(SVGText.number(width))\"/>"
  }

  private func rectangle(_ leaf: Int, _ box: Box) -> [String] {
    let numbers = [box.x, box.y, box.width, box.height].map(SVGText.number)
    let (color, shade) = Chart.Color.fill(ofClass: leafClasses[leaf])
    var elements = [
      "<rect x=\"\(numbers[0])\" y=\"\(numbers[1])\" width=\"\(numbers[2])\" height=\"\(numbers[3])\" "
        + "fill=\"\(color)\" fill-opacity=\"\(SVGText.number(shade))\" stroke=\"\(Chart.Color.ink)\" "
        + "stroke-width=\"0.6\"/>"
    ]
    let (room, rows) = (Int((box.width - 6) / 6), Int((box.height - 2) / 12))
    guard room >= 4 else { return elements }
    for (row, line) in Self.lines(leafNames[leaf], room: room, rows: rows).enumerated() {
      elements.append(
        "<text x=\"\(SVGText.number(box.x + 3))\" y=\"\(SVGText.number(box.y + 12 * Double(row + 1)))\" "
          + "font-size=\"10\" fill=\"\(Chart.Color.ink)\">\(escapedHTML(line))</text>")
    }
    return elements
  }

  /// A name in lines of at most `room` characters, broken behind spaces, points, dashes and underscores; what does not
  /// fit ends in an ellipsis.
  static func lines(_ name: String, room: Int, rows: Int) -> [String] {
    var words = [""]
    for character in name {
      words[words.count - 1].append(character)
      if " .-_".contains(character) { words.append("") }
    }
    var lines: [String] = []
    for word in words where !word.isEmpty {
      let length = word.last == " " ? word.count - 1 : word.count
      if let last = lines.last, last.count + length <= room {
        lines[lines.count - 1] += word
      } else {
        lines.append(word)
      }
    }
    let shown = lines.prefix(max(0, rows)).enumerated().map { row, line -> String in
      let isCut = row == rows - 1 && lines.count > rows
      let text = line.last == " " ? String(line.dropLast()) : line
      return text.count + (isCut ? 1 : 0) > room || isCut ? String(text.prefix(room - 1)) + "…" : text
    }
    return Array(shown)
  }
}
