import GraphFormats
import Graphmill
import MillRuntime
import WorkerProtocol

// Shards of a store of vectors: each is an index of its own, whose keys are the ids of the whole.
extension Worker {
  /// Builds the index of a shard from rows (id, vector) that ascend by id, and tells what it became.
  ///
  /// The file appears whole under its name, so that a second attempt replaces the first with the same bytes.
  func knnBuild(_ settings: WorkerSettings, _ run: CommandRun) throws -> [String: JSONValue] {
    let metric = try settings.metric()
    let target = try settings.text("target")
    let shard = try settings.integer("shard", in: 0...Int(Int32.max))
    let table = try settings.emptyTable()
    var keys: [Int] = []
    let reader = reader([ColumnForm(.int64), ColumnForm(.float32, components: table.dimension)])
    while try reader.next() {
      let ids = unsafe reader.values(0, as: Int64.self)
      for row in 0..<reader.rows {
        let id = unsafe Int(ids[row])
        guard id >= 0, keys.last.map({ $0 < id }) ?? true else {
          throw refuseUnsorted(reader, row: row, Int64(id))
        }
        keys.append(id)
        try table.append(reader.vector(1, row: row, dimension: table.dimension))
      }
    }
    var options = HNSWOptions()
    options.m = try settings.integer("m", in: 2...512)
    options.efConstruction = try settings.integer("ef", in: 1...1 << 20)
    options.seed = UInt64(try settings.integer("seed", in: 0...Int.max))
    let index = try HNSWIndex(building: table, metric: metric, keys: keys, options: options, context: run.context)
    let bytes = try index.write(to: target, replaces: true, context: run.context)
    guard let sum = UInt64(try fileFingerprint(target).suffix(16), radix: 16) else {
      preconditionFailure("a fingerprint is hexadecimal")
    }
    let forms = [ColumnForm(.int32), ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.uint64), ColumnForm(.int64)]
    try writeFrames(forms) { writer in
      writer.set(0, Int32(shard))
      writer.set(1, Int64(index.count))
      writer.set(2, Int64(bytes))
      writer.set(3, sum)
      writer.set(4, Int64(index.report.distances))
      try writer.endRow()
    }
    return ["rows": JSONValue(reader.totalRows), "bytes": .integer(bytes)]
  }

  /// Finds the nearest of one shard for every row (query, vector): rows (query, id, distance, cost of the query).
  ///
  /// Distances are those that searches compare, under `l2` the squared ones, so that shards merge as one index sorts.
  func knnSearch(_ settings: WorkerSettings, _ run: CommandRun) throws -> [String: JSONValue] {
    let path = try settings.text("index")
    let k = try settings.integer("k", in: 1...1 << 20)
    let options = SearchOptions(ef: try settings.integer("ef", in: 1...1 << 20))
    let index = try ProximityIndex.open(path, mapped: !global.noMmap, context: run.context)
    let reader = reader([ColumnForm(.int64), ColumnForm(.float32, components: index.dimension)])
    let forms = [ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.float32), ColumnForm(.int64)]
    var counters = SearchCounters()
    try writeFrames(forms) { writer in
      while try reader.next() {
        let queries = unsafe reader.values(0, as: Int64.self)
        for row in 0..<reader.rows {
          let vector = reader.vector(1, row: row, dimension: index.dimension)
          let found = try index.search(vector, k: k, options: options, filter: nil)
          counters += found.counters
          for neighbor in found.neighbors {
            unsafe writer.set(0, queries[row])
            writer.set(1, Int64(neighbor.key))
            writer.set(2, neighbor.distance)
            writer.set(3, Int64(found.counters.distances))
            try writer.endRow()
          }
        }
      }
    }
    return ["rows": JSONValue(reader.totalRows), "distances": JSONValue(counters.distances)]
  }
}

extension ColumnFrameReader {
  /// The vector of a row of the present frame.
  fileprivate func vector(_ column: Int, row: Int, dimension: Int) -> [Float] {
    unsafe Array(values(column, as: Float.self)[row * dimension..<(row + 1) * dimension])
  }
}

extension WorkerSettings {
  fileprivate func metric() throws -> Metric {
    let name = try text("metric")
    guard let metric = Metric(rawValue: name) else { throw MillError(.badOption, "no such distance", field: name) }
    return metric
  }

  fileprivate func emptyTable() throws -> VectorTable {
    try VectorTable(dimension: integer("dimension", in: 1...1 << 16))
  }
}
