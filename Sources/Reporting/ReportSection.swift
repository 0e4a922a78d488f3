/// A figure that stands out at the top of a page or section.
public struct KeyNumber: Sendable, Equatable {
  /// The figure with its unit, such as `183,789`.
  public var value: String
  /// What it counts.
  public var label: String

  /// A figure and what it counts.
  public init(_ value: String, _ label: String) {
    self.value = value
    self.label = label
  }

  /// An integer with grouped digits.
  public init(_ value: Int, _ label: String) { self.init(NumberText.grouped(value), label) }
}

/// A picture with its caption.
public struct ReportFigure: Sendable, Equatable {
  /// What the picture shows; its accessible name.
  public var title: String
  /// What the reader should see in it.
  public var caption: String
  /// The picture, as this module draws it.
  public var svg: String
  /// Whether it takes the whole width of the page, where others stand side by side.
  public var isWide: Bool

  /// A picture with its title and caption.
  public init(_ title: String, caption: String, svg: String, isWide: Bool = false) {
    self.title = title
    self.caption = caption
    self.svg = svg
    self.isWide = isWide
  }

  /// A chart with a caption.
  public init(_ chart: Chart, caption: String) { self.init(chart.title, caption: caption, svg: chart.svg) }
}

/// One piece of a section. Text is plain; what stands between backticks is set as code.
public enum ReportBlock: Sendable, Equatable {
  /// A paragraph.
  case paragraph(String)
  /// A heading inside the section.
  case heading(String)
  /// Figures side by side.
  case keyNumbers([KeyNumber])
  case table(Table)
  case figure(ReportFigure)
  /// A command or other literal text, line by line.
  case code(String)
  /// A remark that the reader should not miss.
  case note(String)
  /// What was found in one of several things that a section is about.
  case finding(String)
}

/// What one engine or step adds to a report: a title, one sentence that says what was found, and blocks in reading order.
///
/// ```swift
/// var section = ReportSection(id: "sparsify", title: "Sparsification", summary: "TEDDY keeps the hubs' edges.")
/// section.add(.table(table))
/// section.add(.figure(ReportFigure(chart, caption: "Degrees before and after")))
/// page.sections.append(section)
/// ```
public struct ReportSection: Sendable, Equatable {
  /// The section's anchor: letters, digits and `-`; other characters become `-`.
  public var id: String
  /// The heading.
  public var title: String
  /// What was found, in a sentence or two; empty for none. The page lists these sentences at its top, too; where blocks
  /// say by themselves what was found, there alone.
  public var summary: String
  /// How it was found and is to be read; empty for none.
  public var explanation: String
  /// The content, in reading order.
  public var blocks: [ReportBlock]

  /// A section; blocks can be added later.
  public init(
    id: String, title: String, summary: String = "", explanation: String = "", blocks: [ReportBlock] = []
  ) {
    self.id = id
    self.title = title
    self.summary = summary
    self.explanation = explanation
    self.blocks = blocks
  }

  /// Adds a block at the end.
  public mutating func add(_ block: ReportBlock) { blocks.append(block) }

  /// Whether blocks say what was found.
  var hasFindings: Bool { blocks.contains { if case .finding = $0 { true } else { false } } }

  /// The tables of the section, in reading order.
  public var tables: [Table] {
    blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
  }

  /// The figures of the section, in reading order.
  public var figures: [ReportFigure] {
    blocks.compactMap { if case .figure(let figure) = $0 { figure } else { nil } }
  }
}
