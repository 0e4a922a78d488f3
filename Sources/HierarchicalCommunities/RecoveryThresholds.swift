import Glibc
import MillRuntime

/// Which levels of a hierarchy can be recovered from a graph of its size and density at all.
public struct RecoveryThresholds: Sendable, Equatable {
  /// The expected degree, c.
  public let meanDegree: Double
  /// Eigenvalues of the expected adjacency matrix, descending; the first is about c.
  public let eigenvalues: [Double]
  /// How many of them a spectral method can see: lambda² > c.
  public let detectableCount: Int
  /// The divergence D_q of each depth q = 1, 2, …: exact recovery is possible above 1 and impossible below.
  public let divergences: [Double]

  /// Groups of a found hierarchy up to which thresholds are computed.
  public static let largestCount = 256

  /// Depths that can be recovered without error, ascending.
  public var recoverableDepths: [Int] { divergences.indices.filter { divergences[$0] > 1 }.map { $0 + 1 } }

  /// The thresholds of a block model.
  ///
  /// - Complexity: O(K³).
  /// - Source: Dreveton, Kuroda, Grossglauser, Thiran, arXiv 2306.00833, section 3 (divergence); Kesten, Stigum, Annals of
  ///   Mathematical Statistics 37, 1966, as used for detection by Decelle et al., Physical Review E 84, 2011.
  public init(_ model: HierarchicalBlockModel) {
    let k = model.leafCount
    self.init(
      sizes: model.sizes, tree: model.tree,
      densities: (0..<k * k).map { model.chance($0 / k, $0 % k) })
  }

  /// The thresholds of a hierarchy that was found, from the densities that were measured: advice, since they carry the
  /// errors of what was found.
  ///
  /// - Returns: nil for more than ``largestCount`` groups.
  /// - Complexity: O(K³).
  public init?(_ links: GroupLinks, tree: CommunityTree) {
    let k = links.count
    guard k <= Self.largestCount, k == tree.leafCount else { return nil }
    self.init(
      sizes: links.sizes, tree: tree,
      densities: (0..<k * k).map { index in
        let density = links.density(index / k, index % k)
        return density.isNaN ? 0 : min(1, density)
      })
  }

  private init(sizes: [Int], tree: CommunityTree, densities: [Double]) {
    let k = sizes.count
    let n = Double(sizes.reduce(0, +))
    var degree = 0.0
    var matrix = [Double](repeating: 0, count: k * k)
    for a in 0..<k {
      for b in 0..<k {
        let (s, t) = (Double(sizes[a]), Double(sizes[b]))
        degree += densities[a * k + b] * s * t / max(n, 1)
        matrix[a * k + b] = densities[a * k + b] * (s * t).squareRoot()
      }
    }
    meanDegree = degree
    eigenvalues = SymmetricEigen.decompose(matrix, size: k).values.reversed()
    detectableCount = max(1, eigenvalues.count { $0 > 0 && $0 * $0 > degree })
    let scale = n > 1 ? n / Logarithm.natural(n) : 0
    divergences = Self.leastDivergences(tree, PairDivergences(sizes, densities, n, scale))
  }

  /// For each depth the least divergence of two leaves that are apart there: each pair is looked at once, at the depth of
  /// its common ancestor, and only where its divergence can be the least.
  private static func leastDivergences(_ tree: CommunityTree, _ pairs: PairDivergences) -> [Double] {
    let k = tree.leafCount
    let (depths, height) = (tree.depths, tree.height)
    let ancestors = CommonAncestors(tree)
    var apart = [[(bound: Double, a: Int, b: Int)]](repeating: [], count: height)
    for a in 0..<k {
      for b in 0..<a { apart[depths[ancestors.deepest(a, b)]].append((pairs.bound(a, b), a, b)) }
    }
    var least = Double.infinity
    return apart.map { candidates in
      for (bound, a, b) in candidates.sorted(by: { ($0.bound, $0.a, $0.b) < ($1.bound, $1.a, $1.b) }) {
        if bound >= least { break }
        least = min(least, pairs.divergence(a, b))
      }
      return least
    }
  }
}

