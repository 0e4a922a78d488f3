public import MillRuntime
internal import Mustache

/// A report as one HTML file that needs nothing else: no scripts, no network, its style and pictures inside.
///
/// It reads well on a phone, on a desk, on paper, in light and dark mode. The same page gives the same bytes.
public struct ReportPage: Sendable, Equatable {
  /// The heading, also the window's title.
  public var title: String
  /// What the reader looks at, in a sentence or two; text between backticks is set as code. Empty for none.
  public var introduction: String
  /// The figures that stand out at the top.
  public var keyNumbers: [KeyNumber]
  /// The sections, in reading order.
  public var sections: [ReportSection]
  /// How the report was made, at the bottom: command, version, seed and so on.
  public var details: [KeyNumber]
  /// When and where it was made, in one line below the title; empty for none. With ``run`` it is all of the page that
  /// differs from one run to the next.
  public var dateline = ""
  /// What the run took, at the very bottom.
  public var run: [KeyNumber] = []

  /// A page; everything can be added later.
  public init(
    title: String, introduction: String = "", keyNumbers: [KeyNumber] = [], sections: [ReportSection] = [],
    details: [KeyNumber] = []
  ) {
    self.title = title
    self.introduction = introduction
    self.keyNumbers = keyNumbers
    self.sections = sections
    self.details = details
  }

  /// The page as HTML. Every text is escaped.
  ///
  /// - Complexity: O(size of the result).
  public var html: String {
    let template: MustacheTemplate
    do { template = try MustacheTemplate(string: ReportTemplate.page) } catch {
      preconditionFailure("the page's own template does not parse: \(error)")
    }
    return template.render(context)
  }

  /// Writes the page, whole or not at all; an existing file is replaced.
  ///
  /// - Throws: `MillError`: `cannot-create` or `input-output`.
  public func write(to path: String) throws(MillError) { try WholeFile.write(html, to: path) }

  private var context: [String: Any] {
    let anchors = self.anchors
    return [
      "title": title,
      "style": ReportTemplate.style,
      "dateline": dateline.isEmpty ? [] : [dateline],
      "introduction": introduction.isEmpty ? [] : [Self.prose(introduction)],
      "keyNumbers": Self.list(Self.pairs(keyNumbers)),
      "contents": sections.count < 2
        ? []
        : [
          [
            "links": zip(sections, anchors).map {
              ["anchor": $1, "name": $0.title, "finding": $0.summary.isEmpty ? [] : [Self.prose($0.summary)]]
            }
          ]
        ] as [[String: Any]],
      "sections": zip(sections, anchors).map { section, anchor in
        [
          "anchor": anchor, "name": section.title,
          "summary": section.summary.isEmpty || section.hasFindings ? [] : [Self.prose(section.summary)],
          "explanation": section.explanation.isEmpty ? [] : [Self.prose(section.explanation)],
          "blocks": Self.blocks(of: section, anchor: anchor),
        ] as [String: Any]
      },
      "details": Self.list(Self.pairs(details)),
      "run": Self.list(Self.pairs(run)),
      "hasFooter": !details.isEmpty || !run.isEmpty,
    ]
  }

  /// One anchor a section, each different.
  private var anchors: [String] {
    var seen: Set<String> = []
    return sections.map { section in
      var base = String(section.id.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
      if base.isEmpty { base = "section" }
      var anchor = base
      var number = 2
      while !seen.insert(anchor).inserted {
        anchor = "\(base)-\(number)"
        number += 1
      }
      return anchor
    }
  }

  /// The template's view of a section's blocks: each has one key, the name of its kind.
  private static func blocks(of section: ReportSection, anchor: String) -> [[String: Any]] {
    var views: [[String: Any]] = []
    var figures: [[String: Any]] = []
    var figureCount = 0
    func closeFigures() {
      if !figures.isEmpty { views.append(["figures": ["each": figures]]) }
      figures = []
    }
    for block in section.blocks {
      if case .figure(let figure) = block {
        figureCount += 1
        figures.append(view(of: figure, prefix: "\(anchor)-\(figureCount)"))
        continue
      }
      closeFigures()
      switch block {
      case .paragraph(let text): views.append(["paragraph": prose(text)])
      case .heading(let text): views.append(["heading": text])
      case .keyNumbers(let numbers): views.append(["numbers": list(pairs(numbers))])
      case .table(let table): views.append(["table": table.html])
      case .code(let text): views.append(["code": text])
      case .note(let text): views.append(["note": prose(text)])
      case .finding(let text): views.append(["finding": prose(text)])
      case .figure: break
      }
    }
    closeFigures()
    return views
  }

  private static func view(of figure: ReportFigure, prefix: String) -> [String: Any] {
    let picture = InlineSVG.element(figure.svg, prefix: prefix, title: figure.title)
    return [
      "picture": picture.map { [$0] } ?? [],
      "absent": picture == nil,
      "wide": figure.isWide,
      "name": figure.title,
      "caption": prose(figure.caption),
    ]
  }

  private static func pairs(_ numbers: [KeyNumber]) -> [[String: Any]] {
    numbers.map { ["value": $0.value, "label": $0.label] }
  }

  /// A list wrapped so that the template can put markup around it, and none where it is empty.
  private static func list(_ entries: [[String: Any]]) -> [[String: Any]] { entries.isEmpty ? [] : [["each": entries]] }

  /// Escaped text in which what stands between backticks is code.
  static func prose(_ text: String) -> String {
    let parts = escapedHTML(text).split(separator: "`", omittingEmptySubsequences: false)
    var result = ""
    for (index, part) in parts.enumerated() {
      if index.isMultiple(of: 2) {
        result += part
      } else if index == parts.count - 1 {
        result += "`" + part
      } else {
        result += "<code>\(part)</code>"
      }
    }
    return result
  }
}
