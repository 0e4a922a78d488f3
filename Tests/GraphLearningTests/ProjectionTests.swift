import MillRuntime
import Testing

@testable import GraphLearning

@Suite("Projection on the parameters of largest magnitude")
struct ProjectionTests {
  private let math = MatrixMath(threads: 2)

  private func parameters(seed: UInt64 = 3) throws -> Parameters {
    var layout = ParameterLayout()
    layout.add("W1", rows: 50, ColumnPanels(cutting: 70), bound: 0.5)
    layout.addBeside(("W2", "W3"), rows: 70, storedRows: 80, ColumnPanels(whole: 5), bound: 0.2)
    layout.add("e", rows: 1, ColumnPanels(whole: 2), bound: 1)
    return try Parameters(layout, seed: seed)
  }

  private func weights(_ parameters: Parameters) throws -> [Float] {
    Array(try parameters.layout.gather(parameters.values))
  }

  @Test(
    "Exactly the smallest go, the others stay bit for bit, and again nothing changes", arguments: [1, 7, 2000, 4201])
  func smallest(removed: Int) throws {
    let parameters = try parameters()
    let before = try weights(parameters)
    #expect(before.count == 50 * 70 + 2 * 70 * 5 + 2 && before.allSatisfy { $0 != 0 })
    parameters.project(removing: removed, math)
    let after = try weights(parameters)
    #expect(after.count { $0 == 0 } == removed)
    let cut = before.map(\.magnitude).sorted()[removed - 1]
    for (old, new) in zip(before, after) { #expect(new == (old.magnitude <= cut ? 0 : old)) }
    parameters.project(removing: removed, math)
    #expect(try weights(parameters) == after)
  }

  @Test("Of equal magnitudes those go first that come first")
  func ties() throws {
    let parameters = try parameters()
    let count = parameters.layout.count
    let equal = try SharedArray<Float>(copying: (0..<count).map { $0 % 3 == 0 ? 2 : $0 % 3 == 1 ? -0.5 : 0.5 })
    parameters.layout.scatter(equal, into: parameters.values)
    parameters.project(removing: 1000, math)
    let small = (0..<count).filter { $0 % 3 != 0 }
    let after = try weights(parameters)
    for (rank, place) in small.enumerated() { #expect(after[place] == (rank < 1000 ? 0 : equal[place])) }
    #expect((0..<count).allSatisfy { $0 % 3 != 0 || after[$0] == 2 })
  }

  @Test("Zeros that are there already count")
  func zeros() throws {
    let parameters = try parameters()
    parameters.project(removing: 500, math)
    let before = try weights(parameters)
    parameters.project(removing: 300, math)
    #expect(try weights(parameters) == before)
  }

  @Test("A share comes to the next whole number of parameters")
  func share() throws {
    let parameters = try parameters()
    #expect(parameters.count(ofShare: 0.5) == 2101)
    #expect(parameters.count(ofShare: 0) == 0)
    #expect(parameters.count(ofShare: 0.0001) == 1)
  }
}
