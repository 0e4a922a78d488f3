import CMillKernels
import MillRuntime

/// k-means on the rows of an embedding: greedy k-means++ starts on a sample, the best of them polished on all rows.
///
/// - Source: Arthur, Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007, section 2 and the greedy
///   variant of section 5.
@safe struct KMeans: @unchecked Sendable {
  private let rows: UnsafePointer<Float>
  private let count: Int
  private let stride: Int
  private let dimensions: Int
  private let clusters: Int
  private let padded: Int
  private let threads: Int

  private static let chunkRows = 4096
  private static let candidates = 3

  /// Cluster labels of shape `[count]`, in 0..<clusters.
  ///
  /// - Parameters:
  ///   - starts: Starts on the sample; the one with the least spread is polished.
  ///   - seed: Of sample and starts.
  static func run(
    _ rows: FlatBuffer<Float>, count: Int, stride: Int, dimensions: Int, clusters: Int, starts: Int, seed: UInt64,
    threads: Int
  ) throws(MillError) -> [Int32] {
    guard clusters > 1, count > clusters else {
      return clusters > 1 ? (0..<Int32(count)).map { $0 } : [Int32](repeating: 0, count: count)
    }
    let stream = RandomStream(seed: seed, stage: "k-means")
    let sampleSize = min(count, max(4096, 64 * clusters))
    let sample = try FlatBuffer<Float>(count: sampleSize * stride)
    var random = stream.item(0)
    var taken = 0
    // Selection sampling keeps the order of the nodes.
    for i in 0..<count where taken < sampleSize {
      if random.below(UInt64(count - i)) < UInt64(sampleSize - taken) {
        unsafe (sample.base + taken * stride).update(from: rows.base + i * stride, count: stride)
        taken += 1
      }
    }
    let small = unsafe KMeans(
      rows: sample.base, count: sampleSize, stride: stride, dimensions: dimensions, clusters: clusters, threads: threads
    )
    var best: (spread: Double, centers: [Float])?
    for start in 0..<UInt64(max(1, starts)) {
      var random = stream.item(1 + start)
      let seeds = small.seedCenters(&random)
      let outcome = try small.refine(seeds, rounds: 100)
      if best.map({ outcome.spread < $0.spread }) ?? true { best = (outcome.spread, outcome.centers) }
    }
    let all = unsafe KMeans(
      rows: rows.base, count: count, stride: stride, dimensions: dimensions, clusters: clusters, threads: threads)
    return try withExtendedLifetime((sample, rows)) { () throws(MillError) in
      try all.refine(best!.centers, rounds: 10).labels
    }
  }

  private init(
    rows: UnsafePointer<Float>, count: Int, stride: Int, dimensions: Int, clusters: Int, threads: Int
  ) {
    unsafe self.rows = rows
    self.count = count
    self.stride = stride
    self.dimensions = dimensions
    self.clusters = clusters
    self.threads = threads
    padded = (clusters + 15) / 16 * 16
  }

  private struct Outcome {
    var labels: [Int32]
    var centers: [Float]
    var spread: Double
  }

  /// Lloyd rounds until at most one row in a thousand moves.
  private func refine(_ start: [Float], rounds: Int) throws(MillError) -> Outcome {
    var centers = start
    var labels = [Int32](repeating: -1, count: count)
    var scores = [Float](repeating: 0, count: count)
    var spread = 0.0
    for _ in 0..<max(1, rounds) {
      let old = labels
      assign(centers, &labels, &scores)
      var moved = 0
      for i in 0..<count where labels[i] != old[i] { moved += 1 }
      (centers, spread) = means(&labels, scores)
      if moved * 1000 <= count { break }
    }
    return Outcome(labels: labels, centers: centers, spread: spread)
  }

  /// The nearest center of each row, and how well it fits: the larger the score, the nearer.
  private func assign(_ centers: [Float], _ labels: inout [Int32], _ scores: inout [Float]) {
    var transposed = [Float](repeating: 0, count: dimensions * padded)
    var bias = [Float](repeating: .infinity, count: padded)
    for k in 0..<clusters {
      var square: Float = 0
      for d in 0..<dimensions {
        let value = centers[k * dimensions + d]
        transposed[d * padded + k] = value
        square += value * value
      }
      bias[k] = square / 2
    }
    let (rows, stride, dimensions, padded) = unsafe (rows, stride, dimensions, padded)
    unsafe labels.withUnsafeMutableBufferPointer { labels in
      unsafe scores.withUnsafeMutableBufferPointer { scores in
        unsafe transposed.withUnsafeBufferPointer { centers in
          unsafe bias.withUnsafeBufferPointer { bias in
            let (labels, scores) = (labels.baseAddress!, scores.baseAddress!)
            let (centers, bias) = (centers.baseAddress!, bias.baseAddress!)
            Parallel.forEachRange(of: count, size: Self.chunkRows, threads: threads) { range, _ in
              let at = range.lowerBound
              unsafe mill_nearest_centers(
                rows + at * stride, Int64(range.count), Int64(stride), Int64(dimensions), centers, bias, Int64(padded),
                labels + at, scores + at)
            }
          }
        }
      }
    }
  }

