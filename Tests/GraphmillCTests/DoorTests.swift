import CGraphmill
import GraphStore
import TestSupport
import Testing

@testable import GraphmillC

/// The functions of the header, as a caller in C sees them; the Python package tests them much further.
@Suite struct DoorTests {
  /// What a failing call told.
  private struct Failure: Equatable {
    let code: Int32
    let kind: String
    let message: String
  }

  /// Runs a call; nil where it went well.
  private func failure(_ call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) -> Failure? {
    var error: OpaquePointer?
    let code = call(&error)
    defer { gm_error_free(error) }
    #expect((code == 0) == (error == nil))
    guard code != 0 else { return nil }
    return Failure(
      code: code, kind: String(cString: gm_error_kind(error)), message: String(cString: gm_error_message(error)))
  }

  private func graph(_ ids: [Int32]) throws -> OpaquePointer {
    var graph: OpaquePointer?
    let told = failure { error in
      ids.withUnsafeBytes { bytes in
        "i32".withCString { type in
          var source = gm_column(data: bytes.baseAddress, stride: 8, type: type)
          var target = gm_column(data: bytes.baseAddress! + 4, stride: 8, type: type)
          return gm_graph_from_pairs(&source, &target, nil, Int64(ids.count / 2), nil, nil, &graph, nil, error)
        }
      }
    }
    #expect(told == nil)
    return try #require(graph)
  }

  @Test func aGraphAndItsView() throws {
    let graph = try graph([10, 20, 20, 30])
    defer { gm_graph_free(graph) }
    var view = gm_graph_view()
    view.size = UInt32(MemoryLayout<gm_graph_view>.size)
    #expect(failure { gm_graph_get_view(graph, &view, $0) } == nil)
    #expect((view.nodes, view.edges, view.arcs, view.names) == (3, 2, 4, 1))
    #expect((0..<3).map { view.ids[$0] } == [10, 20, 30])
    var node: Int64 = 0
    #expect(failure { gm_graph_find(graph, "30", &node, $0) } == nil && node == 2)
    #expect(failure { gm_graph_find(graph, "31", &node, $0) } == nil && node == -1)
  }

  @Test func anOlderCallerGetsTheFieldsItKnows() throws {
    let graph = try graph([0, 1])
    defer { gm_graph_free(graph) }
    var view = gm_graph_view()
    view.size = UInt32(MemoryLayout<gm_graph_view>.offset(of: \.edges)!)
    view.edges = -7
    #expect(failure { gm_graph_get_view(graph, &view, $0) } == nil)
    #expect((view.nodes, view.edges) == (2, -7))
    view.size = 0
    #expect(failure { gm_graph_get_view(graph, &view, $0) }?.kind == "bad-option")
  }

  @Test func fieldsOfALaterVersionAreRefused() throws {
    let graph = try graph([0, 1])
    defer { gm_graph_free(graph) }
    var words = [UInt64](repeating: 0, count: 16)
    var tree: OpaquePointer?
    func call() -> Failure? {
      words.withUnsafeMutableBytes { bytes in
        bytes.storeBytes(of: UInt32(bytes.count), as: UInt32.self)
        return failure {
          gm_communities(graph, bytes.baseAddress!.assumingMemoryBound(to: gm_community_options.self), nil, &tree, $0)
        }
      }
    }
    #expect(call() == nil)
    gm_tree_free(tree)
    words[15] = 1
    #expect(call()?.message.contains("does not know") == true && tree == nil)
  }

  @Test func nullIsRefused() throws {
    let graph = try graph([0, 1])
    defer { gm_graph_free(graph) }
    var out: OpaquePointer?
    #expect(failure { gm_graph_read(nil, nil, nil, &out, nil, $0) }?.message == "path is null")
    #expect(failure { gm_graph_fingerprint(nil, nil, $0) }?.message == "graph is null")
    #expect(failure { gm_components(graph, nil, nil, 2, nil, $0) }?.message == "labels is null")
    #expect(failure { gm_graph_transform(graph, nil, nil, nil, $0) }?.message == "out is null")
    #expect(gm_graph_read("/none", nil, nil, &out, nil, nil) == 66 && out == nil)
    gm_graph_free(nil)
    gm_error_free(nil)
    gm_context_cancel(nil)
  }

  @Test func lengthsWordsAndNodesAreChecked() throws {
    let graph = try graph([0, 1])
    defer { gm_graph_free(graph) }
    var labels = [UInt32](repeating: 0, count: 3)
    #expect(failure { gm_components(graph, nil, &labels, 3, nil, $0) }?.message == "labels needs room for 2 values")
    var distances = [Int32](repeating: 0, count: 2)
    for source: Int64 in [-1, 2, .max, .min] {
      #expect(failure { gm_bfs(graph, source, nil, &distances, nil, 2, $0) }?.code == 64)
    }
    var out: OpaquePointer?
    #expect(failure { gm_graph_open("x.gmg", "loose", 1, nil, &out, $0) }?.message == "there is no such check")
    for threads: Int32 in [-1, 5000] { #expect(failure { gm_context_new(threads, &out, $0) }?.code == 64) }
    for dimension: Int64 in [0, -1, .max] {
      #expect(failure { gm_index_new(dimension, nil, nil, nil, &out, $0) }?.code == 64)
    }
  }

  @Test func aStoppedRunSaysSo() throws {
    let graph = try graph([0, 1])
    defer { gm_graph_free(graph) }
    var context: OpaquePointer?
    #expect(failure { gm_context_new(1, &context, $0) } == nil)
    defer { gm_context_free(context) }
    gm_context_cancel(context)
    var summary: OpaquePointer?
    #expect(failure { gm_summarize(graph, nil, context, &summary, $0) }?.code == 130 && summary == nil)
    var progress = gm_progress()
    progress.size = UInt32(MemoryLayout<gm_progress>.size)
    gm_context_progress(context, &progress)
    #expect(progress.done >= 0)
  }

  @Test func borrowedRowsAreGivenBackOnce() throws {
    let releases = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    defer { releases.deallocate() }
    let offsets: [Int64] = [0, 1, 2]
    for (targets, isRight): ([UInt32], Bool) in [([1, 0], true), ([1, 5], false)] {
      releases.pointee = 0
      offsets.withUnsafeBufferPointer { offsets in
        targets.withUnsafeBufferPointer { targets in
          var rows = gm_csr()
          rows.size = UInt32(MemoryLayout<gm_csr>.size)
          rows.nodes = 2
          rows.offsets = UnsafeRawPointer(offsets.baseAddress)
          rows.targets = UnsafeRawPointer(targets.baseAddress)
          (rows.offset_bytes, rows.target_bytes) = (8, 4)
          rows.owner = UnsafeMutableRawPointer(releases)
          rows.release = { $0?.assumingMemoryBound(to: Int32.self).pointee += 1 }
          var graph: OpaquePointer?
          let told = failure { gm_graph_from_csr(&rows, nil, &graph, $0) }
          #expect((told == nil) == isRight)
          #expect(releases.pointee == (isRight ? 0 : 1))
          gm_graph_free(graph)
          #expect(releases.pointee == 1)
        }
      }
    }
  }
}
