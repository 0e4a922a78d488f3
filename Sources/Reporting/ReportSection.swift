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
  /// What the reader should see in it.
  public var caption: String
  /// The picture.
  public var chart: DrawnChart
  /// The folder of the chart's files relative to the page, such as `figures`; empty for that of the page.
  public var folder: String

  /// A drawn chart with a caption.
  public init(_ caption: String, chart: DrawnChart, folder: String = "") {
    self.caption = caption
    self.chart = chart
    self.folder = folder
  }
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
}

/// What one engine or step adds to a report: a title, one sentence, and blocks in reading order.
///
/// ```swift
/// var section = ReportSection(id: "sparsify", title: "Sparsification", summary: "TEDDY keeps the hubs' edges.")
/// section.add(.table(table))
/// section.add(.figure(ReportFigure("Degrees before and after", chart: chart)))
/// page.sections.append(section)
/// ```
public struct ReportSection: Sendable, Equatable {
  /// The section's anchor: letters, digits and `-`; other characters become `-`.
  public var id: String
  /// The heading.
  public var title: String
  /// What was found, in a sentence or two; empty for none.
  public var summary: String
  /// The content, in reading order.
  public var blocks: [ReportBlock]

  /// A section; blocks can be added later.
  public init(id: String, title: String, summary: String = "", blocks: [ReportBlock] = []) {
    self.id = id
    self.title = title
    self.summary = summary
    self.blocks = blocks
  }

  /// Adds a block at the end.
  public mutating func add(_ block: ReportBlock) { blocks.append(block) }

  /// The tables of the section, in reading order.
  public var tables: [Table] {
    blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
  }

  /// The figures of the section, in reading order.
  public var figures: [ReportFigure] {
    blocks.compactMap { if case .figure(let figure) = $0 { figure } else { nil } }
  }
}
