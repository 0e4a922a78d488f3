/// Maps of a graph whose nodes have places: nodes in the color of their group, edges as thin lines, one panel for each
/// grouping.
///
/// A color tells a group from those that it has edges to; with more than six groups far ones share a color. A pure
/// function of its values; text is escaped.
public struct GroupMap: Sendable, Equatable {
  /// One grouping of the nodes.
  public struct Panel: Sendable, Equatable {
    /// What stands above the panel.
    public var title: String
    /// The group of each node from 0 on; negative for none, which is drawn grey.
    public var groups: [Int32]
    /// The text in the middle of each group; empty for none.
    public var names: [String]

    /// A grouping with a title.
    public init(title: String, groups: [Int32], names: [String] = []) {
      self.title = title
      self.groups = groups
      self.names = names
    }
  }

  /// What the maps show; the picture's accessible name.
  public var title: String
  /// Where each node is, y upwards, one unit for both axes; a place that is not finite leaves the node out.
  public var places: [Chart.Point]
  /// The ends of the edges, two entries an edge.
  public var ends: [Int32]
  /// The maps.
  public var panels: [Panel]
  /// Maps side by side, at least 1.
  public var columns = 3
  /// The width of a map in pixels, at least 10.
  public var panelWidth = 300.0
  /// How much of an edge shows, above 0 to 1: many edges need less.
  public var edgeOpacity = 1.0
  /// Whether edges between groups are darker than those inside.
  public var marksEdgesBetween = true
  /// The diameter of a node in pixels.
  public var nodeSize = 2.3
  /// The text beside each node; empty for none.
  public var nodeNames: [String] = []
  /// What the groups are, by number, for a key below the maps; of use where all have colors of their own: up to six.
  public var groupKey: [String] = []

  /// Maps of one graph.
  ///
  /// - Precondition: a group for each node in each panel; ends in pairs, below the number of nodes.
  public init(title: String, places: [Chart.Point], ends: [Int32], panels: [Panel]) {
    precondition(panels.allSatisfy { $0.groups.count == places.count } && ends.count.isMultiple(of: 2))
    precondition(ends.allSatisfy { places.indices.contains(Int($0)) })
    self.title = title
    self.places = places
    self.ends = ends
    self.panels = panels
  }

  /// Coordinates inside a panel are whole numbers, this many a pixel.
  private static let grain = 2.0

  /// The picture. All edges are drawn once and reused; those between groups are darker.
  ///
  /// - Complexity: O(panels · (n log n + m)); some 6 bytes an edge and 8 bytes a node and panel.
  public var svg: String {
    let width = max(10, panelWidth)
    let (spots, height) = grid(width)
    let (left, top, gap, line) = (16.0, 32.0, 18.0, 20.0)
    let across = max(1, min(columns, max(1, panels.count)))
    let rows = (panels.count + across - 1) / across
    var elements: [String] = []
    if !panels.isEmpty {
      elements.append("<defs><path id=\"edges\" d=\"\(trail(ends, spots))\" fill=\"none\"/></defs>")
    }
    for (index, panel) in panels.enumerated() {
      let x = left + Double(index % across) * (width + gap)
      let y = top + Double(index / across) * (height + line + gap)
      elements.append(
        "<text x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y + 12))\" font-size=\"12\" "
          + "fill=\"\(Chart.Color.ink)\">\(escapedHTML(panel.title))</text>")
      elements.append(
        "<g transform=\"translate(\(SVGText.number(x)) \(SVGText.number(y + line))) "
          + "scale(\(SVGText.number(1 / Self.grain)))\">")
      elements += map(panel, spots)
      elements.append("</g>")
    }
    let (whole, bottom) = (Double(across) * (width + gap) - gap, top + Double(rows) * (height + line + gap))
    let key = ColorKey.drawing(
      groupKey.enumerated().map {
        .init(name: $1, style: "fill=\"\(Chart.Color.series[$0 % Chart.Color.series.count])\"")
      }, left: left, top: bottom, width: whole)
    return SVGText.document(
      title: title, width: 2 * left + whole, height: bottom + key.height, elements + key.elements)
  }

