/// The best quality of all partitions of `count` nodes, by restricted growth strings.
func bestOfAllPartitions(of count: Int, _ quality: (_ labels: [Int32]) -> Double) -> Double {
  var labels = [Int32](repeating: 0, count: count)
  var best = -Double.infinity
  func extend(_ node: Int, _ used: Int32) {
    guard node < count else {
      best = max(best, quality(labels))
      return
    }
    for group in 0...used {
      labels[node] = group
      extend(node + 1, max(used, group + 1))
    }
  }
  extend(0, 0)
  return best
}
