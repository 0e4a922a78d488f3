import Foundation
import Testing

/// The completion scripts, driven by their shells.
@Suite struct CompletionTests {
  private let command = try! Graphmill()

  /// Command lines, and what must be among their completions.
  private static let cases: [(line: String, wanted: Set<String>)] = [
    ("graphmill sp", ["sparsify"]), ("graphmill knn b", ["build"]), ("graphmill info ed", ["edges.tsv"]),
    ("graphmill stats d", ["degree"]), ("graphmill stats degree ed", ["edges.tsv"]),
    ("graphmill query edges.tsv ne", ["neighbors"]),
    ("graphmill convert edges.tsv b --to gr", ["graphml", "gr", "graph6"]),
    ("graphmill sparsify a b --method t", ["teddy", "triangles"]),
    ("graphmill sparsify a b --keep-f", ["--keep-forest"]),
    ("graphmill knn build v i --metric c", ["cos", "chebyshev"]),
    ("graphmill knn build v i --quantize b", ["bf16", "b1"]), ("graphmill communities a --truth ed", ["edges.tsv"]),
    ("graphmill compare a b --what m", ["manifests"]), ("graphmill completions f", ["fish"]),
  ]

  private func prepare(_ shell: String) throws {
    try command.write("1 2\n", to: "edges.tsv")
    #expect(try command.shell("graphmill completions \(shell) > script").status == 0)
  }

  @Test func bash() throws {
    try prepare("bash")
    var script = "source ./script\n"
    for (line, _) in Self.cases {
      script += """
        COMP_WORDS=(\(line)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}
        COMPREPLY=(); _graphmill graphmill "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "${COMPREPLY[*]}"

        """
    }
    try check(try command.shell(script).output)
  }

  @Test(.needsProgram("fish")) func fish() throws {
    try prepare("fish")
    let script =
      "source ./script\n" + Self.cases.map { "echo (complete -C'\($0.line)' | string split -f1 \\t)\n" }.joined()
    try command.write(script, to: "drive")
    try check(try command.shell("HOME=$PWD fish --no-config drive").output)
  }

  private func check(_ output: String) throws {
    let found = output.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      Set(line.split(separator: " ").map(String.init))
    }
    try #require(found.count > Self.cases.count, "\(output)")
    for (words, example) in zip(found, Self.cases) {
      #expect(words.isSuperset(of: example.wanted), "\(example.line): \(words)")
    }
  }

  @Test(.needsProgram("zsh")) func zsh() throws {
    try prepare("zsh")
    #expect(try command.shell("zsh -n script").status == 0)
    let text = try command.read("script")
    for words in ["_files", "teddy", "graphml", "--keep-forest"] { #expect(text.contains(words)) }
  }
}
