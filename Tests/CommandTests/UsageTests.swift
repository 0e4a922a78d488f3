import Foundation
import Testing

@Suite struct UsageTests {
  private let command = try! Graphmill()

  @Test(
    "The nearest word is suggested",
    arguments: [
      (["convrt", "a", "b"], "convert"), (["stat"], "stats"), (["compar", "a", "b"], "compare"),
      (["sparsify", "a", "b", "--remove", "0.1", "--method", "tedy"], "teddy"),
      (["sparsify", "a", "b", "--remove", "0.1", "--mehtod", "teddy"], "--method"),
      (["convert", "a", "b", "--duplicats", "sum"], "--duplicates"), (["info", "a", "--progress", "jsn"], "json"),
      (["stats", "degrees", "a"], "degree"), (["completions", "bsh"], "bash"),
      (["generate", "ramt", "a"], "rmat"), (["convert", "--hepl"], "--help"), (["info", "--hahs"], "--hash"),
      (["knn", "bild"], "build"), (["knn", "build", "a", "b", "--metric", "cosin"], "cosine"),
      (["query", "a", "nieghbors"], "neighbors"),
    ])
  func suggestion(arguments: [String], wanted: String) throws {
    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    let result = try command.shell("graphmill \(quoted)")
    #expect(result.status == 64)
    #expect(result.errors.lowercased().contains("did you mean '\(wanted)'?"), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test func flagOfAnotherCommand() throws {
    let result = try command.run("info", "a.txt", "--keep-forest")
    #expect(result.status == 64)
    #expect(result.errors.contains("--keep-forest is a flag of: sparsify"))
  }

  @Test func valueWithDash() throws {
    let result = try command.run("generate", "er", "a.gmg", "--nodes", "-5")
    #expect(result.status == 64)
    #expect(result.errors.contains("the value '-5' is invalid for '--nodes'"))
  }

  @Test(arguments: [
    ["generate", "er", "a", "--nodes", "1000000000000000000"],
    ["convert", "a", "b", "--columns", "src=9223372036854775807"],
    ["generate", "er", "a", "--nodes", "9223372036854775807"], ["convert", "a", "b", "--columns", "src=1000000000"],
  ])
  func beyondAllMeasure(arguments: [String]) throws {
    let result = try command.shell("echo 1 2 > a; graphmill \(arguments.joined(separator: " ")) --force")
    #expect(result.status == 64 || result.status == 71, "\(result.status) \(result.errors)")
    #expect(result.errors.contains("error: "))
  }

  @Test func longTimeLimit() throws {
    try command.write("1 2\n", to: "a.txt")
    #expect(try command.run("info", "a.txt", "--timeout", "1e300").status == 0)
  }

  @Test func asJSON() throws {
    let result = try command.run("convrt", "--log-format", "json")
    #expect(result.status == 64)
    let error = try #require(parseJSON(result.errors)["error"] as? [String: Any])
    #expect(error["code"] as? Int == 64)
    #expect(error["kind"] as? String == "usage")
    #expect(error["hint"] as? String == "did you mean 'convert'?")
  }

  @Test(arguments: [
    ["sparsify", "a", "b"], ["sparsify", "a", "b", "--remove", "1.5"], ["transform", "a", "b"], ["convert", "a"],
    ["check", "-", "--against", "-"], ["info", "a", "-t", "0"], ["info", "a", "--memory", "much"],
    ["info", "a", "--timeout", "0"], ["convert", "a", "b", "--directed", "--undirected"],
    ["convert", "a", "b", "--columns", "src="], ["convert", "a", "b", "--ids", "compact", "--nodes", "5"],
    ["generate", "ba", "a", "--edges", "10"], ["info", "a", "--loops", "2"],
    ["convert", "a", "b", "--report", "b"], [],
  ])
  func refused(arguments: [String]) throws {
    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    let result = try command.shell("graphmill \(quoted) 3>&-")
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(!result.errors.isEmpty)
    #expect(command.files.isEmpty)
  }

