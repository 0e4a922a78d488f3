public import CGraphmill
import EdgeSparsification
import GraphLearning
import GraphStore
import MillRuntime

/// A ticket behind a handle.
final class TicketObject: Sendable {
  let ticket: Ticket

  init(_ ticket: Ticket) { self.ticket = ticket }
}

private func ticket(_ handle: OpaquePointer?) throws(MillError) -> Ticket {
  try unsafe object(handle, TicketObject.self, "ticket").ticket
}

/// Trains networks on ever sparser graphs.
@c @implementation
public func gm_find_tickets(
  _ handle: OpaquePointer?, _ attributes: UnsafePointer<gm_attributes>?, _ given: UnsafePointer<gm_ticket_options>?,
  _ context: OpaquePointer?, _ out: HandleOut, _ rounds: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe rounds?.pointee = nil
  return unsafe door(out, error) { () throws(MillError) in
    let context = unsafe GraphmillC.context(context)
    let data = try unsafe attributed(graph(handle), attributes, context)
    let wanted = try unsafe ticketOptions(options(given, gm_ticket_options()))
    let found = try findTickets(in: data, options: wanted, context: context)
    if unsafe rounds != nil {
      let told = found.rounds.map {
        gm_ticket_round(
          round: Int64($0.round), seed: $0.seed, edge_share: $0.edgeShare, weight_share: $0.weightShare, test: $0.test,
          validation: $0.validation, epoch: Int64($0.epoch))
      }
      let block = try Block(told)
      unsafe rounds?.pointee = owned(block)
    }
    return TicketObject(found.best)
  }
}

/// The settings of a search, from the caller's structure.
private func ticketOptions(_ given: gm_ticket_options) throws(MillError) -> TicketOptions {
  var wanted = TicketOptions(rounds: [])
  wanted.training.model = try unsafe word(given.model, "model", .gcn)
  wanted.score = try unsafe word(given.score, "score", .teddy)
  if unsafe given.hidden != 0 { wanted.training.hidden = unsafe Int(given.hidden) }
  if unsafe given.heads != 0 { wanted.training.heads = unsafe Int(given.heads) }
  if unsafe given.epochs != 0 { wanted.training.epochs = unsafe Int(given.epochs) }
  wanted.training.rate = unsafe orElse(given.rate, wanted.training.rate)
  wanted.training.weightDecay = unsafe orElse(given.weight_decay, wanted.training.weightDecay)
  wanted.edgeRate = unsafe orElse(given.edge_rate, wanted.edgeRate)
  wanted.weightRate = unsafe orElse(given.weight_rate, wanted.weightRate)
  wanted.lambda = unsafe orElse(given.distillation, wanted.lambda)
  wanted.rounds = try unsafe list(given.rounds, given.round_count, "rounds").map { Int(clamping: $0) }
  let seeds = try unsafe list(given.seeds, given.seed_count, "seeds")
  if !seeds.isEmpty { wanted.seeds = seeds }
  return wanted
}

/// The graph with what the caller knows of its nodes.
private func attributed(
  _ graph: CSRGraph, _ given: UnsafePointer<gm_attributes>?, _ context: RunContext
) throws(MillError) -> AttributedGraph {
  guard unsafe given != nil else { throw .null("attributes") }
  let known = try unsafe options(given, gm_attributes())
  let n = graph.nodeCount
  let classes = try unsafe number(Int64(known.classes), "the number of classes", in: 2...1 << 20)
  guard let labels = unsafe known.labels else { throw .null("labels") }
  guard let roles = unsafe known.roles else { throw .null("roles") }
  var parts: [[UInt32]] = [[], [], []]
  for node in 0..<n {
    switch unsafe roles[node] {
    case 0: continue
    case let role where role <= 3: parts[Int(role) - 1].append(UInt32(truncatingIfNeeded: node))
    case let role: throw MillError(.badOption, "the role of node \(node) must be 0 to 3", field: "\(role)")
    }
  }
  return try unsafe AttributedGraph(
    graph: graph, features: features(known, rows: n),
    labels: SharedArray(copying: UnsafeBufferPointer(start: labels, count: n)),
    classNames: (0..<classes).map { "\($0)" },
    split: AttributedGraph.Split(train: parts[0], validation: parts[1], test: parts[2]), context: context)
}

