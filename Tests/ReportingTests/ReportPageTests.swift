import Foundation
import Testing

@testable import Reporting

@Suite struct ReportPageTests {
  static let evil = "<img src=x onerror=alert(1)> & \"q\" 'a' {{title}}"
  static let escapedEvil = "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;q&quot; &#39;a&#39; {{title}}"

  static func picture(_ title: String) -> String {
    """
    <?xml version="1.0"?>
    <svg width="10.00" height="34.00" viewBox="0 0 10.00 34.00" xmlns="http://www.w3.org/2000/svg">
    <title>\(escapedHTML(title))</title>
    <text class="title" x="16">\(escapedHTML(title))</text>
    <circle id="dot" r="1" stroke="#22272e" fill="#0b7285"/><use href="#dot"/>
    </svg>
    """
  }

  static var page: ReportPage {
    var table = Table(evil, columns: [.text(evil)])
    table.append([.text(evil)])
    var section = ReportSection(id: "first one", title: evil, summary: evil, explanation: evil)
    section.add(.paragraph("run `graphmill <x>` now"))
    section.add(.heading(evil))
    section.add(.keyNumbers([KeyNumber(evil, evil)]))
    section.add(.table(table))
    section.add(.figure(ReportFigure(evil, caption: evil, svg: picture(evil))))
    section.add(.figure(ReportFigure("B", caption: "same ids", svg: picture("B"), isWide: true)))
    section.add(.code(evil))
    section.add(.note(evil))
    return ReportPage(
      title: evil, introduction: evil, keyNumbers: [KeyNumber(1_234, evil)],
      sections: [section, ReportSection(id: "first/one", title: "Second")], details: [KeyNumber(evil, evil)])
  }

  @Test("No text becomes markup") func escaping() {
    let html = Self.page.html
    #expect(!html.contains("<img"))
    #expect(html.ranges(of: Self.escapedEvil).count > 14)
    #expect(html.contains("<p>run <code>graphmill &lt;x&gt;</code> now</p>"))
    #expect(html.contains("<title>\(Self.escapedEvil)</title>"))
  }

  @Test("The page loads nothing and runs nothing") func selfContained() {
    let html = Self.page.html
    for forbidden in ["<script", "<link", "<iframe", "src=\"", "http:", "https:", "@import", "url(", "javascript:"] {
      #expect(!html.replacing("http%3A", with: "").contains(forbidden), "\(forbidden)")
    }
    for link in html.matches(of: /href="([^"]*)"/).map(\.output.1) { #expect(link.hasPrefix("#"), "\(link)") }
  }

  @Test func structure() {
    let html = Self.page.html
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">\n"))
    #expect(html.hasSuffix("</body>\n</html>\n"))
    for tag in ["section", "figure", "table", "main", "header", "footer", "div", "dl", "p", "svg", "nav", "span", "li"]
    {
      let opened = html.ranges(of: "<\(tag)>").count + html.ranges(of: "<\(tag) ").count
      let closed = html.ranges(of: "</\(tag)>").count
      #expect(opened > 0)
      #expect(opened == closed, "\(tag)")
    }
    #expect(html.contains("<a href=\"#first-one\">") && html.contains("<section id=\"first-one\">"))
    #expect(html.contains("<a href=\"#first-one-2\">Second</a>") && html.contains("<section id=\"first-one-2\">"))
    let ids = html.matches(of: /\sid=["']([^"']*)["']/).map(\.output.1)
    #expect(Set(ids).count == ids.count && ids.count == 4)
    #expect(html.contains("href=\"#first-one-1-dot\""))
    #expect(html.contains("stroke=\"var(--ink)\" fill=\"var(--series-1)\""))
    #expect(html.contains("<figure class=\"wide\">") && !html.contains("class=\"title\""))
    #expect(html.contains("viewBox=\"0 24.00 10.00 10.00\""))
    #expect(Self.page.html == html)
  }

  @Test("A page without content has no empty parts") func empty() {
    let html = ReportPage(title: "T").html
    for absent in ["<nav", "<footer", "<dl", "class=\"lead\"", "<section"] { #expect(!html.contains(absent)) }
  }

  @Test("A strange picture is not shown", arguments: ["", "no picture", "<svg><script/></svg>", "</svg><svg>"])
  func noPicture(svg: String) {
    let section = ReportSection(
      id: "s", title: "S", blocks: [.figure(ReportFigure("T", caption: "C", svg: svg))])
    let html = ReportPage(title: "P", sections: [section]).html
    #expect(html.contains("no picture that can be shown"))
    #expect(!html.contains("<svg"))
  }

  @Test("Findings stand at the top with links, and once in their section")
  func findings() {
    let one = ReportSection(id: "a", title: "A", summary: "Found `x`.")
    let two = ReportSection(id: "b", title: "B", summary: "Both.", blocks: [.finding("Here."), .finding("There.")])
    let html = ReportPage(title: "P", sections: [one, two]).html
    #expect(html.contains("<li><a href=\"#a\">A</a> <span>Found <code>x</code>.</span></li>"))
    #expect(html.ranges(of: "Found <code>x</code>.").count == 2)
    #expect(html.ranges(of: "Both.").count == 1 && html.ranges(of: "<p class=\"summary\">Here.</p>").count == 1)
  }

  @Test("What differs from run to run stands below the title and at the very bottom")
  func runs() {
    var page = ReportPage(title: "P", sections: [ReportSection(id: "s", title: "S")], details: [KeyNumber("7", "seed")])
    let plain = page.html
    page.dateline = "today & here"
    page.run = [KeyNumber("1 s", "time")]
    let dated = page.html
    #expect(dated.contains("<p class=\"dateline\">today &amp; here</p>"))
    let rest = dated.replacing(/<p class="dateline">[^\n]*\n/, with: "")
      .replacing(/<dl class="run">(?s:.*)<\/dl>\n/, with: "")
    #expect(rest == plain)
  }

  @Test func write() throws {
    let folder = oddFolder()
    try Self.page.write(to: folder.path + "/report.html")
    #expect(folder.text(of: "report.html") == Self.page.html)
    #expect(folder.names == ["report.html"])
  }
}
