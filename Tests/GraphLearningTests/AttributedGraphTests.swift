import GraphFormats
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

  @Test("Features come as SciPy's and NumPy's files and as rows of numbers, too")
  func featureFiles() throws {
    // A square matrix, as the library writes graphs, is one of features as well.
    let graph = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 2), (1, 2, 0.5), (2, 0, -1)], isDirected: true)
    try writeGraph(graph, to: place.file("a.npz"))
    let sparse = try FeatureMatrix(path: place.file("a.npz"))
    #expect(sparse == (try FeatureMatrix(rowCount: 3, columnCount: 3, rows: [[(1, 2)], [(2, 0.5)], [(0, -1)]])))
    let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }"
    let padded = header + String(repeating: " ", count: 118 - header.count - 1) + "\n"
    let numbers: [Float] = [1, 4, 2, 5, 3, 6]
    place.file(
      "b.npy",
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8)
        + numbers.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) } })
    let dense = try FeatureMatrix(
      rowCount: 2, columnCount: 3, storage: .dense(SharedArray(copying: [1, 2, 3, 4, 5, 6])))
    #expect(try FeatureMatrix(path: place.file("b.npy")) == dense)
    place.file("c.csv", "1,2,3\r\n\n4.0,5e0,6\n")
    #expect(try FeatureMatrix(path: place.file("c.csv")) == dense)
    for (text, line) in [("1,2\n3\n", 2), ("1,2\n3,x\n", 2), ("1,nan\n", 1), ("\n", nil)] as [(String, Int?)] {
      place.file("bad.csv", text)
      let error = #expect(throws: MillError.self) { try FeatureMatrix(path: place.file("bad.csv")) }
      #expect(error?.kind == .malformed && error?.line == line && error?.file?.hasSuffix("bad.csv") == true)
    }
    place.file("twice.mtx", "%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 1\n1 1\n")
    let twice = #expect(throws: MillError.self) { try FeatureMatrix(path: place.file("twice.mtx")) }
    #expect(twice?.kind == .duplicateEdge)
  }

  @Test("The Open Graph Benchmark's layout is read")
  func benchmark() throws {
    for folder in ["raw", "split/time"] { try WholeFile.createFolder(place.file("ogb/\(folder)")) }
    place.file("ogb/raw/edge.csv", "0,1\n1,2\n2,0\n")
    place.file("ogb/raw/node-feat.csv", "0.5,1\n-1,0\n0,2\n3,1\n")
    place.file("ogb/raw/node-label.csv", "10\n2\n10\nnan\n")
    for (name, nodes) in [("train", "1\n0\n"), ("valid", "2\n"), ("test", "")] {
      place.file("ogb/split/time/\(name).csv", nodes)
    }
    let files = try AttributedGraphFiles(folder: place.file("ogb"))
    #expect(files.layout == .ogb && files.all.count == 6)
    let data = try readAttributedGraph(files)
    #expect(data.nodeCount == 4 && data.graph.edgeCount == 3 && data.classNames == ["2", "10"])
    #expect(data.labels.array == [1, 0, 1, -1] && data.split.train.array == [0, 1] && data.split.test.isEmpty)
    place.file("ogb/split/time/valid.csv", "2\n9\n")
    let error = #expect(throws: MillError.self) { try readAttributedGraph(files) }
    #expect(error?.kind == .badLabels && error?.line == 2 && error?.file?.hasSuffix("valid.csv") == true)
    try WholeFile.createFolder(place.file("ogb/split/other"))
    #expect(throws: MillError.self) { try AttributedGraphFiles(folder: place.file("ogb")) }
  }
}