/// A caller's features.
private func features(_ given: gm_attributes, rows n: Int) throws(MillError) -> FeatureMatrix {
  let columns = try unsafe number(given.columns, "the number of columns", in: 1...Int(Int32.max))
  if let dense = unsafe given.dense {
    let (count, overflows) = n.multipliedReportingOverflow(by: columns)
    guard !overflows, count <= largestCount else {
      throw MillError(.badOption, "the features are more than 2^40 numbers", field: "\(n) x \(columns)")
    }
    let numbers = try unsafe SharedArray(copying: UnsafeBufferPointer(start: dense, count: count))
    return try FeatureMatrix(rowCount: n, columnCount: columns, storage: .dense(numbers))
  }
  guard let offsets = unsafe given.offsets else { throw .null("dense and offsets") }
  for row in 0..<n {
    guard unsafe offsets[row] >= 0, unsafe offsets[row + 1] >= offsets[row], unsafe offsets[row + 1] <= largestCount
    else { throw MillError(.badOption, "the offsets of row \(row) do not ascend from 0") }
  }
  let count = unsafe Int(offsets[n])
  guard unsafe count == 0 || given.places != nil else { throw .null("places") }
  let places = unsafe UnsafeBufferPointer(start: given.places, count: count)
  if let bad = unsafe places.first(where: { $0 < 0 }) {
    throw MillError(.badFeatures, "a column must not be negative", field: "\(bad)")
  }
  let values = unsafe given.values
  return try unsafe FeatureMatrix(
    rowCount: n, columnCount: columns,
    storage: .sparse(
      offsets: SharedArray(copying: UnsafeBufferPointer(start: offsets, count: n + 1).map(UInt64.init)),
      columns: SharedArray(copying: places.map { UInt32($0) }),
      values: values == nil ? nil : SharedArray(copying: UnsafeBufferPointer(start: values, count: count))))
}

/// Tells what a ticket is.
@c @implementation
public func gm_ticket_get_info(
  _ handle: OpaquePointer?, _ info: UnsafeMutablePointer<gm_ticket_info>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let ticket = try unsafe ticket(handle)
    let told = gm_ticket_info(
      size: 0, round: Int32(ticket.round), classes: Int32(ticket.classNames.count), padding: 0,
      columns: Int64(ticket.shape.featureCount), parameters: Int64(ticket.weights.count),
      weights: Int64(ticket.weightCount), edge_share: ticket.edgeShare, weight_share: ticket.weightShare,
      test: ticket.best.test, validation: ticket.best.validation)
    try unsafe fill(info, told, "info")
  }
}

/// Gives the edges that a ticket kept.
@c @implementation
public func gm_ticket_graph(_ handle: OpaquePointer?, _ out: HandleOut, _ error: HandleOut) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in GraphObject(try unsafe ticket(handle).graph) }
}

/// Predicts the class of every node.
@c @implementation
public func gm_ticket_predict(
  _ handle: OpaquePointer?, _ graph: OpaquePointer?, _ attributes: UnsafePointer<gm_attributes>?,
  _ context: OpaquePointer?, _ classes: UnsafeMutablePointer<Int32>?, _ length: Int64,
  _ shares: UnsafeMutablePointer<Float>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    guard unsafe attributes != nil else { throw .null("attributes") }
    let ticket = try unsafe ticket(handle)
    let graph = try unsafe GraphmillC.graph(graph)
    let known = try unsafe options(attributes, gm_attributes())
    let found = try unsafe predict(
      with: ticket, graph: graph, features: features(known, rows: graph.nodeCount),
      context: GraphmillC.context(context))
    try unsafe copy(found.classes, to: classes, length: length, "classes")
    guard let place = unsafe shares else { return }
    try unsafe copy(found.probabilities, to: place, length: Int64(found.probabilities.count), "shares")
  }
}

/// Writes a ticket.
@c @implementation
public func gm_ticket_save(
  _ handle: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ replace: Int32, _ context: OpaquePointer?,
  _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    try unsafe writeTicket(
      ticket(handle), to: needed(path, "path"), replaces: replace != 0, context: GraphmillC.context(context))
  }
}

/// Reads a ticket.
@c @implementation
public func gm_ticket_open(
  _ path: UnsafePointer<CChar>?, _ context: OpaquePointer?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    TicketObject(try unsafe readTicket(needed(path, "path"), context: GraphmillC.context(context)))
  }
}

/// Gives a ticket back.
@c @implementation
public func gm_ticket_free(_ ticket: OpaquePointer?) { unsafe free(ticket, TicketObject.self) }
