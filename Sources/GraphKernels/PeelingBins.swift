import GraphStore
import MillRuntime

/// Items in the order of their keys, which may fall by one while the items are taken one after the other.
///
/// All constant time: an item whose key falls changes places with the first of its bin, and the bin below takes it in.
@safe struct PeelingBins<ID: NodeIndex> {
  private let keys: UnsafeMutablePointer<UInt32>
  private let order: UnsafeMutablePointer<ID>
  private let places: UnsafeMutablePointer<ID>
  /// Bin k begins at `starts[k]`.
  private let starts: UnsafeMutablePointer<Int>
  private let buffers: (FlatBuffer<UInt32>, FlatBuffer<ID>, FlatBuffer<Int>)

  /// Sorts the items `0..<keys.count` by their keys, equal ones by number; the keys stay the caller's.
  init(keys buffer: FlatBuffer<UInt32>) throws(MillError) {
    let n = buffer.count
    let largest = unsafe Int(buffer.elements.max() ?? 0)
    let bins = try FlatBuffer<Int>(count: largest + 2)
    let ids = try FlatBuffer<ID>(uninitializedCount: 2 * n)
    buffers = (buffer, ids, bins)
    unsafe (keys, order, places, starts) = (buffer.base, ids.base, ids.base + n, bins.base)
    for item in 0..<n { unsafe starts[Int(keys[item]) + 1] += 1 }
    for key in 0...largest { unsafe starts[key + 1] += starts[key] }
    for item in 0..<n {
      let place = unsafe starts[Int(keys[item])]
      unsafe starts[Int(keys[item])] += 1
      unsafe order[place] = ID(truncatingIfNeeded: item)
      unsafe places[item] = ID(truncatingIfNeeded: place)
    }
    for key in stride(from: largest, to: 0, by: -1) { unsafe starts[key] = starts[key - 1] }
    unsafe starts[0] = 0
  }

  /// The item that is taken at a step.
  @inline(__always) func item(at place: Int) -> Int { unsafe Int(truncatingIfNeeded: order[place]) }
  @inline(__always) func key(of item: Int) -> UInt32 { unsafe keys[item] }

  /// Lowers the key of an item that is not taken yet and whose key is above that of the item just taken.
  @inline(__always) func lower(_ item: Int) {
    let key = unsafe keys[item]
    let place = unsafe Int(truncatingIfNeeded: places[item])
    let first = unsafe starts[Int(key)]
    let moved = unsafe order[first]
    unsafe order[first] = ID(truncatingIfNeeded: item)
    unsafe order[place] = moved
    unsafe places[item] = ID(truncatingIfNeeded: first)
    unsafe places[Int(truncatingIfNeeded: moved)] = ID(truncatingIfNeeded: place)
    unsafe starts[Int(key)] = first + 1
    unsafe keys[item] = key - 1
  }
}