/// The Chernoff-Hellinger divergences of pairs of leaves.
private struct PairDivergences {
  private let sizes: [Int]
  /// Densities in units of ln n / n, and their roots.
  private let rates: [Double]
  private let roots: [Double]
  private let n: Double

  init(_ sizes: [Int], _ densities: [Double], _ n: Double, _ scale: Double) {
    self.sizes = sizes
    self.n = n
    rates = densities.map { $0 * scale }
    roots = rates.map { $0.squareRoot() }
  }

  /// What the divergence is at least: its value in the middle, less room for rounding.
  func bound(_ a: Int, _ b: Int) -> Double {
    let k = sizes.count
    var (sum, scale) = (0.0, 0.0)
    for c in 0..<k {
      let (i, j) = (a * k + c, b * k + c)
      let difference = roots[i] - roots[j]
      sum += Double(sizes[c]) / n * difference * difference / 2
      scale += Double(sizes[c]) / n * (rates[i] + rates[j])
    }
    return sum - 1e-12 * scale
  }

  /// CH(a, b); concave in t, so the maximum is found by golden section.
  func divergence(_ a: Int, _ b: Int) -> Double {
    let k = sizes.count
    func value(_ t: Double) -> Double {
      var sum = 0.0
      for c in 0..<k {
        let (p, q) = (rates[a * k + c], rates[b * k + c])
        let product = p > 0 && q > 0 ? pow(p, t) * pow(q, 1 - t) : 0
        sum += Double(sizes[c]) / n * (t * p + (1 - t) * q - product)
      }
      return sum
    }
    let ratio = 0.6180339887498949
    var (low, high) = (0.0, 1.0)
    var (x, y) = (1 - ratio, ratio)
    var (fx, fy) = (value(x), value(y))
    for _ in 0..<60 {
      if fx < fy {
        (low, x, fx) = (x, y, fy)
        y = low + ratio * (high - low)
        fy = value(y)
      } else {
        (high, y, fy) = (y, x, fx)
        x = high - ratio * (high - low)
        fx = value(x)
      }
    }
    return max(0, value((low + high) / 2), value(0.5))
  }
}

extension RecoveryThresholds {
  /// D_1, D_2, … of a balanced binary tree.
  ///
  /// - Parameter a: Chances of an edge by the depth of the common ancestor, in units of ln n / n, from the root down.
  /// - Returns: One divergence a depth, falling.
  public static func balancedBinary(rates a: [Double]) -> [Double] {
    let d = a.count - 1
    guard d > 0 else { return [] }
    return (1...d).map { q in
      let k = q - 1
      func square(_ j: Int) -> Double {
        let root = a[j].squareRoot() - a[k].squareRoot()
        return root * root
      }
      var sum = square(d)
      for j in stride(from: k + 1, to: d, by: 1) { sum += Double(1 << (d - 1 - j)) * square(j) }
      return sum / Double(1 << d)
    }
  }

  /// Eigenvalues lambda_0 … lambda_d of the expected adjacency matrix of a balanced binary tree; lambda_q has the
  /// multiplicity 2^(q - 1).
  ///
  /// - Parameters:
  ///   - p: By the depth of the common ancestor, from the root down.
  ///   - leafSize: Nodes of each leaf.
  public static func balancedBinaryEigenvalues(chances p: [Double], leafSize: Int) -> [Double] {
    let d = p.count - 1
    let m = Double(leafSize)
    return (0...max(0, d)).map { q in
      var sum = p[d]
      for j in stride(from: q, to: d, by: 1) { sum += Double(1 << (d - 1 - j)) * p[j] }
      return m * (sum - (q > 0 ? Double(1 << (d - q)) * p[q - 1] : 0))
    }
  }
}
