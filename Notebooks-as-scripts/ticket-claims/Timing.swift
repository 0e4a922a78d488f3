import ExperimentSupport
import GraphGenerators
import GraphLearning
import GraphStore
import MillKernels
import MillRuntime

/// Trains once and tells the processor and wall-clock milliseconds of an epoch, evaluation included.
func timing(of input: NamedData, _ options: TrainingOptions, context: RunContext) throws(MillError) -> String {
  // The first training warms caches and processor up.
  var short = options
  short.epochs = min(5, options.epochs)
  _ = try trainNetwork(on: input.data, options: short, context: context)
  let (clock, before) = (ContinuousClock(), ResourceUsage.current())
  let start = clock.now
  let result = try trainNetwork(on: input.data, options: options, context: context)
  let wall = (clock.now - start) / .milliseconds(1)
  let after = ResourceUsage.current()
  let epochs = Double(options.epochs)
  return
    "\(input.name) \(options.model.rawValue) hidden \(options.hidden), \(context.threads) threads: "
    + "\(decimal(1000 * (after.cpuSeconds - before.cpuSeconds) / epochs, 2)) ms processor, "
    + "\(decimal(wall / epochs, 2)) ms wall an epoch; "
    + "test \(decimal(100 * result.best.test, 1))%, peak \(after.peakBytes >> 20) MiB\n"
}

/// What the zeros of a ticket's weights gain in inference: the time of a forward pass with them and without.
func inference(of input: NamedData, _ options: TrainingOptions, context: RunContext) throws(MillError) -> String {
  let tickets = TicketOptions(training: options, rounds: [20], seeds: [1])
  let ticket = try findTickets(in: input.data, options: tickets, context: context).best
  var least: [Bool: Double] = [:]
  var counts = (used: 0, all: 0)
  for _ in 0..<7 {
    for skips in [false, true] {
      let before = ResourceUsage.current().cpuSeconds
      let found = try predict(
        with: ticket, graph: input.data.graph, features: input.data.features, options: .init(skipsZeros: skips),
        context: context)
      least[skips] = min(least[skips] ?? .infinity, ResourceUsage.current().cpuSeconds - before)
      counts = (found.multiplications, found.denseMultiplications)
    }
  }
  func milliseconds(_ skips: Bool) -> String { decimal(1000 * (least[skips] ?? 0), 1) }
  return
    "\(input.name) ticket of round 20: \(decimal(Double(counts.used) / Double(max(1, counts.all)) * 100, 1))% of the "
    + "first layer's multiplications; a prediction takes \(milliseconds(false)) ms with all weights, "
    + "\(milliseconds(true)) ms without zeros\n"
}

/// A graph with dense features: nodes in sixteen classes, ten edges a node, 128 numbers each.
func largeGraph(nodes: Int, context: RunContext) throws(MillError) -> NamedData {
  let options = SyntheticGraphOptions(
    graph: CommunityTreeOptions(nodeCount: nodes, edgeCount: 10 * nodes, depth: 4),
    features: .numbers(count: 128, noise: 1), trainPerClass: nodes / 200, validation: nodes / 20, test: nodes / 10)
  return NamedData(
    name: "synthetic \(nodes) nodes", data: try syntheticAttributedGraph(options, context: context))
}

/// The time of two products of the graph's arcs with a matrix of as many columns as there are hidden ones: what a training
/// that propagates hidden columns would need at least an epoch.
func twoProducts(of input: NamedData, columns: Int, context: RunContext) throws(MillError) -> String {
  let milliseconds = try input.data.graph.withRows(context: context, ProductTime(columns: columns))
  let bytes = Double(2 * input.data.graph.arcCount * columns * 4)
  return
    "\(input.name): two sparse products of \(columns) columns \(decimal(milliseconds, 1)) ms processor, "
    + "\(decimal(bytes / milliseconds / 1e6, 1)) GB gathered a second\n"
}

private struct ProductTime: RowsVisitor {
  let columns: Int

  func visit<ID: NodeIndex>(_ rows: GraphRows<ID>) throws(MillError) -> Double {
    guard let targets = rows.targets as? UnsafePointer<UInt32> else {
      throw MillError(.unsupported, "a graph of more than 2^32 - 2 nodes")
    }
    let count = rows.nodeCount * columns
    let (x, y) = (try FlatBuffer<Float>(count: count), try FlatBuffer<Float>(count: count))
    let factors = try FlatBuffer<Float>(count: rows.nodeCount)
    let product = SparseProduct(
      rowCount: rows.nodeCount, offsets: rows.offsets, targets: targets, threads: rows.context.threads)
    func run() {
      product.multiply(
        x.base, into: y.base, columns: columns, rowFactors: factors.base, scale: 1, subtracts: false)
    }
    run()
    let before = ResourceUsage.current().cpuSeconds
    run()
    run()
    return 1000 * (ResourceUsage.current().cpuSeconds - before)
  }
}
