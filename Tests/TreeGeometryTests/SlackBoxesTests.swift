import MillRuntime
import Testing

@testable import TreeGeometry

@Suite struct SlackBoxesTests {
  @Test("By hand: a hundredth gets a third")
  func smallShare() throws {
    let found = try slackBoxes(of: TreeSamples.star(2), weights: [99, 1], options: SlackBoxOptions(rho: 3))
    #expect(zip(found.sides.prefix(8), [0, 2 / 3, 0, 1, 2 / 3, 1 / 3, 0, 1]).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(abs(found.volume(of: 0) / found.shares[0] - 0.6734) < 1e-4)
    #expect(abs(found.volume(of: 1) / found.shares[1] - 33.333) < 1e-3)
  }

  @Test("No side is longer than rho times another; volumes are at least (1 - 1/rho)^depth of their share; boxes nest")
  func guarantees() throws {
    for kind in TreeSamples.Weights.allCases {
      for (d, rho) in [(1, 3.0), (2, 3), (2, 10), (3, 4), (8, 5)] {
        let tree = try TreeSamples.random(leaves: 150, seed: UInt64(d))
        for isExact in [false, true] {
          let options = SlackBoxOptions(dimensions: d, rho: rho, isExactAbove: isExact)
          let found = try slackBoxes(of: tree, weights: kind.values(150, seed: 2), options: options)
          check(found, d, rho, isExact, "\(kind) \(d) \(rho) \(isExact)")
        }
      }
    }
  }

  private func check(_ found: SlackBoxes, _ d: Int, _ rho: Double, _ isExact: Bool, _ name: Comment) {
    let depths = found.tree.depths
    for node in 0..<found.tree.nodeCount where found.shares[node] > 0 {
      #expect(found.sideRatio(of: node) <= rho * (1 + 1e-12), name)
      let least = power(1 - 1 / rho, depths[node])
      #expect(found.volume(of: node) >= least * found.shares[node] * (1 - 1e-9), name)
      if isExact { #expect(found.volume(of: node) <= found.shares[node] * (1 + 1e-9), name) }
      guard found.tree.parents[node] >= 0 else { continue }
      let parent = Int(found.tree.parents[node])
      for axis in 0..<d {
        let (a, b) = (2 * (node * d + axis), 2 * (parent * d + axis))
        #expect(found.sides[a] >= found.sides[b] - 1e-15, name)
        #expect(found.sides[a] + found.sides[a + 1] <= found.sides[b] + found.sides[b + 1] + 1e-15, name)
      }
    }
  }

  @Test("Roots are right to the last bits", arguments: 1...8)
  func roots(d: Int) {
    for value in [1e-200, 0.3, 1, 2, 10, 1e100] {
      #expect(abs(power(root(value, of: d), d) - value) <= 1e-14 * value)
    }
    #expect(root(0, of: d) == 0)
  }

  @Test("Wrong options and weights are refused; the same bytes for 1, 2 and 4 threads")
  func refusals() throws {
    for bad in [SlackBoxOptions(dimensions: 0), SlackBoxOptions(dimensions: 9), SlackBoxOptions(rho: 2.9)] {
      #expect(throws: MillError.self) { try slackBoxes(of: TreeSamples.star(2), options: bad) }
    }
    #expect(throws: MillError.self) { try slackBoxes(of: TreeSamples.star(2), weights: [-1, 2]) }
    let tree = try TreeSamples.random(leaves: 300, seed: 1)
    let found = try [1, 2, 4].map { try slackBoxes(of: tree, context: RunContext(threads: $0)) }
    #expect(found[0] == found[1] && found[0] == found[2])
  }
}
