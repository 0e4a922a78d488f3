import Foundation
import Testing

/// The kernels of `stats` on a graph that can be looked through: a triangle a b c, a tail c-d-e, a pair x-y.
@Suite struct StatsKernelTests {
  private let command = try! Graphmill()
  private let edges = "a b\nb c\nc a\nc d\nd e\nx y\n"
  private let arcs = "a b\na c\nb d\nc d\nd e\n"

  private func table(_ kernel: String, _ flags: String..., input: String? = nil) throws -> String {
    try command.write(input ?? edges, to: "g.txt")
    let result = try command.run(arguments: ["stats", kernel, "g.txt"] + flags)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  private func json(_ kernel: String, _ flags: String..., input: String? = nil) throws -> [String: Any] {
    try command.write(input ?? edges, to: "g.txt")
    return try command.run(arguments: ["stats", kernel, "g.txt", "--json"] + flags).json
  }

  @Test func strongComponents() throws {
    #expect(try table("scc", "--directed") == "a\t0\nb\t0\nc\t0\nd\t1\ne\t2\nx\t3\ny\t4\n")
    #expect(try table("scc") == "a\t0\nb\t0\nc\t0\nd\t0\ne\t0\nx\t1\ny\t1\n")
    let found = try json("scc", "--directed")
    #expect(found["components"] as? Int == 5 && found["largest_component"] as? Int == 3)
    #expect(found["nodes"] as? Int == 7 && found["edges"] as? Int == 6)
  }

  @Test func topologicalOrder() throws {
    #expect(try table("order", "--directed", input: arcs) == "a\t0\t0\nb\t1\t1\nc\t2\t1\nd\t3\t2\ne\t4\t3\n")
    #expect(try json("order", "--directed", input: arcs)["levels"] as? Int == 4)
    try command.write(edges, to: "cycle.txt")
    let refused = try command.run("stats", "order", "cycle.txt", "--directed", "--out", "order.tsv")
    #expect(refused.status == 65 && refused.errors.contains("cycle.txt: the arcs have a cycle: 'a → b → c → a'"))
    #expect(!command.exists("order.tsv"))
    let undirected = try command.run("stats", "order", "cycle.txt")
    #expect(undirected.status == 65 && undirected.errors.contains("--directed"))
  }

  @Test func sides() throws {
    #expect(try table("bipartite", input: "a b\nb c\nd a\n") == "a\t0\nb\t1\nc\t0\nd\t1\n")
    #expect(try json("bipartite", input: "a b\nb c\n")["second_side"] as? Int == 1)
    let found = try json("bipartite")
    #expect(found["bipartite"] as? Bool == false)
    #expect(Set(found["odd_cycle"] as? [String] ?? []) == ["a", "b", "c"])
    #expect(try table("bipartite").isEmpty)
  }

  @Test func bridges() throws {
    #expect(try table("bridges") == "c\td\nd\te\nx\ty\n")
    #expect(try table("cutnodes") == "a\t0\nb\t0\nc\t1\nd\t1\ne\t0\nx\t0\ny\t0\n")
    let found = try json("bridges")
    #expect(found["bridges"] as? Int == 3 && found["articulation_points"] as? Int == 2 && found["blocks"] as? Int == 4)
  }

  @Test func paths() throws {
    let roads = "a b 4\na c 1\nc b 2.5\nb d 5\nx y 1\n"
    let flags = ["--source", "a", "--weights", "yes"]
    try command.write(roads, to: "roads.txt")
    let result = try command.run(arguments: ["stats", "paths", "roads.txt"] + flags)
    #expect(result.output == "a\t0\ta\nb\t3.5\tc\nc\t1\ta\nd\t8.5\tb\nx\t-1\t-\ny\t-1\t-\n")
    let told = try command.run(arguments: ["stats", "paths", "roads.txt", "--target", "d", "--json"] + flags).json
    #expect(told["path"] as? [String] == ["a", "c", "b", "d"] && told["distance"] as? Double == 8.5)
    #expect(told["reached"] as? Int == 4 && told["eccentricity"] as? Double == 8.5)
    let summary = try command.run(
      arguments: ["stats", "paths", "roads.txt", "--target", "d", "--out", "p.tsv"] + flags)
    #expect(summary.output.contains("a → c → b → d: distance 8.5") && command.exists("p.tsv"))
    let none = try command.run(arguments: ["stats", "paths", "roads.txt", "--target", "y", "--json"] + flags).json
    #expect(none["path"] is NSNull && none["distance"] is NSNull)
    try command.write("a b 1\nb c -2\n", to: "negative.txt")
    let refused = try command.run("stats", "paths", "negative.txt", "--weights", "yes", "--out", "n.tsv")
    #expect(refused.status == 65 && refused.errors.contains("negative.txt") && refused.errors.contains("b - c"))
    #expect(!command.exists("n.tsv"))
    #expect(try command.run("stats", "paths", "roads.txt", "--target", "nobody").status == 64)
  }

  @Test func near() throws {
    #expect(try table("near", "--source", "c", "--hops", "2") == "c\t0\na\t1\nb\t1\nd\t1\ne\t2\n")
    let back = try table("near", "--source", "d", "--directed", "--direction", "in", input: arcs)
    #expect(back == "d\t0\nb\t1\nc\t1\n")
    #expect(try json("near", "--source", "x")["reached"] as? Int == 2)
  }

  @Test func diameter() throws {
    let found = try json("diameter")
    #expect(found["diameter"] as? Int == 3 && found["ends"] as? [String] == ["a", "e"])
    #expect(try table("diameter").hasPrefix("diameter 3, between a and e"))
    #expect(try command.run("stats", "diameter", "g.txt", "--out", "d.tsv").status == 64)
  }

  @Test func cohesion() throws {
    let third = "0.3333333333333333"
    #expect(
      try table("clustering") == "a\t1\t1\nb\t1\t1\nc\t1\t\(third)\nd\t0\t0\ne\t0\t0\nx\t0\t0\ny\t0\t0\n")
    let found = try json("clustering")
    #expect(found["triangles"] as? Int == 1 && found["transitivity"] as? Double == 0.5)
    #expect(try table("truss") == "a\tb\t3\na\tc\t3\nb\tc\t3\nc\td\t2\nd\te\t2\nx\ty\t2\n")
    let truss = try json("truss")
    #expect(truss["largest_truss"] as? Int == 3 && truss["largest_truss_edges"] as? Int == 3)
    #expect(try table("onion") == "a\t2\t3\nb\t2\t3\nc\t2\t3\nd\t1\t2\ne\t1\t1\nx\t1\t1\ny\t1\t1\n")
    #expect(try json("onion")["layers"] as? Int == 3)
  }

