import GraphFormats
import GraphLearning
import GraphStore
import Graphmill
import MillRuntime

/// What a study is about: a graph, and what is known of its nodes.
struct StudySubject {
  /// A text that was read, and what came of it.
  struct Reading {
    var path: String
    var result: GraphReading

    /// The file's own name; what a pipe brought has none.
    var fileName: String { path == "-" ? "standard input" : path.split(separator: "/").last.map(String.init) ?? path }
    /// The file's size; nil for a pipe.
    var bytes: Int? { fileSize(path) }
  }

  /// A word for it, in the JSON of several subjects.
  var name: String
  /// What it is, in a few words.
  var title: String
  /// Readings of the graph; the last one is the graph that is studied.
  var readings: [Reading] = []
  var graph: CSRGraph
  /// Classes of the nodes; nil where none are known.
  var classes: NodeClasses?
  /// What a node is called in tables; its name unless something better is known.
  var nodeTitle: @Sendable (Int) -> String
  /// Objects of their own, beside the graph or in its place.
  var vectors: StudyVectors?
  /// The graph with features and classes to learn.
  var attributed: AttributedGraph?
  /// The only sections that have something to say of it; nil for all.
  var sections: Set<String>?

  init(name: String, title: String, graph: CSRGraph) {
    self.name = name
    self.title = title
    self.graph = graph
    nodeTitle = { graph.name(of: $0) }
  }
}

/// A class for each of some nodes.
struct NodeClasses {
  /// By node, -1 for none.
  var numbers: [Int32]
  /// By number.
  var names: [String]

  /// The same for some of the nodes.
  func restricted(to nodes: [Int]) -> NodeClasses { NodeClasses(numbers: nodes.map { numbers[$0] }, names: names) }

  /// The six classes of the most nodes, which get a color each.
  var largest: [Int] {
    var counts = [Int](repeating: 0, count: names.count)
    for number in numbers where number >= 0 { counts[Int(number)] += 1 }
    let order = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
    return Array(order.prefix(6))
  }
}

/// Vectors, one an object.
struct StudyVectors {
  var table: VectorTable
  var metric: Metric
  /// What the objects are called, one a row; nil for the numbers of the rows.
  var keys: VectorKeys?
  /// What is looked for to measure the search; nil for some of the objects themselves.
  var queries: VectorTable?
  /// A class for each row.
  var classes: NodeClasses?
}