  @Test func version() throws {
    #expect(try command.run("--version").output.hasPrefix("graphmill 0.1.0 ("))
    let json = try command.run("--version", "--json").json
    #expect(json["version"] as? String == "0.1.0")
    #expect((json["revision"] as? String)?.isEmpty == false)
    #expect(json["configuration"] != nil)
    #expect((json["build_flags"] as? [String])?.isEmpty == false)
    #expect(["scalar", "avx2", "avx512", "neon"].contains(json["simd"] as? String))
    #expect(try command.run("version", "--json").json["version"] as? String == "0.1.0")
  }

  @Test(
    "Every command's help has examples that name it",
    arguments: [
      "study", "demo", "convert", "info", "check", "generate", "stats", "transform", "sparsify", "summarize",
      "restore", "query", "draw", "embed", "compare", "completions",
      "version",
    ])
  func help(name: String) throws {
    let result = try command.run(name, "--help")
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let parts = result.output.components(separatedBy: "EXAMPLES:")
    #expect(parts.count == 2)
    #expect(parts.last?.contains("graphmill \(name)") == true || name == "version")
    #expect(result.output.contains("USAGE: graphmill \(name)"))
    #expect(try command.run("help", name).output.hasPrefix("OVERVIEW:"))
  }

  @Test func rootHelpListsCommands() throws {
    let help = try command.run("--help").output
    for name in [
      "study", "demo", "convert", "info", "check", "generate", "stats", "transform", "sparsify", "summarize", "restore",
      "query",
      "communities", "draw", "embed", "compare",
    ] {
      #expect(help.contains("\n  \(name) "), "\(name)")
    }
  }

  @Test("Behind -- everything is a file name")
  func terminator() throws {
    try command.write("1 2\n", to: "--json")
    let result = try command.run("info", "--", "--json")
    #expect(result.status == 0)
    #expect(result.output.contains("2 nodes, 1 edges"))
  }

  @Test("Global flags may stand before the command")
  func globalFlagsFirst() throws {
    try command.write("1 2\n", to: "a.txt")
    #expect(try command.run("--json", "--seed", "3", "info", "a.txt").json["seed"] as? Int == 3)
  }

  @Test func environmentVariables() throws {
    try command.write("1 2\n", to: "a.txt")
    let variables = ["GRAPHMILL_THREADS": "1", "GRAPHMILL_SEED": "11"]
    let json = try command.run("info", "a.txt", "--json", environment: variables).json
    #expect(json["threads"] as? Int == 1)
    #expect(json["seed"] as? Int == 11)
    #expect(
      try command.run("info", "a.txt", "--json", "--seed", "12", environment: variables).json["seed"] as? Int == 12)
    let bad = try command.run("info", "a.txt", environment: ["GRAPHMILL_THREADS": "many"])
    #expect(bad.status == 64)
    #expect(bad.errors.contains("GRAPHMILL_THREADS"))
    #expect(try command.run("info", "a.txt", environment: ["GRAPHMILL_MEMORY": "1k"]).status == 71)
    #expect(try command.run("info", "a.txt", environment: ["GRAPHMILL_TMP": "/no/such/folder"]).status == 73)
  }

  @Test func memoryBudget() throws {
    let result = try command.run("generate", "er", "g.gmg", "--nodes", "100k", "--edges", "1M", "--memory", "1Mi")
    #expect(result.status == 71)
    #expect(result.errors.contains("--memory"))
    #expect(command.files.isEmpty)
  }

  @Test func completions() throws {
    for (shell, word) in [("bash", "complete"), ("zsh", "#compdef graphmill"), ("fish", "complete")] {
      let result = try command.run("completions", shell)
      #expect(result.status == 0)
      #expect(result.output.contains(word))
      #expect(result.output.contains("sparsify"))
    }
    #expect(try command.shell("graphmill completions bash | bash -n").status == 0)
  }
}
