/// Finds what a mistyped word was meant to be.
enum Suggestion {
  /// The candidate nearest to `word`; nil when none is near.
  ///
  /// Near is: one edit (insert, delete, replace, swap of neighbors) for every three letters, or a common start of
  /// three letters at least. Ties go to the earlier candidate.
  static func nearest(to word: String, in candidates: [String]) -> String? {
    let wanted = Array(word.lowercased().utf8)
    guard !wanted.isEmpty else { return nil }
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().utf8)
      var distance = editDistance(wanted, letters)
      let isStart = wanted.count >= 3 && letters.starts(with: wanted)
      if isStart { distance = 1 }
      guard isStart || distance <= max(1, max(wanted.count, letters.count) / 3) else { continue }
      if distance < best?.distance ?? Int.max { best = (distance, candidate) }
    }
    return best?.candidate
  }

  /// The number of insertions, deletions, replacements and swaps of neighbors that turn `a` into `b`.
  static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var value = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { value = min(value, beforeLast[j - 1] + 1) }
        row.append(value)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
