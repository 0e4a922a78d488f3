import GraphStore
import MillRuntime

/// SAGE trained batch by batch on samples of neighbors, and evaluated batch by batch with all neighbors: memory holds a
/// batch with its neighborhood beside graph, features and parameters.
///
/// - Source: Hamilton, Ying, Leskovec, NeurIPS 2017, algorithm 2.
struct SampledSAGE {
  private let data: AttributedGraph
  private let input: NetworkInput
  private let sampling: SamplingOptions
  private let teacher: SharedArray<Float>?
  let parameters: Parameters
  private let arcs: SparseMatrix
  private let stream: RandomStream
  /// The place of each node among those of the present batch, -1 for the others.
  private let places: FlatBuffer<Int32>

  init(
    _ data: AttributedGraph, _ input: NetworkInput, _ sampling: SamplingOptions, teacher: SharedArray<Float>?
  ) throws(MillError) {
    self.data = data
    self.input = input
    self.sampling = sampling
    self.teacher = teacher
    parameters = try Parameters(input.layout, seed: input.options.seed)
    arcs = try Adjacency.matrix(of: input.graph, ownArcs: false, .ones, context: input.context)
    stream = RandomStream(seed: input.options.seed, stage: "sage.samples")
    places = try FlatBuffer<Int32>(uninitializedCount: input.graph.nodeCount)
    for node in 0..<places.count { unsafe places.base[node] = -1 }
  }

  /// One pass over the training nodes in a random order, a step a batch.
  ///
  /// - Returns: The mean loss of the batches.
  func train(epoch: Int, removing removed: Int) throws(MillError) -> Double {
    var nodes = Array(data.split.train)
    var random = CounterRandom(seed: input.options.seed, stage: "sage.order", item: UInt64(epoch))
    random.shuffle(&nodes)
    let batches = Parallel.chunkCount(nodes.count, size: sampling.batch)
    var sum = 0.0
    for batch in 0..<batches {
      try input.context.checkCancelled()
      let targets = Array(nodes[Parallel.range(ofChunk: batch, size: sampling.batch, count: nodes.count)])
      let step = epoch * batches + batch
      let network = try SAGENetwork(
        input, parameters, blocks(of: targets, step: step), dropoutRate: input.options.usedDropout)
      let loss = try Loss(
        labels: targets.map { data.labels[Int($0)] }, classCount: data.classCount, teacher: rows(of: targets),
        lambda: input.options.lambda, input.math)
      try network.prepare()
      network.train(step: step)
      sum += loss.measure(network.outputs)
      try network.backward(loss.gradient)
      parameters.step(input.options, input.math)
      parameters.project(removing: removed, input.math)
    }
    return sum / Double(batches)
  }

  /// Outputs of some nodes with all of their neighbors, a row each of `classCount` numbers.
  func outputs(of nodes: [UInt32]) throws(MillError) -> FlatBuffer<Float> {
    let classes = data.classCount
    let result = try FlatBuffer<Float>(uninitializedCount: nodes.count * classes)
    for batch in 0..<Parallel.chunkCount(nodes.count, size: sampling.batch) {
      try input.context.checkCancelled()
      let range = Parallel.range(ofChunk: batch, size: sampling.batch, count: nodes.count)
      let network = try SAGENetwork(
        input, parameters, blocks(of: Array(nodes[range]), step: nil), dropoutRate: 0)
      try network.prepare()
      network.evaluate()
      for (row, place) in range.enumerated() {
        unsafe (result.base + place * classes).update(from: network.outputs.row(row), count: classes)
      }
    }
    return result
  }

  /// The teacher's outputs of some nodes.
  private func rows(of nodes: [UInt32]) throws(MillError) -> SharedArray<Float>? {
    guard let teacher else { return nil }
    let classes = data.classCount
    return try SharedArray(
      copying: nodes.flatMap { node in (0..<classes).map { teacher[Int(node) * classes + $0] } })
  }

  /// The neighborhood of some nodes: a sample for a step, all of it for none.
  private func blocks(of targets: [UInt32], step: Int?) throws(MillError) -> SAGEBlocks {
    var nodes = targets
    for (place, node) in nodes.enumerated() { unsafe places.base[Int(node)] = Int32(place) }
    defer { for node in nodes { unsafe places.base[Int(node)] = -1 } }
    let second = try layer(
      over: targets.count, &nodes, most: step == nil ? nil : sampling.second, step: 2 * (step ?? 0))
    let count = nodes.count
    let first = try layer(over: count, &nodes, most: step == nil ? nil : sampling.first, step: 2 * (step ?? 0) + 1)
    return SAGEBlocks(
      features: try input.features.rows(nodes[...]), ownFeatures: try input.features.rows(nodes[..<count]),
      first: first, second: second)
  }

