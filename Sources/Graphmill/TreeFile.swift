import GraphFormats
import GraphSummarization
public import HierarchicalCommunities
public import MillRuntime

/// A tree as it was read, from whatever holds one.
public struct TreeReading: Sendable, Equatable {
  /// What a tree was read from.
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// What `CommunityTree.json(names:)` writes.
    case json
    case newick
    /// SciPy's linkage table.
    case linkage
    /// The forest of a summary.
    case summary
  }

  /// What it was read from.
  public let form: Form
  /// The tree with the names of its leaves; a forest where a summary has several trees.
  public let tree: RootedTree
  /// The name of each inner node; empty where it has none.
  public let innerNames: [String]
}

/// Reads a tree of communities (JSON, Newick, SciPy's linkage table) or the forest of a summary (`.gms`); the content of
/// the file decides.
///
/// - Throws: `MillError`: `unreadable`; kinds of bad data, with file and place.
/// - Complexity: O(bytes).
public func readTree(_ path: String, context: RunContext = .init()) throws(MillError) -> TreeReading {
  switch FileKind(path: path) {
  case .summary:
    let tree = try readSummary(path, context: context).tree(isNamed: true)
    guard tree.leafCount > 0 else { throw MillError(.malformed, "a summary without nodes has no tree", file: path) }
    return TreeReading(
      form: .summary, tree: tree, innerNames: [String](repeating: "", count: tree.innerNodes.count))
  case let kind?: throw MillError(.malformed, "a \(kind.title) is no tree", file: path)
  case nil:
    let (named, form) = try readNamedTree(path, context)
    do throws(MillError) {
      return TreeReading(form: form, tree: try named.tree.rooted.named(named.names), innerNames: named.innerNames)
    } catch {
      throw error.inFile(path)
    }
  }
}

extension CommunityTree.Named {
  /// Reads a tree of communities from a file: JSON, Newick, or SciPy's linkage table, told by its content.
  ///
  /// - Throws: `MillError`: `unreadable`, `malformed`, with file and place.
  public init(file path: String, context: RunContext = .init()) throws(MillError) {
    self = try readNamedTree(path, context).tree
  }
}

private func readNamedTree(
  _ path: String, _ context: RunContext
) throws(MillError) -> (tree: CommunityTree.Named, form: TreeReading.Form) {
  let file = try MappedFile(path: path, mapped: false)
  defer { withExtendedLifetime(file) {} }
  let head = unsafe file.bytes.first { ![9, 10, 13, 32, 0xef, 0xbb, 0xbf].contains($0) }
  do throws(MillError) {
    if head == UInt8(ascii: "{") { return (try CommunityTree.Named(json: readJSON(path, context: context)), .json) }
    let text = unsafe String(decoding: file.bytes, as: UTF8.self)
    return (try CommunityTree.Named(text: text), CommunityTree.Named.isNewick(text) ? .newick : .linkage)
  } catch {
    throw error.inFile(path)
  }
}
