import ArgumentParser
import DatasetBuilders
import GraphFormats
import GraphGenerators
import GraphStore
import MillRuntime

/// A graph of the demo, read from text.
struct DemoDataset {
  /// Where a graph comes from.
  enum Name: String, ExpressibleByArgument, CaseIterable {
    case wordnet
    case debian
    case rmat
  }

  let name: Name
  /// What it is, in a few words.
  let title: String
  /// Readings of the same graph from text: the file's name, what came out, how long it took.
  let readings: [Reading]
  /// The graph of the last reading, or its first nodes in a quick run.
  let graph: CSRGraph
  private let labels: LabelTable?

  struct Reading {
    let path: String
    let bytes: Int
    let reading: GraphReading
    let seconds: Double
  }

  fileprivate init(_ name: Name, _ title: String, _ readings: [Reading], graph: CSRGraph, labels: LabelTable?) {
    self.name = name
    self.title = title
    self.readings = readings
    self.graph = graph
    self.labels = labels
  }

  /// The first label of the label file (WordNet: the lexicographer's file); nil where there is none.
  func group(of node: Int) -> String? { row(of: node)?.labels.first { !$0.isEmpty } }

  /// What a node is called in the label file alone; nil where there is none.
  func code(of node: Int) -> String? { row(of: node)?.name }

  /// What a node is called in the label file, else in the input.
  func label(of node: Int) -> String {
    guard let (name, labels) = row(of: node) else { return graph.name(of: node) }
    return ([name] + labels.filter { !$0.isEmpty }).joined(separator: ", ")
  }

  /// The row of the label file that the number of a node names; Matrix Market counts from 1.
  private func row(of node: Int) -> (name: String, labels: [String])? {
    guard let labels, let number = Int(graph.name(of: node)), labels.names.indices.contains(number - 1) else {
      return nil
    }
    let row = number - 1
    return (labels.names[row], labels.rows[row])
  }
}

extension DemoRun {
  /// Builds and reads the data sets; without a choice all that this machine has, else R-MAT.
  mutating func loadDatasets(_ choice: DemoDataset.Name?) throws {
    if let choice {
      datasets = [try load(choice)]
    } else if isQuick {
      datasets = [try load(.rmat)]
    } else {
      for name in [DemoDataset.Name.wordnet, .debian] {
        do {
          datasets.append(try load(name))
        } catch let error as MillError where error.kind.category != .interrupted {
          let hint = error.hint.map { " (\($0.flagWords))" } ?? ""
          run.warn("the data set \(name.rawValue) is left out: \(error.file ?? "") \(error.message)\(hint)")
        }
      }
      if datasets.isEmpty {
        run.warn("no real data set could be built; a generated R-MAT graph stands in for them")
        datasets = [try load(.rmat)]
      }
    }
  }

  private func load(_ name: DemoDataset.Name) throws -> DemoDataset {
    let folder = folder + "/datasets/" + name.rawValue
    try createFolder(folder)
    switch name {
    case .wordnet:
      let summary = try run.stage("build wordnet") { try WordNetBuilder.build(into: folder) }
      return try readBuilt(name, summary.title, folder)
    case .debian:
      let summary = try run.stage("build debian") { try DebianPackagesBuilder.build(into: folder) }
      return try readBuilt(name, summary.title, folder)
    case .rmat:
      return try generate(folder)
    }
  }

  /// The builder's files: by name (nodes with edges only), then the matrix, which has all nodes.
  private func readBuilt(_ name: DemoDataset.Name, _ title: String, _ folder: String) throws -> DemoDataset {
    var byName = GraphReadOptions()
    byName.ids = .string
    let readings = [try read(folder + "/edges.tsv", byName), try read(folder + "/graph.mtx", GraphReadOptions())]
    var graph = readings[1].reading.graph
    if isQuick, graph.nodeCount > 5000 {
      graph = try graph.inducedSubgraph(nodes: Array(0..<5000), context: run.context)
    }
    return DemoDataset(
      name, title + (isQuick ? " (the first 5,000 nodes)" : ""), readings, graph: graph,
      labels: try LabelTable(path: folder + "/labels.tsv"))
  }

  private func generate(_ folder: String) throws -> DemoDataset {
    var options = RMATOptions()
    options.nodeCount = isQuick ? 1 << 11 : 1 << 17
    options.edgeCount = 4 * options.nodeCount
    options.scramblesNodes = true
    options.seed = run.settings.seed
    let graph = try run.stage("generate rmat") { try generateRMATGraph(options, context: run.context) }
    var writing = GraphWriteOptions()
    writing.format = .el
    writing.replaces = true
    try writeGraph(graph, to: folder + "/edges.tsv", options: writing, context: run.context)
    let reading = try read(folder + "/edges.tsv", GraphReadOptions())
    return DemoDataset(.rmat, "a generated R-MAT graph", [reading], graph: reading.reading.graph, labels: nil)
  }

  private func read(_ path: String, _ options: GraphReadOptions) throws -> DemoDataset.Reading {
    let (reading, seconds) = try run.timed("read \(path)") {
      try GraphFormats.readGraph(path, options: options, context: run.context)
    }
    run.recordInput(path, reading.graph, reading.report)
    return DemoDataset.Reading(path: path, bytes: fileSize(path) ?? 0, reading: reading, seconds: seconds)
  }
}
