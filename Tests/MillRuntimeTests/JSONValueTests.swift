import Foundation
import MillRuntime
import Testing

@Suite struct JSONValueTests {
  private let sample: JSONValue = [
    "b": [1, -2, true, nil], "a": ["x": 0.1, "": "q\"\\/\n\u{1}é😀"], "empty": [[:], []],
  ]

  @Test func compactTextHasSortedKeys() {
    #expect(
      sample.text() == #"{"a":{"":"q\"\\/\n\u0001é😀","x":0.1},"b":[1,-2,true,null],"empty":[{},[]]}"#)
  }

  @Test func prettyText() {
    let value: JSONValue = ["b": [1, []], "a": [:]]
    #expect(value.text(pretty: true) == "{\n  \"a\": {},\n  \"b\": [\n    1,\n    []\n  ]\n}")
  }

  @Test("Keys are in the order of their bytes")
  func keyOrder() {
    let value: JSONValue = ["é": 1, "z": 2, "Z": 3, "a": 4, "aa": 5, "😀": 6, "\u{ffff}": 7]
    #expect(value.text() == "{\"Z\":3,\"a\":4,\"aa\":5,\"z\":2,\"é\":1,\"\u{ffff}\":7,\"😀\":6}")
  }

  @Test(
    "Doubles read back to the same value",
    arguments: [
      0.1, 1.0 / 3, 1e-5, 1e21, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .leastNormalMagnitude, -2.5,
      123_456_789.125, 1e16, 0x1p53 + 2, 0,
    ] as [Double])
  func doubles(value: Double) throws {
    let text = JSONValue.number(value).text()
    #expect(Double(text) == value)
    let parsed = try JSONSerialization.jsonObject(with: Data("[\(text)]".utf8)) as? [Double]
    #expect(parsed == [value])
  }

  @Test func numbersThatJSONLacks() {
    #expect(JSONValue.array([.number(.nan), .number(.infinity), .number(-.infinity)]).text() == "[null,null,null]")
  }

  @Test func integers() {
    #expect(JSONValue(UInt64.max) == .unsigned(.max))
    #expect(JSONValue(UInt64(7)) == .integer(7))
    let list = JSONValue.array([.integer(.min), .integer(.max), JSONValue(UInt64.max)])
    #expect(list.text() == "[-9223372036854775808,9223372036854775807,18446744073709551615]")
  }

  @Test func members() {
    var value: JSONValue = [:]
    value["a"] = 1
    value["b"] = JSONValue(nil as String?)
    #expect(value == ["a": 1, "b": nil])
    value["a"] = .none
    #expect(value.text() == #"{"b":null}"#)
    #expect(JSONValue.integer(3)["a"] == nil)
  }

  @Test("Every text below 128 survives a foreign parser")
  func escapes() throws {
    let all = String(decoding: 0..<128, as: UTF8.self)
    let parsed = try JSONSerialization.jsonObject(with: Data(JSONValue.array([.string(all)]).text().utf8)) as? [String]
    #expect(parsed == [all])
  }

  @Test func encodesLikeItsText() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(String(decoding: try encoder.encode(sample), as: UTF8.self) == sample.text())
  }
}
