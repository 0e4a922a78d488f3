import HierarchicalCommunities
import MillRuntime
import Testing

/// Values of scikit-learn 1.9.1 (and, for the matching, SciPy's linear_sum_assignment).
@Suite struct PartitionScoresTests {
  struct Case: Sendable {
    let a: [Int32]
    let b: [Int32]
    let ami: Double
    let ari: Double
    let nmi: Double
    let accuracy: Double

    init(_ a: [Int32], _ b: [Int32], ami: Double, ari: Double, nmi: Double, accuracy: Double) {
      (self.a, self.b) = (a, b)
      (self.ami, self.ari, self.nmi, self.accuracy) = (ami, ari, nmi, accuracy)
    }
  }

  static let cases = [
    Case(
      [2, 2, 0, 2, 1, 1, 1, 0, 2, 0, 0, 1],
      [2, 2, 1, 2, 1, 1, 1, 0, 2, 0, 0, 1],
      ami: 0.7684471566881921, ari: 0.7372013651877133, nmi: 0.8180535942155689, accuracy: 0.9166666666666666),
    Case(
      [1, 2, 0, 3, 1, 0, 2, 3, 3, 3, 1, 0, 3, 2, 3, 0, 0, 2, 1, 1, 3, 0, 2, 1, 1, 3, 0, 1, 0, 0],
      [1, 1, 0, 2, 0, 0, 2, 3, 0, 4, 1, 3, 3, 5, 3, 5, 0, 2, 2, 1, 3, 0, 2, 4, 1, 5, 0, 1, 2, 0],
      ami: 0.2260601339598596, ari: 0.24412314350349168, nmi: 0.3846474819002479, accuracy: 0.6),
    Case(
      [
        3, 2, 3, 4, 3, 1, 2, 2, 0, 0, 3, 2, 1, 3, 2, 4, 3, 4, 2, 1, 1, 4, 2, 0, 4, 4, 0, 0, 3, 2, 1, 0, 0, 4,
        4, 4, 2, 0, 1, 2, 4, 1, 2, 2, 2, 2, 3, 0, 4, 4, 3, 1, 2, 2, 1, 0, 3, 0, 3, 0,
      ],
      [
        1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0,
        0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0,
      ],
      ami: 0.3549042456389229, ari: 0.22718114079351293, nmi: 0.37612781516169547, accuracy: 0.4166666666666667),
    Case(
      [4, 0, 3, 0, 0, 1, 5, 2, 2, 4, 0, 6, 3, 6, 5, 1, 2, 4, 5, 6, 3, 0, 6, 5, 4],
      [2, 4, 2, 0, 6, 6, 0, 5, 2, 0, 5, 5, 0, 0, 0, 6, 6, 5, 4, 0, 1, 3, 3, 0, 1],
      ami: -0.030193670550304915, ari: -0.010436432637571158, nmi: 0.40168685562381506, accuracy: 0.4),
    Case(
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 2, 1, 1, 3, 3, 2, 3, 2, 3, 2, 1, 2, 2, 3],
      ami: 0.0, ari: 0.0, nmi: 0.0, accuracy: 0.375),
    Case(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
      [0, 2, 0, 0, 1, 1, 2, 0, 2, 1, 0, 0, 0, 0, 1, 0, 1, 0, 2, 2],
      ami: -5.448915316506475e-15, ari: 0.0, nmi: 0.5152932071824293, accuracy: 0.15),
    Case(
      [
        7, 2, 3, 7, 7, 0, 5, 0, 5, 0, 5, 8, 3, 7, 2, 0, 4, 8, 6, 2, 2, 2, 5, 5, 5, 1, 6, 8, 1, 3, 4, 5, 8, 5,
        8, 2, 5, 6, 7, 8, 4, 5, 6, 0, 6, 7, 5, 6, 7, 4, 0, 5, 5, 2, 3, 2, 1, 4, 3, 0, 2, 5, 0, 1, 2, 2, 8, 8,
        3, 5, 4, 2, 1, 6, 6, 8, 3, 8, 8, 7, 7, 2, 5, 5, 3, 5, 4, 0, 3, 6, 7, 4, 0, 4, 3, 6, 6, 0, 8, 1, 4, 8,
        0, 2, 7, 2, 5, 0, 1, 2, 4, 5, 4, 0, 5, 2, 3, 2, 0, 1, 3, 7, 7, 8, 2, 8, 3, 3, 2, 0, 7, 3, 5, 4, 4, 3,
        1, 6, 8, 6, 4, 8, 8, 4, 1, 2, 5, 8, 4, 7, 0, 1, 4, 1, 2, 5, 8, 7, 2, 8, 0, 0, 7, 1, 7, 3, 5, 4, 4, 7,
        6, 5, 7, 4, 0, 2, 0, 5, 2, 5, 0, 8, 7, 1, 5, 1, 6, 3, 5, 2, 4, 4, 3, 1, 1, 6, 7, 7, 5, 0,
      ],
      [
        3, 0, 3, 3, 3, 2, 1, 0, 0, 0, 1, 2, 3, 3, 2, 0, 0, 1, 2, 0, 1, 2, 2, 1, 1, 1, 2, 3, 2, 1, 0, 3, 0,
        1, 1, 3, 2, 2, 3, 3, 0, 1, 2, 0, 2, 0, 1, 2, 3, 0, 0, 1, 3, 0, 3, 2, 1, 0, 2, 0, 2, 0, 0, 1, 3, 3,
        0, 0, 3, 1, 0, 2, 1, 2, 0, 0, 3, 0, 0, 3, 3, 2, 1, 1, 0, 2, 0, 0, 3, 2, 3, 0, 0, 0, 3, 2, 2, 1, 0,
        2, 2, 0, 2, 2, 2, 2, 1, 1, 1, 2, 0, 1, 0, 0, 0, 2, 3, 0, 1, 1, 1, 0, 3, 0, 2, 0, 3, 3, 2, 0, 3, 3,
        2, 3, 0, 3, 2, 1, 3, 2, 0, 0, 2, 2, 1, 2, 1, 0, 0, 0, 0, 1, 0, 3, 2, 1, 2, 3, 1, 0, 0, 3, 3, 1, 3,
        3, 2, 1, 0, 0, 3, 1, 3, 1, 0, 1, 2, 3, 2, 1, 0, 0, 3, 1, 1, 0, 2, 3, 1, 3, 3, 0, 3, 1, 1, 2, 3, 0,
        1, 0,
      ],
      ami: 0.2367982561489949, ari: 0.17514545949385094, nmi: 0.26399166681506414, accuracy: 0.345),
  ]

  @Test("Scores are scikit-learn's", arguments: 0..<cases.count)
  func published(index: Int) throws {
    let entry = Self.cases[index]
    let scores = try partitionScores(entry.a, entry.b)
    #expect(abs((scores.ami ?? .nan) - entry.ami) < 1e-12)
    #expect(abs((scores.ari ?? .nan) - entry.ari) < 1e-12)
    #expect(abs((scores.nmi ?? .nan) - entry.nmi) < 1e-12)
    #expect(abs((scores.accuracy ?? .nan) - entry.accuracy) < 1e-12)
    #expect(try adjustedMutualInformation(entry.a, entry.b) == scores.ami)
  }

  @Test("AMI alone, of many groups, of none, of unequal lengths")
  func amiAlone() throws {
    let many = (0..<5000).map { Int32($0 / 2) }
    #expect(try adjustedMutualInformation(many, many.map { 2499 - $0 }) == 1)
    #expect(try adjustedMutualInformation([-1, 0], [0, -1]) == nil)
    #expect(throws: MillError.self) { try adjustedMutualInformation([0], []) }
  }

  @Test("Scores are symmetric and blind to names", arguments: 0..<cases.count)
  func symmetric(index: Int) throws {
    let entry = Self.cases[index]
    let (there, back) = (try partitionScores(entry.a, entry.b), try partitionScores(entry.b, entry.a))
    let renamed = try partitionScores(entry.a.map { 1000 - 7 * $0 }, entry.b)
    for other in [back, renamed] {
      #expect(abs((there.ami ?? .nan) - (other.ami ?? .nan)) < 1e-12)
      #expect(abs((there.ari ?? .nan) - (other.ari ?? .nan)) < 1e-12)
      #expect(abs((there.nmi ?? .nan) - (other.nmi ?? .nan)) < 1e-12)
      #expect(there.accuracy == other.accuracy)
    }
  }

  @Test func trivialPartitionsAreEqual() throws {
    let one = [Int32](repeating: 3, count: 9)
    let apart = (0..<Int32(9)).map { $0 }
    for (a, b) in [(one, one), (apart, apart)] {
      let scores = try partitionScores(a, b)
      #expect(scores.ami == 1 && scores.ari == 1 && scores.nmi == 1 && scores.accuracy == 1)
    }
  }

  @Test func negativeLabelsAreLeftOut() throws {
    let scores = try partitionScores([0, 0, 1, 1, -1, 0], [5, 5, 6, 6, 6, -1])
    #expect(scores.nodeCount == 4)
    #expect(scores.ami == 1)
  }

  @Test("Nothing compared, nothing scored")
  func nothing() throws {
    for (a, b) in [([], []), ([-1, 0], [0, -1])] as [([Int32], [Int32])] {
      let scores = try partitionScores(a, b)
      #expect(scores.ami == nil && scores.ari == nil && scores.nmi == nil && scores.accuracy == nil)
      #expect(scores.nodeCount == 0 && "\(scores)" == "no node to compare")
    }
    let two = CommunityHierarchy(tree: .single(size: 2), leaves: [0, 0])
    #expect(try two.scores(against: [[-1, -1]])[0].ami == nil)
    #expect(try dendrogramPurity(of: two, classes: [-1, -1]) == nil)
    #expect(try dendrogramPurity(of: two, classes: [0, 1]) == nil)
    #expect(try dendrogramPurity(of: two, classes: [1, 1]) == 1)
    #expect(try treeCorrelation(two, CommunityHierarchy(tree: .single(size: 2), leaves: [-1, -1])) == nil)
  }

  @Test func refusesOtherLengths() {
    #expect(throws: MillError.self) { try partitionScores([0, 1], [0]) }
  }
}
