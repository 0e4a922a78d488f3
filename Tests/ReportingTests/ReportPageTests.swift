import Foundation
import Testing

@testable import Reporting

@Suite struct ReportPageTests {
  static let evil = "<img src=x onerror=alert(1)> & \"q\" 'a' {{title}}"
  static let escapedEvil = "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;q&quot; &#39;a&#39; {{title}}"

  static func chart(_ title: String) -> DrawnChart {
    DrawnChart(
      title: title, stem: "picture",
      svg: """
        <?xml version="1.0"?>
        <svg viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
        <circle id='dot' r='1' stroke='rgb( 34,  39,  46)' fill="#0b7285"/><use xlink:href='#dot'/>
        </svg>
        """)
  }

  static var page: ReportPage {
    var table = Table(evil, columns: [.text(evil)])
    table.append([.text(evil)])
    var section = ReportSection(id: "first one", title: evil, summary: evil)
    section.add(.paragraph("run `graphmill <x>` now"))
    section.add(.heading(evil))
    section.add(.keyNumbers([KeyNumber(evil, evil)]))
    section.add(.table(table))
    section.add(.figure(ReportFigure(evil, chart: chart(evil), folder: "figures")))
    section.add(.figure(ReportFigure("same ids", chart: chart("B"), folder: "http://x.example/")))
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
    for link in html.matches(of: /href="([^"]*)"/).map(\.output.1) {
      #expect(link.hasPrefix("#") || link.hasPrefix("./"), "\(link)")
    }
    #expect(html.contains("<a href=\"./figures/picture.csv\">picture.csv</a>"))
  }

  @Test func structure() {
    let html = Self.page.html
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">\n"))
    #expect(html.hasSuffix("</body>\n</html>\n"))
    for tag in ["section", "figure", "table", "main", "header", "footer", "div", "dl", "p", "svg", "nav", "span"] {
      let opened = html.ranges(of: "<\(tag)>").count + html.ranges(of: "<\(tag) ").count
      let closed = html.ranges(of: "</\(tag)>").count
      #expect(opened > 0)
      #expect(opened == closed, "\(tag)")
    }
    #expect(html.contains("<a href=\"#first-one\">") && html.contains("<section id=\"first-one\">"))
    #expect(html.contains("<a href=\"#first-one-2\">Second</a>") && html.contains("<section id=\"first-one-2\">"))
    let ids = html.matches(of: /\sid=["']([^"']*)["']/).map(\.output.1)
    #expect(Set(ids).count == ids.count && ids.count == 4)
    #expect(html.contains("href='#first-one-1-dot'"))
    #expect(html.contains("stroke='var(--ink)' fill=\"var(--series-1)\""))
    #expect(Self.page.html == html)
  }

  @Test("A page without content has no empty parts") func empty() {
    let html = ReportPage(title: "T").html
    for absent in ["<nav", "<footer", "<dl", "class=\"lead\"", "<section"] { #expect(!html.contains(absent)) }
  }

  @Test(
    "A missing or strange picture is said, its files are kept",
    arguments: [nil, "no picture", "<svg><script/></svg>"])
  func noPicture(svg: String?) {
    let drawn = DrawnChart(title: "T", stem: "t", svg: svg)
    let section = ReportSection(id: "s", title: "S", blocks: [.figure(ReportFigure("C", chart: drawn))])
    let html = ReportPage(title: "P", sections: [section]).html
    #expect(html.contains("Not drawn: gnuplot is not installed"))
    #expect(html.contains("<a href=\"./t.gp\">t.gp</a>"))
    #expect(!html.contains("<svg"))
  }

  @Test func write() throws {
    let folder = oddFolder()
    try Self.page.write(to: folder.path + "/report.html")
    #expect(folder.text(of: "report.html") == Self.page.html)
    #expect(folder.names == ["report.html"])
  }
}
