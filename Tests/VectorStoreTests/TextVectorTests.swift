import MillRuntime
import Testing

@testable import VectorStore

@Suite struct TextVectorTests {
  struct Accepted: Sendable, CustomTestStringConvertible {
    var text: String
    var rows: [[Float]]
    var header: [String]?
    var keys: VectorKeys?
    var warnings = 0
    var options = VectorReadOptions()
    var testDescription: String { text }
  }

  static let accepted: [Accepted] = [
    // pandas without an index, as in the shared cases: fractions tell the header.
    Accepted(
      text: "0,1,2\n0.5,1.5,2.5\n1.5,0.5,0.5\n2.5,2.5,1.5\n",
      rows: [[0.5, 1.5, 2.5], [1.5, 0.5, 0.5], [2.5, 2.5, 1.5]],
      header: ["0", "1", "2"], warnings: 1),
    // Whole numbers do not tell; it is said.
    Accepted(text: "0,1,2\n5,6,7\n", rows: [[0, 1, 2], [5, 6, 7]], warnings: 1),
    Accepted(
      text: "0,1,2\n5,6,7\n", rows: [[5, 6, 7]], header: ["0", "1", "2"], options: .init(hasHeader: true)),
    Accepted(text: "0,1,2\n5.5,6,7\n", rows: [[0, 1, 2], [5.5, 6, 7]], options: .init(hasHeader: false)),
    // pandas with its index.
    Accepted(
      text: ",0,1\r\n0,0.5,1\r\n1,2,3\r\n", rows: [[0.5, 1], [2, 3]], header: ["", "0", "1"], keys: .numbers([0, 1])),
    Accepted(
      text: "id;x;y\n7;1;2\n9;3;4\n", rows: [[1, 2], [3, 4]], header: ["id", "x", "y"], keys: .numbers([7, 9])),
    Accepted(
      text: "x,y,id\n1,2,5\n3,4,6\n", rows: [[1, 2], [3, 4]], header: ["x", "y", "id"], keys: .numbers([5, 6])),
    Accepted(text: "x,y\n1,2\n", rows: [[1, 2]], header: ["x", "y"]),
    // R's write.table: names of rows, whose column has none.
    Accepted(
      text: "V1 V2\na 1 2\nb 3 4\n", rows: [[1, 2], [3, 4]], header: ["", "V1", "V2"], keys: .names(["a", "b"])),
    // GloVe's text, with a comma as a word.
    Accepted(text: "the 0.5 1\n, 2 3\n", rows: [[0.5, 1], [2, 3]], keys: .names(["the", ","])),
    // word2vec and fastText.
    Accepted(
      text: "2 3\ncat 1 2 3 \ndog 4 5 6 \n", rows: [[1, 2, 3], [4, 5, 6]], keys: .names(["cat", "dog"])),
    Accepted(text: "3 2\ncat 1 2\ndog 4 5\n", rows: [[1, 2], [4, 5]], keys: .names(["cat", "dog"]), warnings: 1),
    Accepted(
      text: "name\ta\tb\nNew York\t1\t2\n\"a \"\"b\"\"\"\t3\t4\n", rows: [[1, 2], [3, 4]], header: ["name", "a", "b"],
      keys: .names(["New York", "a \"b\""])),
    Accepted(text: "\u{feff}1|2\n3|4\n", rows: [[1, 2], [3, 4]]),
    Accepted(text: "# x y\n1 2\n\n  3   4  \n", rows: [[1, 2], [3, 4]]),
    Accepted(text: "1, 2, 3\n4, 5, 6", rows: [[1, 2, 3], [4, 5, 6]]),
    Accepted(text: "1\t2\n3 \t 4\n", rows: [[1, 2], [3, 4]]),
    Accepted(text: "-1e3,+2.5,.5\n1.,0x1p4,1E-2\n", rows: [[-1000, 2.5, 0.5], [1, 16, 0.01]]),
    Accepted(text: "5\n6\n", rows: [[5], [6]]),
  ]

  @Test("Texts as other programs write them", arguments: accepted)
  func accepts(fixture: Accepted) throws {
    let read = try reading(text: fixture.text, options: fixture.options)
    #expect(read.rows == fixture.rows)
    #expect(read.report.header == fixture.header && read.keys == fixture.keys)
    #expect(read.report.warnings.count == fixture.warnings, "\(read.report.warnings)")
    // Without a last line end, with other line ends and through another name it is the same.
    let other = fixture.text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
    #expect(try reading(text: other, "-", options: fixture.options).rows == fixture.rows)
  }

  @Test(
    "Refusals name line, row and column",
    arguments: [
      ("1,,3\n,5,6\n7,8,\n", 1, "row 0, column 1 is empty"), ("1,2,3\n,5,6\n", 2, "row 1, column 0 is empty"),
      ("1,2,3\n7,8,\n", 2, "row 1, column 2 is empty"), ("1\t\t3\n", 1, "row 0, column 1 is empty"),
      ("1 2\n3 x\n", 2, "row 1, column 1 is not a number"), ("1,5;2\n3,5;4\n", 1, "row 0, column 0 is not a number"),
      ("x;y\n1,5;2\n3,5;4\n", 2, "row 0, column 0 is not a number"), (",5,6\n,8,9\n", 1, "row 0, column 0 is empty"),
      ("NA,5\nNA,6\n", 1, "row 0, column 0 is not a number"),
      ("a,b\n1,nan\n", 2, "row 0, column 1 is not a finite number"),
      ("1 2\n3 1e39\n", 2, "row 1, column 1 does not fit the element type f32"),
      ("1 2\n3\n", 2, "row 1 has 1 fields, the first has 2"), ("1,x,3\n4,5,6\n", 1, "row 0, column 1 is not a number"),
      ("\"a,1\n2,3\n", 1, "a quote does not end"), ("x,y\n", 1, "no vectors behind the header"),
      ("id\n4\n5\n", 1, "no elements beside the keys"), ("a,b,c\n1,2\n", 1, "the header has 3 fields, the first row 2"),
    ])
  func refuses(text: String, line: Int, message: String) throws {
    let options = VectorReadOptions(hasHeader: text == "x,y\n" ? true : nil)
    let failure = #expect(throws: MillError.self) { try reading(text: text, options: options) }
    #expect(failure?.message == message && failure?.line == line, "\(String(describing: failure))")
    #expect(failure?.exitCode == 65)
  }

  @Test("Numbers are rounded once, as the standard library rounds them", arguments: 0..<20 as Range<UInt64>)
  func numbers(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "text numbers")
    let texts = (0..<300).map { _ -> String in
      let digits = String((0..<1 + Int(random.below(19))).map { _ in Character("\(random.below(10))") })
      switch random.below(5) {
      case 0: return digits
      case 1: return "-" + digits + "." + digits
      case 2: return "0." + String(repeating: "0", count: Int(random.below(30))) + digits
      case 3: return "\(Float(bitPattern: UInt32(random.below(0x7f00_0000))))"
      // Half-way between two floats, and a little beside.
      default:
        let float = Float(bitPattern: 0x3f00_0000 + UInt32(random.below(0x100_0000)))
        return "\((Double(float) + Double(float.nextUp)) / 2)" + (random.below(2) == 0 ? "" : "1")
      }
    }
    let read = try reading(text: texts.joined(separator: "\n"), options: .init(hasHeader: false))
    #expect(read.rows.map { $0[0] } == texts.map { Float($0) ?? .nan })
  }
}
