package import MillRuntime

/// The items `0..<keys.count` by their keys, equal ones ascending: a counting sort.
///
/// - Parameters:
///   - keys: Not negative; memory follows the largest.
///   - isDescending: Whether the largest key comes first.
/// - Complexity: O(items + largest key), 8 bytes each. One thread.
package func countingOrder(of keys: FlatBuffer<Int>, isDescending: Bool = false) throws(MillError) -> FlatBuffer<Int> {
  let largest = unsafe keys.elements.max() ?? 0
  let places = try FlatBuffer<Int>(count: largest + 2)
  func bin(_ item: Int) -> Int { unsafe isDescending ? largest - keys.base[item] : keys.base[item] }
  for item in 0..<keys.count { unsafe places.base[bin(item) + 1] += 1 }
  for bin in 0...largest { unsafe places.base[bin + 1] += places.base[bin] }
  let items = try FlatBuffer<Int>(uninitializedCount: keys.count)
  for item in 0..<keys.count {
    let bin = bin(item)
    unsafe items.base[places.base[bin]] = item
    unsafe places.base[bin] += 1
  }
  return items
}