  @Test func centrality() throws {
    #expect(try table("betweenness") == "a\t0\nb\t0\nc\t4\nd\t3\ne\t0\nx\t0\ny\t0\n")
    #expect(try table("betweenness", "--normalized").contains("d\t0.2\n"))
    #expect(try table("closeness").hasPrefix("a\t0.5714285714285714\t0.47222222222222"))
    #expect(try table("closeness", "--scale-by-reach").hasSuffix("y\t0.16666666666666666\t0.16666666666666666\n"))
    for kernel in ["betweenness", "closeness"] {
      let exact = try json(kernel)
      #expect(exact["exact"] as? Bool == true)
      let first = try table(kernel, "--sample", "3", "--seed", "1")
      #expect(try table(kernel, "--sample", "3", "--seed", "1", "-t", "2") == first)
      #expect(try json(kernel, "--sample", "3")["exact"] as? Bool == false)
    }
    let hubs = try table("hits", "--directed", "--rounds", "50", input: "p r\nq r\n")
    #expect(hubs == "p\t0.5\t0\nq\t0.5\t0\nr\t0\t1\n")
    #expect(try json("hits", "--directed", input: "p r\nq r\n")["converged"] as? Bool == true)
  }

  @Test func balls() throws {
    let found = try json("hyperball", "--register-bits", "12", "--seed", "4")
    #expect(found["complete"] as? Bool == true && found["rounds"] as? Int == 3)
    // Of 5 nodes in one component and 2 in the other 22 ordered pairs have a path, of mean length 1.636….
    #expect(abs((found["average_distance"] as? Double ?? 0) - 36.0 / 22) < 0.1)
    #expect((found["neighborhood_function"] as? [Double])?.count == 4)
    let cut = try json("hyperball", "--rounds", "1")
    #expect(cut["complete"] as? Bool == false && cut["rounds"] as? Int == 1)
    let first = try table("hyperball", "--seed", "1")
    #expect(first.hasPrefix("a\t0.") && first.split(separator: "\n").count == 7)
    #expect(try table("hyperball", "--seed", "1", "-t", "2") == first)
  }

