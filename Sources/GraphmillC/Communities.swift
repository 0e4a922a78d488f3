public import CGraphmill
import GraphStore
import HierarchicalCommunities
import MillRuntime

/// A tree of communities behind a handle, with its arrays as the header shows them.
final class TreeObject: Sendable {
  let result: CommunityResult
  let parents: SharedArray<Int32>
  let sizes: SharedArray<Int64>
  let similarities: SharedArray<Double>
  let leaves: SharedArray<Int32>

  init(_ result: CommunityResult) throws(MillError) {
    self.result = result
    let tree = result.hierarchy.tree
    parents = try SharedArray(copying: tree.parents)
    sizes = try SharedArray(copying: tree.sizes.map(Int64.init))
    similarities = try SharedArray(copying: tree.similarities)
    leaves = try SharedArray(copying: result.hierarchy.leaves)
  }
}

/// Finds a tree of communities.
@c @implementation
public func gm_communities(
  _ handle: OpaquePointer?, _ given: UnsafePointer<gm_community_options>?, _ context: OpaquePointer?, _ out: HandleOut,
  _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let graph = try unsafe graph(handle)
    let given = try unsafe options(given, gm_community_options())
    var wanted = CommunityOptions()
    if unsafe given.seed != 0 { wanted = unsafe wanted.seeded(given.seed) }
    if unsafe given.resolution != 0 {
      unsafe wanted.louvain.resolution = given.resolution
      unsafe wanted.leiden.resolution = given.resolution
    }
    if unsafe given.iterations != 0 { wanted.leiden.iterations = unsafe Int(given.iterations) }
    wanted.leiden.quality = try unsafe word(given.quality, "quality", .modularity)
    wanted.louvain.quality = wanted.leiden.quality
    if unsafe given.communities != 0 {
      wanted.bottomUp.communities = try unsafe number(
        given.communities, "the number of communities", in: 1...largestCount)
    }
    let method = try unsafe word(given.method, "method", CommunityMethod.bottomUp)
    return try unsafe TreeObject(
      communities(of: graph, method: method, options: wanted, context: GraphmillC.context(context)))
  }
}

/// Tells a tree's counts and arrays.
@c @implementation
public func gm_tree_get_view(
  _ handle: OpaquePointer?, _ view: UnsafeMutablePointer<gm_tree_view>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let object = try unsafe object(handle, TreeObject.self, "tree")
    let tree = object.result.hierarchy.tree
    let told = unsafe gm_tree_view(
      size: 0, height: Int32(tree.height), leaves: Int64(tree.leafCount), tree_nodes: Int64(tree.nodeCount),
      graph_nodes: Int64(object.leaves.count), parents: object.parents.base, sizes: object.sizes.base,
      similarities: object.similarities.base, leaf_of_node: object.leaves.base)
    try unsafe fill(view, told, "view")
  }
}

/// Cuts a tree into groups.
@c @implementation
public func gm_tree_labels(
  _ handle: OpaquePointer?, _ cut: UnsafePointer<CChar>?, _ value: Int64, _ labels: UnsafeMutablePointer<Int32>?,
  _ length: Int64, _ modularity: UnsafeMutablePointer<Double>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let result = try unsafe object(handle, TreeObject.self, "tree").result
    let cut = try unsafe result.cut(text(cut, "cut") ?? "usual", value)
    try unsafe copy(SharedArray(copying: result.labels(cut)), to: labels, length: length, "labels")
    unsafe modularity?.pointee = result.modularity(cut)
  }
}

extension CommunityResult {
  /// The cut of a word of the header.
  fileprivate func cut(_ name: String, _ value: Int64) throws(MillError) -> TreeCut {
    switch name {
    case "usual": return usualCut
    case "groups": return try cut(intoGroups: number(value, "the number of groups", in: 1...largestCount))
    case "at-most": return cutAtMost(try number(value, "the number of groups", in: 1...largestCount))
    case "depth": return hierarchy.tree.cut(atDepth: try number(value, "the depth", in: 0...largestCount))
    default:
      guard let criterion = CutCriterion(rawValue: name) else {
        let words = ["usual", "groups", "at-most", "depth"] + CutCriterion.allCases.map(\.rawValue)
        throw MillError(
          .badOption, "there is no such cut", field: name, hint: "there are: \(words.joined(separator: ", "))")
      }
      guard let cut = bestCut(criterion) else {
        throw MillError(.badOption, "a tree of this method has no best cut", field: method.rawValue)
      }
      return cut
    }
  }
}

/// Writes a tree in Newick form.
@c @implementation
public func gm_tree_newick(
  _ handle: OpaquePointer?, _ offsets: UnsafePointer<Int64>?, _ bytes: UnsafePointer<CChar>?, _ out: HandleOut,
  _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let tree = try unsafe object(handle, TreeObject.self, "tree").result.hierarchy.tree
    guard unsafe offsets != nil else { return try Block(Array(tree.newick().utf8)) }
    let table = try unsafe labels(offsets, bytes, count: tree.leafCount)
    let names = (0..<table.count).map { String(decoding: table[$0], as: UTF8.self) }
    return try Block(Array(tree.newick(names: names).utf8))
  }
}

/// Writes a tree as SciPy's linkage.
@c @implementation
public func gm_tree_linkage(_ handle: OpaquePointer?, _ out: HandleOut, _ error: HandleOut) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let rows = try unsafe object(handle, TreeObject.self, "tree").result.hierarchy.tree.linkageRows()
    return try Block(rows.flatMap { [Double($0.a), Double($0.b), $0.distance, Double($0.leaves)] })
  }
}

/// Gives a tree back.
@c @implementation
public func gm_tree_free(_ tree: OpaquePointer?) { unsafe free(tree, TreeObject.self) }
