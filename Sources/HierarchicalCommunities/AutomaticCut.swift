import Glibc
import MillRuntime

/// What makes a flat cut good.
public enum CutCriterion: String, Sendable, CaseIterable, Codable {
  /// The largest modularity.
  case modularity
  /// The shortest description of the graph by a degree-corrected block model, the model's own cost included.
  case descriptionLength = "description-length"
  /// The largest ratio of densities between a merge that is kept and the next one.
  case gap
}

extension CommunityTree {
  /// The best of all cuts that undo the last merges.
  ///
  /// - Parameters:
  ///   - criterion: What is best.
  ///   - links: Edges between the leaves of this tree.
  /// - Complexity: O(K³).
  /// - Source: Newman, Girvan, Physical Review E 69, 2004 (modularity); Peixoto, Physical Review Letters 110, 148701, 2013
  ///   (description length).
  public func bestCut(_ criterion: CutCriterion, links: GroupLinks) -> TreeCut {
    let cuts = (1...max(1, leafCount)).map { cutAtMost($0) }
    let distinct = cuts.indices.filter { $0 == 0 || cuts[$0].count != cuts[$0 - 1].count }.map { cuts[$0] }
    guard criterion != .gap else { return gapCut(distinct) }
    var best: (score: Double, cut: TreeCut)?
    for cut in distinct {
      let merged = links.merged(by: cut.groupOfLeaf, count: cut.count)
      let score = criterion == .modularity ? merged.modularity : -merged.descriptionLength
      if best.map({ score > $0.score + 1e-12 * abs($0.score) }) ?? true { best = (score, cut) }
    }
    return best!.cut
  }

  /// The cut before the largest drop of density; a drop to 0 counts as the largest.
  private func gapCut(_ cuts: [TreeCut]) -> TreeCut {
    var best = (ratio: 1.0, cut: cuts[0])
    for index in cuts.indices.dropFirst() {
      // What the cut refuses is the tightest inner node that it opens; what it keeps, the loosest that it does not.
      let groups = Set(cuts[index].nodes)
      var opened = [Bool](repeating: false, count: nodeCount)
      for node in cuts[index].nodes {
        var parent = Int(parents[node])
        while parent >= 0, !opened[parent] {
          opened[parent] = true
          parent = Int(parents[parent])
        }
      }
      let refused = innerNodes.filter { opened[$0] }.map { similarities[$0] }.max() ?? 0
      let kept = groups.filter { $0 >= leafCount }.map { similarities[$0] }.min()
      guard let kept else { continue }
      let ratio = refused > 0 ? kept / refused : kept > 0 ? .infinity : 1
      if ratio > best.ratio { best = (ratio, cuts[index]) }
    }
    return best.cut
  }
}

extension GroupLinks {
  /// The counts of groups of groups.
  ///
  /// - Complexity: O(K + p log p) with p linked pairs of groups.
  public func merged(by groupOf: [Int32], count merged: Int) -> GroupLinks {
    var sizes = [Int](repeating: 0, count: merged)
    var inside = [UInt64](repeating: 0, count: merged)
    var members = [[Int]](repeating: [], count: merged)
    for a in 0..<count {
      sizes[Int(groupOf[a])] += self.sizes[a]
      inside[Int(groupOf[a])] += self.inside[a]
      members[Int(groupOf[a])].append(a)
    }
    var builder = GroupLinkRows(groups: merged)
    for group in 0..<merged {
      var sums: [Int32: UInt64] = [:]
      for a in members[group] {
        for place in row(a) {
          let b = Int(others[place])
          let other = groupOf[b]
          if Int(other) != group {
            sums[other, default: 0] += weights[place]
          } else if b < a {
            inside[group] += weights[place]
          }
        }
      }
      for (other, sum) in sums.sorted(by: { $0.key < $1.key }) { builder.append(other, sum) }
      builder.endRow()
    }
    return GroupLinks(sizes: sizes, inside: inside, rows: builder, unit: unit)
  }

  /// The sum of degrees of each group, in units of ``unit``: integers, so every sum is exact.
  private var volumes: [Double] {
    (0..<count).map { a in
      Double(row(a).reduce(2 * inside[a]) { $0 + weights[$1] })
    }
  }

  /// The modularity of the groups.
  public var modularity: Double {
    let volumes = self.volumes
    let total = volumes.reduce(0, +)
    guard total > 0 else { return 0 }
    return (0..<count).reduce(0.0) { sum, a in
      let share = volumes[a] / total
      return sum + 2 * Double(inside[a]) / total - share * share
    }
  }

  /// Nats to describe the edges by a degree-corrected Poisson block model, up to a constant: fit, block counts, labels.
  public var descriptionLength: Double {
    let volumes = self.volumes.map { $0 * unit }
    let edges = volumes.reduce(0, +) / 2
    guard edges > 0 else { return 0 }
    var fit = 0.0
    func add(_ a: Int, _ b: Int, _ weight: UInt64) {
      let between = Double(weight) * unit * (a == b ? 2 : 1)
      if between > 0 { fit -= between * log(between / (volumes[a] * volumes[b])) / 2 }
    }
    for a in 0..<count {
      var isInside = false
      for place in row(a) {
        if !isInside, Int(others[place]) > a {
          add(a, a, inside[a])
          isInside = true
        }
        add(a, Int(others[place]), weights[place])
      }
      if !isInside { add(a, a, inside[a]) }
    }
    let x = Double(count * (count + 1)) / 2 / edges
    let model = edges * ((1 + x) * log(1 + x) - x * log(x))
    return fit + model + Double(sizes.reduce(0, +)) * log(Double(count))
  }
}
