import CZlib
import CZstd
import Glibc
import ExperimentSupport
import GraphStore
import GraphSummarization
import MillRuntime

/// The sorted edge list as text, each edge once, smaller number first.
private func edgeListText(_ graph: CSRGraph) -> [UInt8] {
  var text: [UInt8] = []
  let names = (0..<graph.nodeCount).map { Array(graph.names.text(of: $0).utf8) }
  for u in 0..<graph.nodeCount {
    for v in graph.neighbors(of: u) where v > u {
      text += names[u]
      text.append(9)
      text += names[v]
      text.append(10)
    }
  }
  return text
}

/// Bytes of a plain adjacency list: each node's number of larger neighbors, then the gaps between them, in varints.
func deltaVarintBytes(_ graph: CSRGraph) -> Int {
  func length(_ value: Int) -> Int { max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7) }
  var bytes = 0
  for u in 0..<graph.nodeCount {
    var last = u
    var count = 0
    for v in graph.neighbors(of: u) where v > u {
      bytes += length(v - last - 1)
      last = v
      count += 1
    }
    bytes += length(count)
  }
  return bytes
}

/// Bytes after gzip with its best level.
private func gzipBytes(_ text: [UInt8]) -> Int {
  var length = compressBound(UInt(text.count))
  var out = [UInt8](repeating: 0, count: Int(length))
  guard compress2(&out, &length, text, UInt(text.count), 9) == Z_OK else { return 0 }
  // The same stream in gzip's frame: 18 bytes where zlib's has 6.
  return Int(length) + 12
}

/// Bytes after zstd with level 19.
private func zstdBytes(_ text: [UInt8]) -> Int {
  var out = [UInt8](repeating: 0, count: ZSTD_compressBound(text.count))
  let length = ZSTD_compress(&out, out.count, text, text.count, 19)
  return ZSTD_isError(length) == 0 ? length : 0
}

/// Bits an edge of the summary's file against compressed edge lists and a plain adjacency list.
func bitTable(
  _ graphs: [ExperimentGraph], _ settings: ExperimentSettings, _ context: RunContext
) throws -> (String, String) {
  var csv = "graph,relative_size,without_memberships,code_bits,gms_bits,gms_zstd_bits,gzip_bits,zstd19_bits,"
  csv += "varint_bits\n"
  let text = "## Bits an edge, \(settings.iterations[0]) rounds, seed \(settings.seed)\n\n"
  var table = MarkdownTable([
    "graph", "relative size", "without memberships", "codes of forest and edges", ".gms", ".gms --compress",
    "gzip -9 of the sorted list", "zstd -19 of it", "delta-varint adjacency",
  ])
  let folder = try scratchFolder()
  defer { rmdir(folder) }
  for input in graphs where input.graph.edgeCount > 0 {
    var options = SummarizeOptions()
    options.iterations = settings.iterations[0]
    options.seed = settings.seed
    let summary = try summarize(of: input.graph, options: options, context: context).summary
    var sizes: [Int] = []
    var code = 0.0
    for compresses in [false, true] {
      var file = SummaryFileOptions()
      file.compresses = compresses
      let path = folder + "/a.gms"
      let report = try writeSummary(summary, to: path, options: file, context: context)
      unlink(path)
      sizes.append(report.bytes)
      code = report.bitsPerEdge ?? 0
    }
    let list = edgeListText(input.graph)
    sizes += [gzipBytes(list), zstdBytes(list), deltaVarintBytes(input.graph)]
    let bits = sizes.map { plainDecimal(Double(8 * $0) / Double(input.graph.edgeCount), 2) }
    let relative = [summary.relativeSize, summary.relativeSizeWithoutMemberships].map { plainDecimal($0 ?? 1, 4) }
    let cells = [input.name] + relative + [plainDecimal(code, 2)] + bits
    table.add(cells)
    csv += cells.joined(separator: ",") + "\n"
  }
  return (text + table.text, csv)
}

private func scratchFolder() throws(MillError) -> String {
  var template = Array("/tmp/slugger-claims-XXXXXX".utf8CString)
  guard let made = mkdtemp(&template) else { throw MillError(.cannotCreate, "no temporary folder") }
  return String(cString: made)
}
