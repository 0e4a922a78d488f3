import ArgumentParser
import DatasetBuilders
import GraphFormats
import GraphGenerators
import GraphLearning
import GraphStore
import Graphmill
import MillRuntime

/// The subjects of the demo, built from what this machine has.
struct DemoDatasets {
  /// Where a graph comes from.
  enum Name: String, ExpressibleByArgument, CaseIterable {
    case wordnet
    case debian
    case rmat
  }

  let run: CommandRun
  /// The folder of the report.
  let folder: String
  let isQuick: Bool

  /// Builds and reads the graphs; without a choice all that this machine has, else R-MAT.
  func graphs(_ choice: Name?) throws -> [StudySubject] {
    if let choice { return [try load(choice)] }
    if isQuick { return [try load(.rmat)] }
    var subjects: [StudySubject] = []
    for name in [Name.wordnet, .debian] {
      do {
        subjects.append(try load(name))
      } catch let error as MillError where error.kind.category != .interrupted {
        let hint = error.hint.map { " (\($0.flagWords))" } ?? ""
        run.warn("the data set \(name.rawValue) is left out: \(error.file ?? "") \(error.message)\(hint)")
      }
    }
    if !subjects.isEmpty { return subjects }
    run.warn("no real data set could be built; a generated R-MAT graph stands in for them")
    return [try load(.rmat)]
  }

  /// What some sections have to say something of where the graphs have nothing for them: pictures, and a graph to learn
  /// from.
  func others(beside graphs: [StudySubject]) throws -> [StudySubject] {
    var subjects: [StudySubject] = []
    if !graphs.contains(where: { $0.attributed != nil }) { subjects.append(try synthetic()) }
    do {
      subjects.append(try garments())
    } catch let error as MillError where error.kind.category == .missingInput {
      run.warn("the pictures are left out: install \(FashionImages.package)")
    }
    return subjects
  }