  /// A place in whole numbers; nil for a node without one.
  private struct Spot: Hashable, Comparable {
    var x: Int
    var y: Int
    static func < (a: Spot, b: Spot) -> Bool { (a.x, a.y) < (b.x, b.y) }
  }

  /// The nodes' spots in a panel of a width, y downwards, and the panel's height in pixels.
  private func grid(_ width: Double) -> ([Spot?], Double) {
    let known = places.filter { $0.x.isFinite && $0.y.isFinite }
    let (west, east) = (known.map(\.x).min() ?? 0, known.map(\.x).max() ?? 0)
    let (south, north) = (known.map(\.y).min() ?? 0, known.map(\.y).max() ?? 0)
    let tallest = 2 * width
    var scale = east > west ? width / (east - west) : 0
    if north > south, scale == 0 || (north - south) * scale > tallest { scale = tallest / (north - south) }
    let spots = places.map { place -> Spot? in
      guard place.x.isFinite, place.y.isFinite else { return nil }
      return Spot(
        x: Int((Self.grain * (place.x - west) * scale).rounded()),
        y: Int((Self.grain * (north - place.y) * scale).rounded()))
    }
    return (spots, max(10, ((north - south) * scale).rounded(.up)))
  }

  private func map(_ panel: Panel, _ spots: [Spot?]) -> [String] {
    let faded = edgeOpacity < 1 ? " stroke-opacity=\"\(SVGText.number(max(0.01, edgeOpacity)))\"" : ""
    let plain = marksEdgesBetween ? Chart.Color.grid : Chart.Color.ink
    var elements = ["<use href=\"#edges\" stroke=\"\(plain)\" stroke-width=\"1.4\"\(faded)/>"]
    var between: [Int32] = []
    for e in stride(from: 0, to: marksEdgesBetween ? ends.count : 0, by: 2)
    where panel.groups[Int(ends[e])] != panel.groups[Int(ends[e + 1])] {
      between += [ends[e], ends[e + 1]]
    }
    let path = trail(between, spots)
    if !path.isEmpty {
      elements.append("<path d=\"\(path)\" fill=\"none\" stroke=\"\(Chart.Color.ink)\" stroke-width=\"1.6\"\(faded)/>")
    }
    let count = Int(panel.groups.max() ?? -1) + 1
    var members = [Set<Spot>](repeating: [], count: count + 1)
    for (group, spot) in zip(panel.groups, spots) {
      if let spot { members[group < 0 ? count : Int(group)].insert(spot) }
    }
    let colors = Self.colors(groups: panel.groups, ends: ends)
    for (group, own) in members.enumerated() where !own.isEmpty {
      let color = group < count ? Chart.Color.series[colors[group]] : Chart.Color.grid
      elements.append(
        "<path d=\"\(Self.dots(own.sorted()))\" stroke=\"\(color)\" "
          + "stroke-width=\"\(NumberText.significant(nodeSize * Self.grain, digits: 3))\" stroke-linecap=\"round\"/>")
    }
    // Names stand on the right, near the right edge on the left.
    let edge = 4 * (spots.compactMap { $0?.x }.max() ?? 0) / 5
    let offset = 4 + Int((nodeSize * Self.grain / 2).rounded(.up))
    for (name, spot) in zip(nodeNames, spots) where !name.isEmpty {
      guard let spot else { continue }
      let isLeft = spot.x > edge
      elements.append(
        "<text x=\"\(spot.x + (isLeft ? -offset : offset))\" y=\"\(spot.y + 6)\" font-size=\"18\" "
          + "fill=\"\(Chart.Color.ink)\"\(isLeft ? " text-anchor=\"end\"" : "")>\(escapedHTML(name))</text>")
    }
    for (group, name) in panel.names.enumerated() where group < count && !members[group].isEmpty {
      let own = members[group]
      let x = Double(own.reduce(0) { $0 + $1.x }) / Double(own.count)
      let y = Double(own.reduce(0) { $0 + $1.y }) / Double(own.count)
      elements.append(
        "<text x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y + 7))\" font-size=\"20\" text-anchor=\"middle\" "
          + "fill=\"\(Chart.Color.ink)\" stroke=\"\(Chart.Color.paper)\" stroke-width=\"5\" paint-order=\"stroke\">"
          + "\(escapedHTML(name))</text>")
    }
    return elements
  }

