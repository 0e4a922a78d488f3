public import CGraphmill
import Glibc
import GraphStore
import MillRuntime
import ProximityGraphs
import VectorStore

/// Which objects may be returned.
final class FilterObject: Sendable {
  let filter: SearchFilter
  init(_ filter: SearchFilter) { self.filter = filter }

  static func of(_ handle: OpaquePointer?) -> SearchFilter? {
    unsafe handle.map { unsafe Unmanaged<FilterObject>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue().filter }
  }
}

/// The settings of a search.
private func settings(_ given: UnsafePointer<gm_search_options>?) throws(MillError) -> SearchOptions {
  let given = try unsafe options(given, gm_search_options())
  var wanted = SearchOptions()
  wanted.exact = given.exact == 0 ? .automatic : given.exact > 0 ? .always : .never
  if given.ef != 0 { wanted.ef = try number(given.ef, "ef", in: 1...1 << 24) }
  if given.rerank != 0 { wanted.rerank = try number(max(0, given.rerank), "rerank", in: 0...1 << 24) }
  return wanted
}

/// Answers of a batch that are held at once.
private let answersAtOnce = 1 << 22

/// Finds the nearest objects.
@c @implementation
public func gm_index_search(
  _ handle: OpaquePointer?, _ queries: UnsafePointer<gm_rows>?, _ k: Int64, _ wanted: UnsafePointer<gm_search_options>?,
  _ filter: OpaquePointer?, _ context: OpaquePointer?, _ keys: UnsafeMutablePointer<Int64>?,
  _ distances: UnsafeMutablePointer<Float>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let table = try unsafe rows(queries)
    let k = try number(k, "k", in: 0...1 << 30)
    let wanted = try unsafe settings(wanted)
    let filter = unsafe FilterObject.of(filter)
    let context = unsafe GraphmillC.context(context)
    guard table.count > 0, k > 0 else { return }
    guard table.count.multipliedReportingOverflow(by: k).overflow == false else {
      throw MillError(.badOption, "so many answers are beyond the address space", field: "\(k)")
    }
    guard let keys = unsafe keys, let distances = unsafe distances else { throw .null("keys or distances") }
    try unsafe IndexObject.of(handle).read { index throws(MillError) in
      // One query goes its own way, which needs no memory for batches.
      guard table.count > 1 else {
        let found = try index.search(table.floats(0), k: k, options: wanted, filter: filter)
        for place in 0..<k {
          let answer = place < found.neighbors.count ? found.neighbors[place] : nil
          unsafe keys[place] = Int64(answer?.key ?? -1)
          unsafe distances[place] = answer?.distance ?? .infinity
        }
        return
      }
      // By parts, so that the answers on their way take no more memory than some queries and their neighbors do.
      let kept = min(k, max(1, index.count))
      let part = max(1, answersAtOnce / kept)
      for low in stride(from: 0, to: table.count, by: part) {
        let rows = table.borrowed(low..<min(table.count, low + part))
        let found = try index.search(rows, k: k, options: wanted, filter: filter, context: context).rows
        for row in 0..<rows.count {
          for place in 0..<k {
            let key = place < found.k ? found.ids[row * found.k + place] : -1
            unsafe keys[(low + row) * k + place] = key
            unsafe distances[(low + row) * k + place] = key < 0 ? .infinity : found.distances[row * found.k + place]
          }
        }
      }
    }
  }
}

/// Finds objects within a distance.
@c @implementation
public func gm_index_within(
  _ handle: OpaquePointer?, _ query: UnsafePointer<Float>?, _ dimension: Int64, _ radius: Float,
  _ wanted: UnsafePointer<gm_search_options>?, _ filter: OpaquePointer?, _ keys: HandleOut, _ distances: HandleOut,
  _ error: HandleOut
) -> Int32 {
  unsafe keys?.pointee = nil
  unsafe distances?.pointee = nil
  return unsafe door(error) { () throws(MillError) in
    let dimension = try number(dimension, "the dimension", in: 1...VectorTable.maximumDimension)
    guard let query = unsafe query else { throw .null("query") }
    let vector = unsafe Array(UnsafeBufferPointer(start: query, count: dimension))
    let wanted = try unsafe settings(wanted)
    let filter = unsafe FilterObject.of(filter)
    guard let keys = unsafe keys, let distances = unsafe distances else { throw .null("keys or distances") }
    let found = try unsafe IndexObject.of(handle).read { index throws(MillError) in
      try index.search(vector, radius: radius, options: wanted, filter: filter).neighbors
    }
    let blocks = (try Block(found.map { Int64($0.key) }), try Block(found.map(\.distance)))
    unsafe keys.pointee = owned(blocks.0)
    unsafe distances.pointee = owned(blocks.1)
  }
}