  /// The mean of each cluster and the sum of squared distances to the means. An empty cluster takes the row that fits
  /// worst from a cluster that can spare one.
  private func means(_ labels: inout [Int32], _ scores: [Float]) -> (centers: [Float], spread: Double) {
    var counts = [Int](repeating: 0, count: clusters)
    for label in labels { counts[Int(label)] += 1 }
    for empty in 0..<clusters where counts[empty] == 0 {
      var worst = -1
      for i in 0..<count where counts[Int(labels[i])] > 1 && (worst < 0 || scores[i] < scores[worst]) { worst = i }
      guard worst >= 0 else { break }
      counts[Int(labels[worst])] -= 1
      labels[worst] = Int32(empty)
      counts[empty] = 1
    }
    let width = clusters * dimensions
    let chunks = Parallel.chunkCount(count, size: Self.chunkRows)
    var partial = [Double](repeating: 0, count: chunks * (width + 1))
    let (rows, stride, dimensions) = unsafe (rows, stride, dimensions)
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      unsafe labels.withUnsafeBufferPointer { labels in
        let (base, labels) = (partial.baseAddress!, labels.baseAddress!)
        Parallel.forEachRange(of: count, size: Self.chunkRows, threads: threads) { range, _ in
          let sums = unsafe base + range.lowerBound / Self.chunkRows * (width + 1)
          var squares = 0.0
          for i in range {
            let row = unsafe rows + i &* stride
            let sum = unsafe sums + Int(labels[i]) &* dimensions
            var square: Float = 0
            for d in 0..<dimensions {
              unsafe sum[d] += Double(row[d])
              unsafe square += row[d] * row[d]
            }
            squares += Double(square)
          }
          unsafe sums[width] = squares
        }
      }
    }
    var sums = [Double](repeating: 0, count: width + 1)
    for chunk in 0..<chunks {
      for k in 0...width { sums[k] += partial[chunk * (width + 1) + k] }
    }
    var spread = sums[width]
    var centers = [Float](repeating: 0, count: width)
    for k in 0..<clusters where counts[k] > 0 {
      for d in 0..<dimensions {
        let mean = sums[k * dimensions + d] / Double(counts[k])
        centers[k * dimensions + d] = Float(mean)
        spread -= mean * sums[k * dimensions + d]
      }
    }
    return (centers, spread)
  }

  /// Greedy k-means++: each next center is the best of a few rows drawn by squared distance.
  private func seedCenters(_ random: inout CounterRandom) -> [Float] {
    var chosen = [Int(random.below(UInt64(count)))]
    var distances = (0..<count).map { squaredDistance($0, chosen[0]) }
    while chosen.count < clusters {
      var total = 0.0
      for distance in distances { total += Double(distance) }
      var best: (sum: Double, row: Int, distances: [Float])?
      for _ in 0..<Self.candidates {
        let row = total > 0 ? draw(distances, random.unit() * total) : Int(random.below(UInt64(count)))
        var reduced = distances
        var sum = 0.0
        unsafe reduced.withUnsafeMutableBufferPointer { reduced in
          for i in 0..<count {
            unsafe reduced[i] = min(reduced[i], squaredDistance(i, row))
            unsafe sum += Double(reduced[i])
          }
        }
        if best.map({ sum < $0.sum }) ?? true { best = (sum, row, reduced) }
      }
      chosen.append(best!.row)
      distances = best!.distances
    }
    return chosen.flatMap { row in (0..<dimensions).map { unsafe rows[row * stride + $0] } }
  }

  private func draw(_ distances: [Float], _ target: Double) -> Int {
    var sum = 0.0
    for i in 0..<count {
      sum += Double(distances[i])
      if sum > target { return i }
    }
    return distances.lastIndex { $0 > 0 } ?? count - 1
  }

  @inline(__always) private func squaredDistance(_ a: Int, _ b: Int) -> Float {
    let (x, y) = unsafe (rows + a &* stride, rows + b &* stride)
    var sum: Float = 0
    for d in 0..<dimensions {
      let difference = unsafe x[d] - y[d]
      sum += difference * difference
    }
    return sum
  }
}
