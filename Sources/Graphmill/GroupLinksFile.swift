public import HierarchicalCommunities
public import MillRuntime

/// Reads edges between groups that were counted elsewhere.
///
/// A text of whole numbers behind blanks or tabs; `#` begins a comment. First a line a group, `group nodes`, groups 0, 1, …
/// in order; then a line a pair that has edges, `group group edges`, each pair once, a group with itself for the edges
/// inside.
///
/// - Throws: `MillError`: `unreadable`; `malformed` with line; what `GroupLinks.init(sizes:pairs:)` refuses.
/// - Complexity: O(bytes) and the sort of the pairs.
public func readGroupLinks(_ path: String) throws(MillError) -> GroupLinks {
  let file = try MappedFile(path: path, mapped: false)
  defer { withExtendedLifetime(file) {} }
  var sizes: [Int] = []
  var pairs: [GroupPair] = []
  let lines = unsafe file.bytes.split(separator: 10, omittingEmptySubsequences: false)
  let lineCount = unsafe lines.count
  for line in 0..<lineCount {
    let text = unsafe String(decoding: lines[line], as: UTF8.self)
    let fields = text.prefix { $0 != "#" }.split { $0.isWhitespace }
    guard !fields.isEmpty else { continue }
    let numbers = fields.compactMap { UInt64($0) }
    let isSize = numbers.count == 2 && pairs.isEmpty && numbers[0] == UInt64(sizes.count)
    guard numbers.count == fields.count, isSize || numbers.count == 3, numbers.allSatisfy({ $0 < 1 << 62 }) else {
      throw MillError(
        .malformed, "neither the size of group \(sizes.count) nor a pair of groups with its edges", file: path,
        line: line + 1, field: String(text.prefix(60)))
    }
    if isSize {
      sizes.append(Int(numbers[1]))
    } else {
      pairs.append(GroupPair(Int(numbers[0]), Int(numbers[1]), edges: numbers[2]))
    }
  }
  do throws(MillError) { return try GroupLinks(sizes: sizes, pairs: pairs) } catch { throw error.inFile(path) }
}
