import ArgumentParser
import Graphmill
import MillRuntime

struct Knn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build, search and check proximity graphs of vectors (HNSW, NSW).",
    discussion: """
      EXAMPLES:
        graphmill knn build base.fvecs base.gmx --metric cos
        graphmill knn search base.gmx queries.fvecs found.tsv --k 10
        graphmill knn graph base.gmx neighbors.gmg --k 10 --symmetric mutual
        graphmill knn check base.gmx
      """,
    subcommands: [KnnBuild.self, KnnSearch.self, KnnGraph.self, KnnCheck.self])
}