  private func load(_ name: Name) throws -> StudySubject {
    let folder = folder + "/datasets/" + name.rawValue
    try WholeFile.createFolder(folder)
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
  private func readBuilt(_ name: Name, _ title: String, _ folder: String) throws -> StudySubject {
    var byName = GraphReadOptions()
    byName.ids = .string
    let readings = [try read(folder + "/edges.tsv", byName), try read(folder + "/graph.mtx", GraphReadOptions())]
    var graph = readings[1].result.graph
    if isQuick, graph.nodeCount > 5000 {
      graph = try graph.inducedSubgraph(nodes: Array(0..<5000), context: run.context)
    }
    let rows = NodeRows(table: try LabelTable(path: folder + "/labels.tsv"), graph: graph)
    var subject = StudySubject(
      name: name.rawValue, title: title + (isQuick ? " (the first 5,000 nodes)" : ""), graph: graph)
    subject.readings = readings
    subject.nodeTitle = { rows.title(of: $0) }
    subject.classes = rows.classes
    if name == .wordnet, let classes = subject.classes {
      subject.attributed = try run.stage("glosses") { try glossGraph(graph, rows, classes) }
    }
    return subject
  }

  private func generate(_ folder: String) throws -> StudySubject {
    var options = RMATOptions()
    options.nodeCount = isQuick ? 1 << 11 : 1 << 17
    options.edgeCount = 4 * options.nodeCount
    options.scramblesNodes = true
    options.seed = run.settings.seed
    let graph = try run.stage("generate rmat") { try generateRMATGraph(options, context: run.context) }
    let path = folder + "/edges.tsv"
    try writeGraph(graph, to: path, options: GraphWriteOptions(format: .el, replaces: true), context: run.context)
    let reading = try read(path, GraphReadOptions())
    var subject = StudySubject(name: Name.rmat.rawValue, title: "a generated R-MAT graph", graph: reading.result.graph)
    subject.readings = [reading]
    return subject
  }

  private func read(_ path: String, _ options: GraphReadOptions) throws -> StudySubject.Reading {
    let reading = try run.stage("read \(path)") {
      try GraphFormats.readGraph(path, options: options, context: run.context)
    }
    run.recordInput(path, reading.graph, reading.report)
    return StudySubject.Reading(path: path, result: reading)
  }

  /// WordNet's synsets with the words of their glosses, to learn the lexicographer's files.
  private func glossGraph(_ graph: CSRGraph, _ rows: NodeRows, _ classes: NodeClasses) throws -> AttributedGraph {
    let glosses = try WordNetBuilder.glosses(of: (0..<graph.nodeCount).map { rows.code(of: $0) ?? "" })
    // Rare files would be learnt from a handful of nodes.
    let trainPerClass = 40
    let counts = Dictionary(classes.numbers.map { ($0, 1) }, uniquingKeysWith: +)
    let frequent = NodeClasses(
      numbers: classes.numbers.map { counts[$0, default: 0] >= 3 * trainPerClass ? $0 : -1 }, names: classes.names)
    return try StudySplit(perClass: trainPerClass, validation: .max, test: .max, seed: run.settings.seed)
      .graph(graph, GlossWords.features(of: glosses), frequent, run.context)
  }

  private func synthetic() throws -> StudySubject {
    let options = SyntheticGraphOptions(
      graph: .init(nodeCount: 2000, edgeCount: 8000, seed: run.settings.seed), validation: 300, test: 600)
    let data = try run.stage("synthetic graph") { try syntheticAttributedGraph(options, context: run.context) }
    var subject = StudySubject(name: "synthetic", title: "a synthetic graph of 8 classes", graph: data.graph)
    subject.attributed = data
    subject.sections = [LearningSection().key]
    return subject
  }

  /// Pictures by their pixels.
  private func garments() throws -> StudySubject {
    let base = try run.stage("read pictures") { try FashionImages("train", limit: isQuick ? 300 : .max) }
    let queries = try FashionImages("t10k", limit: isQuick ? 10 : 500)
    var subject = StudySubject(
      name: "fashion-mnist", title: "pictures of garments (Fashion-MNIST)", graph: try CSRGraph(nodeCount: 0, edges: [])
    )
    subject.vectors = StudyVectors(
      table: base.images, metric: .l2, queries: queries.images,
      classes: NodeClasses(numbers: base.kinds.map { Int32($0) }, names: (0..<10).map { "kind \($0)" }))
    subject.sections = [ProximitySection().key]
    return subject
  }
}

/// The rows of a builder's label file, which the numbers of nodes name; Matrix Market counts from 1.
private struct NodeRows: Sendable {
  let table: LabelTable
  let graph: CSRGraph

  /// What a node is called: its name in the file and its labels.
  func title(of node: Int) -> String {
    guard let row = row(of: node) else { return graph.name(of: node) }
    return ([table.names[row]] + table.rows[row].filter { !$0.isEmpty }).joined(separator: ", ")
  }

  /// What a node is called in the file alone; nil where it has no row.
  func code(of node: Int) -> String? { row(of: node).map { table.names[$0] } }

  /// The first label of each node (WordNet: the lexicographer's file); nil where there are none, or so many that they are
  /// no classes.
  var classes: NodeClasses? {
    var places: [String: Int32] = [:]
    var names: [String] = []
    let numbers = (0..<graph.nodeCount).map { node -> Int32 in
      guard let row = row(of: node), let label = table.rows[row].first(where: { !$0.isEmpty }) else { return -1 }
      if let known = places[label] { return known }
      places[label] = Int32(names.count)
      names.append(label)
      return Int32(names.count - 1)
    }
    return names.isEmpty || names.count > 500 ? nil : NodeClasses(numbers: numbers, names: names)
  }

  private func row(of node: Int) -> Int? {
    guard let number = Int(graph.name(of: node)), table.names.indices.contains(number - 1) else { return nil }
    return number - 1
  }
}
