/// A binary min-heap on an array: its least element is `first`. The storage stays the caller's, who may keep it for the
/// next search.
///
/// Equal elements come out in an order that is the same for the same calls and that nothing else promises.
extension Array where Element: Comparable {
  /// Adds an element to an array that is a heap. O(log count).
  @inlinable package mutating func pushHeap(_ element: Element) {
    append(element)
    var child = count &- 1
    while child > 0 {
      let parent = (child &- 1) / 2
      if self[parent] <= element { break }
      self[child] = self[parent]
      child = parent
    }
    self[child] = element
  }

  /// Takes the least element out of an array that is a heap; nil where it is empty. O(log count).
  @inlinable package mutating func popHeap() -> Element? {
    guard let top = first else { return nil }
    let last = removeLast()
    if isEmpty { return top }
    var parent = 0
    while true {
      var child = 2 &* parent &+ 1
      if child >= count { break }
      if child &+ 1 < count, self[child &+ 1] < self[child] { child &+= 1 }
      if self[child] >= last { break }
      self[parent] = self[child]
      parent = child
    }
    self[parent] = last
    return top
  }
}
