import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphLearning

@Suite("Graphs with features, labels and a split")
struct AttributedGraphTests {
  private let place = TemporaryFolder()

  /// A triangle and a lone node, two classes.
  private func write(_ changes: [String: String] = [:]) throws -> AttributedGraphFiles {
    var files = [
      "edges.tsv": "0\t1\n1\t2\n2\t0\n",
      "features.mtx": "%%MatrixMarket matrix coordinate real general\n4 3 4\n1 1 2\n2 3 1\n3 2 0.5\n3 3 -1\n",
      "labels.tsv": "0\t5\n1\t12\n2\t5\n3\t-1\n", "splits.tsv": "0\ttrain\n1\ttrain\n2\tval\n",
    ]
    files.merge(changes) { $1 }
    for (name, text) in files { try WholeFile.write(text, to: place.file(name)) }
    return try AttributedGraphFiles(folder: place.path)
  }

  @Test("A folder is read; classes that are numbers are ordered by number")
  func folder() throws {
    let data = try readAttributedGraph(write())
    #expect(data.nodeCount == 4 && data.graph.edgeCount == 3 && data.classNames == ["5", "12"])
    #expect(data.labels.array == [0, 1, 0, -1])
    #expect(data.split.train.array == [0, 1] && data.split.validation.array == [2] && data.split.test.isEmpty)
    #expect(
      data.features
        == (try FeatureMatrix(
          rowCount: 4, columnCount: 3, rows: [[(0, 2)], [(2, 1)], [(1, 0.5), (2, -1)], []])))
  }

  @Test(
    "What is wrong is told with file and line",
    arguments: [
      (["splits.tsv": "0\ttrain\n1\ttrain\n9\tval\n"], MillError.Kind.badLabels, "splits.tsv", 3),
      (["splits.tsv": "0\ttrain\n1\tlearn\n2\tval\n"], .badLabels, "splits.tsv", 2),
      (["splits.tsv": "0\ttrain\n1\ttrain\n3\tval\n"], .badLabels, "splits.tsv", nil),
      (["splits.tsv": "0\ttrain\n1\tval\n2\tval\n"], .badLabels, "splits.tsv", nil),
      (["splits.tsv": "0\ttrain\n0\tval\n1\ttrain\n"], .malformed, "splits.tsv", 2),
      (["labels.tsv": "0\t5\n1\t12\nx\t5\n"], .badLabels, "labels.tsv", 3),
      (["features.mtx": "%%MatrixMarket matrix coordinate real general\n3 3 1\n1 1 2\n"], .idOutOfRange, "edges", 0),
      (["features.mtx": "%%MatrixMarket matrix coordinate real general\n4 3 1\n1 4 2\n"], .idOutOfRange, "mtx", 3),
      (["features.mtx": "%%MatrixMarket matrix coordinate real general\n4 3 1\n1 2 nan\n"], .badWeight, "mtx", 3),
    ] as [([String: String], MillError.Kind, String, Int?)])
  func badFiles(changes: [String: String], kind: MillError.Kind, file: String, line: Int?) throws {
    var changes = changes
    // An edge beyond the rows of features.
    if line == 0 { changes["edges.tsv"] = "0\t1\n2\t3\n" }
    let files = try write(changes)
    let error = #expect(throws: MillError.self) { try readAttributedGraph(files) }
    #expect(error?.kind == kind, "\(String(describing: error))")
    #expect(error?.file?.contains(file) == true, "\(String(describing: error))")
    if line != 0 { #expect(error?.line == line, "\(String(describing: error))") }
  }

  @Test("A part that is not there is missed by its name")
  func missing() throws {
    let files = try write()
    try WholeFile.write("", to: place.file("labels.csv"))
    let two = #expect(throws: MillError.self) { try AttributedGraphFiles(folder: place.path) }
    #expect(two?.kind == .unreadable && two?.field == "labels.csv, labels.tsv")
    let none = #expect(throws: MillError.self) { try AttributedGraphFiles(folder: place.file("nowhere")) }
    #expect(none?.kind == .unreadable)
    var gone = files
    gone.features = place.file("gone.npz")
    #expect(throws: MillError.self) { try readAttributedGraph(gone) }
  }

  @Test("Parts that do not fit each other are refused")
  func badParts() throws {
    let good = try Sample.data(nodes: 12)
    func make(
      features: FeatureMatrix? = nil, labels: [Int32]? = nil, names: [String]? = nil,
      _ split: ([UInt32], [UInt32], [UInt32]) = ([0, 1, 2], [3], [4])
    ) throws -> AttributedGraph {
      try AttributedGraph(
        graph: good.graph, features: features ?? good.features,
        labels: labels.map { try SharedArray(copying: $0) } ?? good.labels, classNames: names ?? good.classNames,
        split: .init(train: split.0, validation: split.1, test: split.2))
    }
    #expect(try make().split.train.count == 3)
    let fewer = try FeatureMatrix(rowCount: 11, columnCount: 2, rows: .init(repeating: [], count: 11))
    let bad: [(String, () throws -> AttributedGraph)] = [
      ("rows", { try make(features: fewer) }),
      ("label", { try make(labels: [0, 1, 2, 7] + .init(repeating: 0, count: 8)) }),
      ("labels", { try make(labels: [0, 1]) }), ("one class", { try make(names: ["a"]) }),
      ("overlap", { try make(([0, 1, 2], [2], [4])) }), ("range", { try make(([0, 1, 2], [12], [4])) }),
      ("no training node", { try make(([], [3], [])) }), ("no validation node", { try make(([0, 1, 2], [], [])) }),
      ("class without one", { try make(([0, 1], [3], [])) }),
      ("no class", { try make(labels: [0, 1, 2, -1] + .init(repeating: 0, count: 8)) }),
    ]
    for (name, body) in bad {
      let error = #expect(throws: MillError.self, "\(name)") { try body() }
      #expect(error?.kind == .badLabels || error?.kind == .badFeatures, "\(name)")
    }
  }

  @Test("Features must be finite and in order")
  func features() throws {
    func sparse(_ offsets: [UInt64], _ columns: [UInt32], _ values: [Float]?) throws -> FeatureMatrix {
      try FeatureMatrix(
        rowCount: 2, columnCount: 3,
        storage: .sparse(
          offsets: SharedArray(copying: offsets), columns: SharedArray(copying: columns),
          values: values.map { try SharedArray(copying: $0) }))
    }
    #expect(try sparse([0, 1, 3], [2, 0, 1], nil).entryCount == 3)
    let bad: [() throws -> FeatureMatrix] = [
      { try sparse([0, 1], [2], nil) }, { try sparse([0, 2, 1], [2], nil) },
      { try sparse([0, 1, 3], [2, 1, 0], nil) },
      { try sparse([0, 1, 3], [2, 1, 1], nil) }, { try sparse([0, 1, 1], [3], nil) },
      { try sparse([0, 1, 1], [0], [.nan]) }, { try sparse([0, 1, 1], [0], []) },
      { try FeatureMatrix(rowCount: 1, columnCount: 2, storage: .dense(SharedArray(copying: [1, .infinity]))) },
      { try FeatureMatrix(rowCount: 1, columnCount: 2, storage: .dense(SharedArray(copying: [1]))) },
      { try FeatureMatrix(rowCount: 1, columnCount: 0, storage: .dense(.empty)) },
      { try FeatureMatrix(rowCount: 1, columnCount: 1, rows: [[(1, 1)]]) },
    ]
    for (number, body) in bad.enumerated() {
      let error = #expect(throws: MillError.self, "\(number)") { try body() }
      #expect(error?.kind == .badFeatures)
    }
  }
}