  /// The means over the neighbors of the first `count` nodes; neighbors that are new are appended.
  private func layer(
    over count: Int, _ nodes: inout [UInt32], most: Int?, step: Int
  ) throws(MillError) -> SparseMatrix {
    let offsets = try FlatBuffer<UInt64>(count: count + 1)
    var indices: [UInt32] = []
    var values: [Float] = []
    for row in 0..<count {
      let node = Int(nodes[row])
      let low = unsafe Int(arcs.offsets.base[node])
      let degree = unsafe Int(arcs.offsets.base[node + 1]) - low
      var chosen = Array(0..<degree)
      if let most, degree > most {
        var random = stream.item(CounterRandom.mix(UInt64(step)) ^ UInt64(node))
        chosen = Self.sample(most, of: degree, &random)
      }
      for arc in chosen {
        let other = unsafe Int(arcs.indices.base[low + arc])
        if unsafe places.base[other] < 0 {
          unsafe places.base[other] = Int32(nodes.count)
          nodes.append(UInt32(other))
        }
        unsafe indices.append(UInt32(places.base[other]))
        values.append(1 / Float(chosen.count))
      }
      unsafe offsets.base[row + 1] = UInt64(indices.count)
    }
    return SparseMatrix(
      rows: count, columns: nodes.count, offsets: offsets, indices: try buffer(indices), values: try buffer(values))
  }

  /// `count` of 0..<total, each set with the same chance, ascending (Floyd's method; Bentley, Floyd, CACM 1987).
  static func sample(_ count: Int, of total: Int, _ random: inout CounterRandom) -> [Int] {
    var chosen: Set<Int> = []
    for last in total - count..<total {
      let draw = Int(random.below(UInt64(last + 1)))
      chosen.insert(chosen.contains(draw) ? last : draw)
    }
    return chosen.sorted()
  }
}

private func buffer<Element: BitwiseCopyable>(_ elements: [Element]) throws(MillError) -> FlatBuffer<Element> {
  let buffer = try FlatBuffer<Element>(uninitializedCount: elements.count)
  for (place, element) in elements.enumerated() { unsafe buffer.base[place] = element }
  return buffer
}

extension InputFeatures {
  /// Some rows, in the given order.
  func rows(_ nodes: ArraySlice<UInt32>) throws(MillError) -> InputFeatures {
    switch self {
    case .dense(let numbers, let columns):
      let result = try FlatBuffer<Float>(uninitializedCount: nodes.count * columns)
      for (row, node) in nodes.enumerated() {
        unsafe (result.base + row * columns).update(from: numbers.base + Int(node) * columns, count: columns)
      }
      return .dense(result, columns: columns)
    case .sparse(let matrix, _, _):
      let offsets = try FlatBuffer<UInt64>(count: nodes.count + 1)
      var indices: [UInt32] = []
      var values: [Float] = []
      for (row, node) in nodes.enumerated() {
        for entry in unsafe Int(matrix.offsets.base[Int(node)])..<Int(matrix.offsets.base[Int(node) + 1]) {
          unsafe indices.append(matrix.indices.base[entry])
          unsafe values.append(matrix.values?.base[entry] ?? 1)
        }
        unsafe offsets.base[row + 1] = UInt64(indices.count)
      }
      let part = SparseMatrix(
        rows: nodes.count, columns: matrix.columns, offsets: offsets, indices: try buffer(indices),
        values: try buffer(values))
      let (transposed, places) = try part.transposed()
      return .sparse(part, transposed: transposed, places: places)
    }
  }
}

/// Trains SAGE on samples; see ``trainNetwork(on:options:teacher:context:)``.
func trainSampled(
  on data: AttributedGraph, _ input: NetworkInput, _ sampling: SamplingOptions, teacher: SharedArray<Float>?
) throws(MillError) -> TrainedNetwork {
  let options = input.options
  let sampled = try SampledSAGE(data, input, sampling, teacher: teacher)
  let parameters = sampled.parameters
  let removed = parameters.count(ofShare: options.weightShare)
  let chosen = try FlatBuffer<Float>(uninitializedCount: parameters.layout.stored)
  let measured = Array(data.split.validation) + Array(data.split.test)
  func accuracy(_ outputs: FlatBuffer<Float>, _ range: Range<Int>) -> Double {
    let right = range.count {
      unsafe largestClass(outputs.base + $0 * data.classCount, data.classCount) == Int(data.labels[Int(measured[$0])])
    }
    return Double(right) / Double(range.count)
  }
  var epochs = EpochLog(options, input.context)
  for epoch in 1...options.epochs {
    let loss = try sampled.train(epoch: epoch, removing: removed)
    let outputs = try sampled.outputs(of: measured)
    let split = data.split.validation.count
    try epochs.add(
      loss: loss, validation: accuracy(outputs, 0..<split), test: accuracy(outputs, split..<measured.count)
    ) {
      unsafe chosen.base.update(from: parameters.values.base, count: chosen.count)
    }
  }
  let (best, history) = epochs.end()
  unsafe parameters.values.base.update(from: chosen.base, count: chosen.count)
  let all = try sampled.outputs(of: (0..<UInt32(data.nodeCount)).map { $0 })
  return TrainedNetwork(
    options: options,
    shape: parameters.layout.shape(featureCount: input.features.columns, classCount: data.classCount),
    weights: try parameters.layout.gather(chosen), outputs: SharedArray(all), best: best, history: history)
}
