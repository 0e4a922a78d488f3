import Testing

@testable import Reporting

@Suite struct TableTests {
  static var table: Table {
    var table = Table(
      "Kept at 30 %",
      columns: [
        .text("method"), .init("edges"), .init("share", format: .percent(1)), .init("score", format: .decimals(3)),
        .init("seed", .center, format: .plain),
      ])
    table.append(["TEDDY", 1_234_567, 0.7, 0.12349999, 20000])
    table.append(["a|b <i>", 5, .number(.nan), -0.0001, .missing])
    return table
  }

  @Test func markdown() {
    #expect(
      Self.table.markdown == """
        **Kept at 30 %**

        | method      |     edges |  share | score | seed  |
        | ----------- | --------: | -----: | ----: | :---: |
        | TEDDY       | 1,234,567 | 70.0 % | 0.123 | 20000 |
        | a\\|b &lt;i> |         5 |    n/a | 0.000 |   –   |

        """)
  }

  @Test func plainText() {
    #expect(
      Self.table.plainText == """
        Kept at 30 %

        method       edges   share  score  seed
        -------  ---------  ------  -----  -----
        TEDDY    1,234,567  70.0 %  0.123  20000
        a|b <i>          5     n/a  0.000    –

        """)
  }

  @Test func tsv() {
    var table = Self.table
    table.append(["tab\there\\\n", 0, 1e-7, 3.0, 0])
    #expect(
      table.tsv == """
        method\tedges\tshare\tscore\tseed
        TEDDY\t1234567\t0.7\t0.12349999\t20000
        a|b <i>\t5\t\t-0.0001\t
        tab\\there\\\\\\n\t0\t1e-07\t3\t0

        """)
  }

  @Test func html() {
    var table = Table("<b> & \"quotes\"", columns: [.text("it's"), .init("n")])
    table.append(["<script>alert(1)</script>", 12_345])
    #expect(
      table.html == """
        <table>
        <caption>&lt;b&gt; &amp; &quot;quotes&quot;</caption>
        <thead>
        <tr><th scope="col" class="left">it&#39;s</th><th scope="col" class="right">n</th></tr>
        </thead>
        <tbody>
        <tr><td class="left">&lt;script&gt;alert(1)&lt;/script&gt;</td><td class="right">12,345</td></tr>
        </tbody>
        </table>

        """)
  }

  @Test func tablesWithoutRows() {
    let table = Table(columns: [.text("only")])
    #expect(table.markdown == "| only |\n| ---- |\n")
    #expect(table.plainText == "only\n----\n")
    #expect(table.tsv == "only\n")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func groupedIntegers(value: Int, text: String) { #expect(NumberText.grouped(value) == text) }

  @Test func decimals() {
    #expect(NumberText.fixed(1_234.5, decimals: 2) == "1,234.50")
    #expect(NumberText.fixed(-0.001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(-999_999.996, decimals: 2) == "-1,000,000.00")
    #expect(NumberText.fixed(.infinity, decimals: 1) == "n/a")
    #expect(NumberText.fixed(2.5, decimals: 0) == "2")
    #expect(NumberText.fixed(1e300, decimals: 17).count > 300)
    #expect(NumberText.significant(0.000012345, digits: 3) == "1.23e-05")
    #expect(NumberText.exact(-0.0) == "0")
    #expect(NumberText.exact(0.1) == "0.1")
  }

  @Test("Winners: the best as shown, of those that compete; none where all are alike or alone")
  func winners() {
    var table = Table(
      columns: [
        .init("share"), .text("method"), .init("high", format: .decimals(1), winner: .highest),
        .init("low", winner: .lowest),
      ])
    table.append([1, "a", 0.51, 3])
    table.append([1, "b", 0.54, .missing])
    table.append([1, "c", 0.2, 3])
    table.append([2, "d", 0.9, 1])
    #expect(
      table.winners.map { $0.map { $0 ? 1 : 0 } } == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]])
    table.contest = 0
    // 0.51 and 0.54 are both 0.5; the two 3 tie; the row of share 2 has no rival.
    #expect(
      table.winners.map { $0.map { $0 ? 1 : 0 } } == [[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    #expect(table.markdown.contains("**0.5**") && !table.plainText.contains("*") && !table.tsv.contains("*"))
    #expect(table.html.contains("<td class=\"right best\">0.5</td>"))
    let wide = Table(columns: (0..<7).map { .init("c\($0)") })
    #expect(wide.html.contains("<table class=\"wide\">") && !Self.table.html.contains("wide"))
  }
}
