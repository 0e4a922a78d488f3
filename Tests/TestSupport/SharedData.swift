import Glibc
public import Testing

/// The folder of real graphs that tests use where it is present.
public enum SharedData {
  /// The folder: the environment variable `GRAPHMILL_SHARED_DATA`, else `shared/data` beside the package.
  public static let folder: String = {
    if let path = getenv("GRAPHMILL_SHARED_DATA") { return String(cString: path) }
    let package = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return (package.dropLast() + ["shared", "data"]).joined(separator: "/")
  }()

  /// The path of a file in the folder.
  public static func path(_ name: String) -> String { folder + "/" + name }

  /// The path of a file that is part of this package's Datasets folder.
  public static func committed(_ name: String) -> String {
    let support = #filePath.split(separator: "/").dropLast(3)
    return "/" + support.joined(separator: "/") + "/Datasets/" + name
  }

  /// The path of a file that tests read and that no test can make.
  public static func fixture(_ name: String) -> String {
    let support = #filePath.split(separator: "/").dropLast(1)
    return "/" + support.joined(separator: "/") + "/Fixtures/" + name
  }

  /// Whether a file is there and may be read.
  public static func has(_ name: String) -> Bool { access(path(name), R_OK) == 0 }

  /// Reads two columns of numbers, separated by a tab, and a third as weight where there is one; `#` begins a comment
  /// line.
  ///
  /// - Parameter nodeCount: The number of nodes; nil takes the largest number + 1.
  public static func graph(_ name: String, nodeCount: Int? = nil) throws -> TestGraph {
    try graph(atPath: path(name), name, nodeCount: nodeCount)
  }

  /// The same for a file anywhere.
  public static func graph(atPath path: String, _ name: String = "", nodeCount: Int? = nil) throws -> TestGraph {
    guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
    defer { fclose(file) }
    var edges: [TestGraph.Edge] = []
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 && $0 != 13 }.map(UInt8.init), as: UTF8.self)
      if text.isEmpty || text.hasPrefix("#") { continue }
      let fields = text.split(separator: "\t")
      guard fields.count >= 2, let u = Int(fields[0]), let v = Int(fields[1]) else {
        throw Unreadable(path: "\(path): \(text)")
      }
      edges.append(.init(u, v, fields.count > 2 ? Double(fields[2]) ?? 1 : 1))
    }
    let largest = edges.map { max($0.source, $0.target) }.max() ?? -1
    return TestGraph(name, nodeCount: nodeCount ?? largest + 1, edges: edges)
  }

  /// The labels in a column of a file whose rows are a node's number and its labels, numbered as they first occur, shape
  /// `[nodeCount]`; -1 for nodes that it does not have.
  ///
  /// - Parameter column: 1 for the first column of labels.
  public static func labels(_ name: String, column: Int = 1, nodeCount: Int) throws -> [Int32] {
    guard let file = fopen(path(name), "r") else { throw Unreadable(path: path(name)) }
    defer { fclose(file) }
    var numbers: [String: Int32] = [:]
    var result = [Int32](repeating: -1, count: nodeCount)
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 && $0 != 13 }.map(UInt8.init), as: UTF8.self)
      if text.isEmpty || text.hasPrefix("#") { continue }
      let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count > column, let node = Int(fields[0]), node < nodeCount else {
        throw Unreadable(path: "\(name): \(text)")
      }
      let number = numbers[fields[column]] ?? Int32(numbers.count)
      numbers[fields[column]] = number
      result[node] = number
    }
    return result
  }

  /// A shared file that is not as expected.
  public struct Unreadable: Error, Sendable {
    /// The file, and the line where there is one.
    public let path: String
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, with a message, where one of the graphs `graphs/NAME.txt.gz` of ``SharedData`` is absent.
  public static func needsSharedData(graphs names: [String]) -> Self {
    let absent = names.map { "graphs/\($0).txt.gz" }.first { !SharedData.has($0) }
    return .enabled(
      if: absent == nil,
      "the shared data file \(absent ?? "") is absent; set GRAPHMILL_SHARED_DATA to its folder")
  }

  /// Skips a test, with a message, where a file of ``SharedData`` is absent.
  public static func needsSharedData(_ name: String) -> Self {
    .enabled(
      if: SharedData.has(name), "the shared data file \(name) is absent; set GRAPHMILL_SHARED_DATA to its folder")
  }
}