  /// Points as lines of no length, each relative to the one before.
  private static func dots(_ spots: [Spot]) -> String {
    var text = ""
    var last = Spot(x: 0, y: 0)
    for spot in spots {
      text += "m\(pair(spot.x - last.x, spot.y - last.y))h0"
      last = spot
    }
    return text
  }

  private static func pair(_ x: Int, _ y: Int) -> String { y < 0 ? "\(x)\(y)" : "\(x) \(y)" }

  /// Edges as one path: walks along edges that are left, from the first node that has some. A pen that need not be
  /// lifted halves the file.
  private func trail(_ ends: [Int32], _ spots: [Spot?]) -> String {
    var offsets = [Int](repeating: 0, count: places.count + 1)
    for end in ends { offsets[Int(end) + 1] += 1 }
    for node in places.indices { offsets[node + 1] += offsets[node] }
    var edges = [Int](repeating: 0, count: ends.count)
    var next = offsets
    for (slot, end) in ends.enumerated() {
      edges[next[Int(end)]] = slot
      next[Int(end)] += 1
    }
    var isDrawn = [Bool](repeating: false, count: ends.count / 2)
    next = offsets
    /// The other end of an edge of a node that is not drawn yet.
    func step(_ node: Int) -> Int? {
      while next[node] < offsets[node + 1] {
        let slot = edges[next[node]]
        next[node] += 1
        if !isDrawn[slot / 2] {
          isDrawn[slot / 2] = true
          let other = Int(ends[slot ^ 1])
          if other != node, spots[other] != nil { return other }
        }
      }
      return nil
    }
    var text = ""
    var pen = Spot(x: 0, y: 0)
    for start in places.indices {
      guard let first = spots[start] else { continue }
      while var node = step(start) {
        text += "m" + Self.pair(first.x - pen.x, first.y - pen.y)
        pen = first
        while let spot = spots[node] {
          text += "l" + Self.pair(spot.x - pen.x, spot.y - pen.y)
          pen = spot
          guard let other = step(node) else { break }
          node = other
        }
      }
    }
    return text
  }

  /// A color for each group, an index into ``Chart/Color/series``: groups with edges between them differ as long as the
  /// graph of groups is sparse enough (always when it is planar).
  ///
  /// Groups are set aside by ascending links to those that are left, and colored in the reverse order: in a planar graph
  /// each then has at most 5 colored neighbors.
  static func colors(groups: [Int32], ends: [Int32]) -> [Int] {
    let count = Int(groups.max() ?? -1) + 1
    let palette = Chart.Color.series.count
    if count <= palette { return Array(0..<count) }
    var links = [Set<Int>](repeating: [], count: count)
    for e in stride(from: 0, to: ends.count, by: 2) {
      let (a, b) = (Int(groups[Int(ends[e])]), Int(groups[Int(ends[e + 1])]))
      guard a >= 0, b >= 0, a != b else { continue }
      links[a].insert(b)
      links[b].insert(a)
    }
    var left = links.map(\.count)
    var isAside = [Bool](repeating: false, count: count)
    var order: [Int] = []
    for _ in 0..<count {
      let group = (0..<count).filter { !isAside[$0] }.min { (left[$0], $0) < (left[$1], $1) }!
      isAside[group] = true
      order.append(group)
      for other in links[group] { left[other] -= 1 }
    }
    var colors = [Int](repeating: -1, count: count)
    var uses = [Int](repeating: 0, count: palette)
    for group in order.reversed() {
      var clashes = [Int](repeating: 0, count: palette)
      for other in links[group] where colors[other] >= 0 { clashes[colors[other]] += 1 }
      let color = (0..<palette).min { (clashes[$0], uses[$0], $0) < (clashes[$1], uses[$1], $1) }!
      colors[group] = color
      uses[color] += 1
    }
    return colors
  }
}
