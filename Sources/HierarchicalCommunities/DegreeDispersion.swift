extension CommunityGraph {
  /// Whether degrees vary so much that densities alone mislead: a variance of more than 4 times the mean, where a block
  /// model of equal groups has about the mean. A rule of thumb, chosen on half a dozen real graphs.
  var isDispersed: Bool {
    var squares = 0.0
    for i in 0..<nodeCount {
      let d = unsafe Double(offsets[i + 1] - offsets[i])
      squares += d * d
    }
    let mean = Double(arcCount) / Double(max(1, nodeCount))
    return squares / Double(max(1, nodeCount)) - mean * mean > 4 * mean
  }
}