  @Test func forest() throws {
    let weighted = "a b 3\nb c 1\nc a 2\nx y 5\n"
    #expect(try table("forest", "--weights", "yes", input: weighted) == "a\tc\t2\nb\tc\t1\nx\ty\t5\n")
    let most = try json("forest", "--weights", "yes", "--maximum", input: weighted)
    #expect(most["weight"] as? Double == 10 && most["trees"] as? Int == 2 && most["forest_edges"] as? Int == 3)
  }

  @Test func mixing() throws {
    let star = try json("mixing", input: "h a\nh b\nh c\n")
    #expect(abs((star["degree_assortativity"] as? Double ?? 0) + 1) < 1e-12 && star["reciprocity"] as? Double == 1)
    #expect(try json("mixing", "--directed", input: "a b\nb a\nb c\nc d\n")["reciprocity"] as? Double == 0.5)
    #expect(try json("mixing", input: "a b\n")["degree_assortativity"] is NSNull)
    #expect(try table("richclub") == "0\t7\t6\t0.2857142857142857\n1\t4\t4\t0.6666666666666666\n2\t1\t0\t0\n")
    #expect(try json("richclub")["max_degree"] as? Int == 3)
  }

  @Test func labels() throws {
    let cliques = "a b\nb c\nc a\na d\nb d\nc d\nd e\ne f\ne g\ne h\nf g\nf h\ng h\n"
    let groups = try table("labels", "--seed", "3", "--rounds", "50", input: cliques)
    #expect(groups == "a\t0\nb\t0\nc\t0\nd\t0\ne\t1\nf\t1\ng\t1\nh\t1\n")
    let found = try json("labels", input: cliques)
    #expect(found["groups"] as? Int == 2 && found["converged"] as? Bool == true)
  }

  @Test func walks() throws {
    let line = "a b\nb c\nc d\n"
    #expect(
      try table("walks", "--directed", "--walks", "1", "--length", "3", input: line) == "a\tb\tc\nb\tc\td\nc\td\nd\n")
    let first = try table("walks", "--length", "9", "--return", "0.25", "--in-out", "4", "--seed", "5")
    #expect(try table("walks", "--length", "9", "--return", "0.25", "--in-out", "4", "--seed", "5", "-t", "2") == first)
    #expect(try table("walks", "--length", "9", "--return", "0.25", "--in-out", "4", "--seed", "6") != first)
    let found = try json("walks", "--walks", "2", "--length", "4")
    #expect(found["walks"] as? Int == 14 && found["length"] as? Int == 4)
  }

  @Test(
    "Flags of another kernel and values that cannot be are refused, and nothing is written",
    arguments: [
      ["scc", "--source", "a"], ["degree", "--hops", "2"], ["bfs", "--target", "a"], ["near", "--sample", "5"],
      ["closeness", "--normalized"], ["betweenness", "--scale-by-reach"], ["truss", "--maximum"],
      ["walks", "--rounds", "3"], ["labels", "--walks", "3"], ["hits", "--length", "3"], ["bfs", "--return", "2"],
      ["bfs", "--in-out", "2"], ["paths", "--direction", "in"], ["mixing", "--loops", "2"], ["near", "--hops", "-1"],
      ["betweenness", "--sample", "0"], ["walks", "--length", "0"], ["walks", "--return", "0"],
      ["hits", "--rounds", "0"], ["hyperball", "--register-bits", "3"], ["closeness", "--register-bits", "7"],
    ])
  func refused(arguments: [String]) throws {
    try command.write(edges, to: "g.txt")
    let result = try command.run(arguments: ["stats", arguments[0], "g.txt", "--out", "t.tsv"] + arguments.dropFirst())
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.output.isEmpty && !result.errors.isEmpty && !command.exists("t.tsv"))
  }
}