/// Makes a filter.
@c @implementation
public func gm_index_filter(
  _ handle: OpaquePointer?, _ given: UnsafePointer<Int64>?, _ count: Int64, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let count = try number(count, "the number of keys", in: 0...largestCount)
    let wanted = count == 0 ? [] : try unsafe keys(given, count: count)
    guard let wanted else { throw .null("keys") }
    return FilterObject(
      try unsafe IndexObject.of(handle).read { index throws(MillError) in index.filter(keys: wanted) })
  }
}

/// Gives a filter back.
@c @implementation
public func gm_filter_free(_ filter: OpaquePointer?) { unsafe free(filter, FilterObject.self) }

/// Makes the graph of nearest neighbors.
@c @implementation
public func gm_index_neighbor_graph(
  _ handle: OpaquePointer?, _ k: Int64, _ symmetry: UnsafePointer<CChar>?, _ weighted: Int32,
  _ wanted: UnsafePointer<gm_search_options>?, _ context: OpaquePointer?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let k = try number(k, "k", in: 0...1 << 30)
    let symmetry = try unsafe word(symmetry, "symmetry", NeighborSymmetry.union)
    let wanted = try unsafe settings(wanted)
    let context = unsafe GraphmillC.context(context)
    return GraphObject(
      try unsafe IndexObject.of(handle).read { index throws(MillError) in
        try index.neighborGraph(
          k: k, symmetry: symmetry, isWeighted: weighted != 0, options: wanted, context: context)
      })
  }
}

/// Tells what an index is.
@c @implementation
public func gm_index_get_info(
  _ handle: OpaquePointer?, _ info: UnsafeMutablePointer<gm_index_info>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let told = try unsafe IndexObject.of(handle).read { index throws(MillError) in
      unsafe gm_index_info(
        size: 0, m: Int32(index.options.m), read_only: index.isReadOnly ? 1 : 0, padding: 0, count: Int64(index.count),
        dimension: Int64(index.dimension), ef_construction: Int64(index.options.efConstruction),
        metric: constant(index.metric.rawValue), type: constant(index.vectors.elementType.rawValue))
    }
    try unsafe fill(info, told, "info")
  }
}

/// One of a few words as a C string that stays.
private func constant(_ word: String) -> UnsafePointer<CChar>? {
  unsafe constants.withLock { known in
    if let text = known[word] { return unsafe UnsafePointer(bitPattern: text) }
    let text = unsafe strdup(word)
    known[word] = UInt(bitPattern: text)
    return unsafe UnsafePointer(text)
  }
}
private let constants = Lock<[String: UInt]>.survivingFork([:])

/// Tells the keys of all objects.
@c @implementation
public func gm_index_keys(
  _ handle: OpaquePointer?, _ place: UnsafeMutablePointer<Int64>?, _ length: Int64, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let keys = try unsafe IndexObject.of(handle).read { index throws(MillError) in index.keys }
    try unsafe copy(SharedArray(copying: keys.map { Int64($0) }), to: place, length: length, "keys")
  }
}

/// Tells the vectors of some keys.
@c @implementation
public func gm_index_vectors(
  _ handle: OpaquePointer?, _ given: UnsafePointer<Int64>?, _ count: Int64,
  _ place: UnsafeMutablePointer<Float>?, _ dimension: Int64, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let count = try number(count, "the number of keys", in: 0...largestCount)
    guard count > 0 else { return }
    guard let keys = try unsafe keys(given, count: count), let place = unsafe place else {
      throw .null("keys or vectors")
    }
    try unsafe IndexObject.of(handle).read { index throws(MillError) in
      guard dimension == Int64(index.dimension) else {
        throw MillError(.badOption, "the vectors have \(index.dimension) elements", field: "\(dimension)")
      }
      for (row, key) in keys.enumerated() {
        guard let vector = index.vector(forKey: key) else {
          throw MillError(.unknownKey, "no object has the key \(key)")
        }
        for (i, value) in vector.enumerated() { unsafe place[row * index.dimension + i] = value }
      }
    }
  }
}
