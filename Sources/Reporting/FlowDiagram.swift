/// A drawing of work that is done on the results of other work: a box a step, below and right of the step that it takes
/// its input from.
///
/// A pure function of its values; text is escaped.
public struct FlowDiagram: Sendable, Equatable {
  /// One step.
  public struct Step: Sendable, Equatable {
    /// What was done, or what came out.
    public var name: String
    /// What is known of it, in a few words.
    public var detail: String
    /// A figure that stands out at its right; empty for none.
    public var figure: String
    /// The step that it takes its input from, an earlier one; nil for a beginning.
    public var parent: Int?

    /// A step behind another one.
    public init(_ name: String, detail: String = "", figure: String = "", after parent: Int? = nil) {
      self.name = name
      self.detail = detail
      self.figure = figure
      self.parent = parent
    }
  }

  /// What the drawing shows; its accessible name.
  public var title: String
  /// The steps, each behind the one that it follows.
  public var steps: [Step]
  /// The width in pixels, at least 300.
  public var width = 620.0

  /// A drawing of steps.
  ///
  /// - Precondition: a step comes behind its parent.
  public init(title: String, steps: [Step]) {
    precondition(steps.enumerated().allSatisfy { (0..<$0).contains($1.parent ?? 0) || $1.parent == nil })
    self.title = title
    self.steps = steps
  }

  private static let (left, top, step, height, indent) = (16.0, 32.0, 54.0, 44.0, 34.0)

  /// The picture: steps from top to bottom, children of one parent in their order.
  public var svg: String {
    let width = max(300, width)
    var depths: [Int] = []
    for step in steps { depths.append(step.parent.map { depths[$0] + 1 } ?? 0) }
    var rows = [Int](repeating: 0, count: steps.count)
    for (row, number) in order.enumerated() { rows[number] = row }
    var lines: [String] = []
    var boxes: [String] = []
    for (number, step) in steps.enumerated() {
      let x = Self.left + Self.indent * Double(depths[number])
      let y = Self.top + Self.step * Double(rows[number])
      if let parent = step.parent {
        let from = (
          x: Self.left + Self.indent * Double(depths[parent]) + 14,
          y: Self.top + Self.step * Double(rows[parent]) + Self.height
        )
        let middle = y + Self.height / 2
        lines.append(
          "<path d=\"M\(Self.pair(from.x, from.y))V\(SVGText.number(middle))H\(SVGText.number(x - 2))\" fill=\"none\" "
            + "stroke=\"\(Chart.Color.ink)\" stroke-opacity=\"0.55\"/>")
        lines.append(
          "<path d=\"M\(Self.pair(x - 8, middle - 4))L\(Self.pair(x - 1, middle))L\(Self.pair(x - 8, middle + 4))z\" "
            + "fill=\"\(Chart.Color.ink)\" fill-opacity=\"0.7\"/>")
      }
      boxes.append(
        "<rect x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" "
          + "width=\"\(SVGText.number(width + Self.left - x))\" height=\"\(SVGText.number(Self.height))\" rx=\"6\" "
          + "fill=\"\(Chart.Color.series[0])\" fill-opacity=\"0.1\" stroke=\"\(Chart.Color.series[0])\"/>")
      boxes.append(Self.text(x + 10, y + 18, step.name, "font-weight=\"600\""))
      boxes.append(Self.text(x + 10, y + 35, step.detail, "fill-opacity=\"0.8\""))
      if !step.figure.isEmpty {
        boxes.append(Self.text(width + Self.left - 10, y + 18, step.figure, "font-weight=\"600\" text-anchor=\"end\""))
      }
    }
    return SVGText.document(
      title: title, width: width + 2 * Self.left, height: Self.top + Self.step * Double(steps.count) + 8, lines + boxes)
  }

  /// Steps as they stand: each before its children.
  private var order: [Int] {
    var children = [[Int]](repeating: [], count: steps.count)
    var stack: [Int] = []
    for (number, step) in steps.enumerated() {
      if let parent = step.parent { children[parent].append(number) } else { stack.append(number) }
    }
    stack.reverse()
    var order: [Int] = []
    while let number = stack.popLast() {
      order.append(number)
      stack += children[number].reversed()
    }
    return order
  }

  private static func pair(_ x: Double, _ y: Double) -> String { "\(SVGText.number(x)) \(SVGText.number(y))" }

  private static func text(_ x: Double, _ y: Double, _ text: String, _ style: String) -> String {
    "<text x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" font-size=\"13\" fill=\"\(Chart.Color.ink)\" \(style)>"
      + "\(escapedHTML(text))</text>"
  }
}
