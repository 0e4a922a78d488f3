import DatasetBuilders
import Foundation
import MillRuntime
import TestSupport
import Testing

@Suite struct DatasetManifestTests {
  static let folder = packageRoot + "/Datasets"

  @Test func committedFilesMatchTheManifest() throws {
    let manifest = try DatasetManifest(folder: Self.folder)
    #expect(manifest.datasets.count >= 5)
    try manifest.verify(in: Self.folder)
    let listed = Set(manifest.datasets.flatMap { $0.files.map(\.path) })
    let present = try FileManager.default.subpathsOfDirectory(atPath: Self.folder)
      .filter { !$0.hasPrefix("cache/") && ($0.hasSuffix(".tsv") || $0.hasSuffix(".wel")) }
    #expect(Set(present) == listed)
    #expect(manifest.datasets.map(\.name) == manifest.datasets.map(\.name).sorted())
  }

  @Test func committedGraphsHaveTheirCounts() throws {
    for dataset in try DatasetManifest(folder: Self.folder).datasets {
      let file = try #require(dataset.files.first)
      let text = try String(contentsOfFile: Self.folder + "/" + file.path, encoding: .utf8)
      #expect(!text.contains("\r") && text.hasSuffix("\n"))
      #expect(text.contains("# Nodes: \(dataset.nodes) Edges: \(dataset.edges)\n"))
      let rows = dataLines(text).map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
      #expect(rows.allSatisfy { $0.count == (dataset.weighted ? 3 : 2) }, "\(dataset.name)")
      #expect(file.path.hasSuffix(dataset.weighted ? ".wel" : ".tsv"))
      #expect(rows.count == dataset.edges)
      let pairs = rows.map { dataset.directed ? [$0[0], $0[1]] : [$0[0], $0[1]].sorted() }
      #expect(Set(pairs).count == dataset.edges)
      let nodes = Set(pairs.joined())
      #expect(nodes.count == dataset.nodes)
      #expect(pairs.count { $0[0] == $0[1] } == dataset.loops)
      if dataset.weighted { #expect(rows.allSatisfy { (Int($0[2]) ?? 0) > 0 }) }
      if let labels = dataset.file(named: "labels.tsv") {
        let labelText = try String(contentsOfFile: Self.folder + "/" + labels.path, encoding: .utf8)
        #expect(Set(dataLines(labelText).map { $0.split(separator: "\t")[0] }) == nodes)
      }
    }
  }

  @Test func changedAndMissingFilesAreFound() throws {
    let folder = TemporaryFolder()
    folder.file("edges.tsv", "a\tb\n")
    // The SHA-256 of "a\tb\n" by sha256sum.
    let good = "5dd1197866f479824d9b483e1b7ae9ad3e518f3b4fd447c6b92d127dda6178c5"
    for (checksum, kind) in [(good, nil), (String(good.reversed()), MillError.Kind.malformed)] {
      let file = DatasetFile(path: "edges.tsv", bytes: 4, sha256: checksum)
      let manifest = DatasetManifest(datasets: [
        DatasetSummary(
          name: "x", title: "X", nodes: 2, edges: 1, loops: 0, directed: false, weighted: false, files: [file])
      ])
      try manifest.write(into: folder.path)
      #expect(try DatasetManifest(folder: folder.path) == manifest)
      #expect(failure { try manifest.verify(in: folder.path) }?.kind == kind)
      #expect(failure { try manifest.verify(in: folder.path + "/no") }?.kind == .unreadable)
    }
    folder.file("manifest.json", "{\"datasets\": [{]}")
    #expect(failure { _ = try DatasetManifest(folder: folder.path) }?.kind == .malformed)
  }
}
