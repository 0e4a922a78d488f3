import GraphFormats
import GraphLearning
import GraphSummarization
import HierarchicalCommunities
import MillRuntime

extension FuzzReader {
  /// Labels, trees, summaries as text.
  static let texts = [
    FuzzReader(
      name: "labels", ending: "tsv",
      seeds: { _ in
        ["node\tlabel\n#h\t0\na\t1\nb\t-1\n", "# node\tclub\n1\tx\n2\ty\n", "1\t0\t5\n2\t1\tNA\n"].map {
          Array($0.utf8)
        }
      },
      words: ["node", "label", "NA", "# node\tx\n", "\t\t"],
      read: { path, number throws(MillError) in
        let file = try LabelFile(path: path, column: [nil, "label", "2", "club"][Int(number % 4)])
        return "\(min(4, file.names.count)) \(file.groups.count) \(file.numbers.contains(-1))"
      }),
    FuzzReader(
      name: "features", ending: "mtx",
      seeds: { _ in
        [
          "%%MatrixMarket matrix coordinate real general\n3 4 3\n1 1 2\n2 4 -1e3\n3 2 0.5\n",
          "%%MatrixMarket matrix coordinate pattern general\n% words\n2 5 2\n1 5\n2 1\n", "1,2,3\n4,5e-1,6\n",
          "0.5 1\n\n-2\t3\n",
        ].map { Array($0.utf8) }
      },
      words: [
        "%%MatrixMarket matrix coordinate ", "integer", "general", "symmetric", "1e300", "nan", "99999999", ",", ";",
      ],
      read: { path, _ throws(MillError) in
        let features = try FeatureMatrix(path: path, context: RunContext(threads: 1))
        return "\(min(4, features.rowCount)) \(min(4, features.columnCount)) \(min(4, features.entryCount))"
      }),
    FuzzReader(
      name: "trees", ending: "nwk",
      seeds: { _ in
        [
          "((a_b:1,c_d:1):1,e:2);", "(('a b':1,'c''d':1)x:1,e:2);\n", "only;", "0\t1\t0.5\t2\n2\t3\t1\t3\n",
          "[c](a,b,(c,d)0.9:1e-3);", "(,);", "# a\tb\tdistance\tleaves\n0\t1\t0.5\t2\n",
          "{\"leaves\":2,\"nodes\":[{\"id\":0,\"parent\":2,\"size\":3},{\"id\":1,\"parent\":2,\"name\":\"b\"},{\"id\":2}]}",
        ].map { Array($0.utf8) }
      },
      words: ["(", ")", ",", ";", ":", "''", "[&", "]", "inf", "((((", "))))", ":1e-400", "\"parent\":", "{", "-1"],
      read: { path, _ throws(MillError) in
        let text = String(decoding: try wholeFile(path), as: UTF8.self)
        let named =
          text.hasPrefix("{") ? try CommunityTree.Named(json: readJSON(path)) : try CommunityTree.Named(text: text)
        // What was read is a tree, hence can be written and read back as one.
        let again = try CommunityTree.Named.newick(named.tree.newick(names: named.names))
        guard again.names.count == named.names.count else { return "lost leaves" }
        _ = named.tree.linkageTable()
        _ = named.tree.json(names: named.names)
        return "\(min(4, named.names.count)) \(min(4, named.tree.nodeCount))"
      }),
    FuzzReader(
      name: "summary-text", ending: "txt",
      seeds: { _ in
        // Hierarchy, positive and negative edges, one file behind the other, with lines of === between.
        [
          "1\tn4\n2\tn4\n3\tn5\nn4\tn5\n===\nn4\tn4\nn5\t7\n===\n1\t2\n", "# isolated 3\n===\n1\t2\n===\n",
          "0\tn3\n1\tn3\n2\tn3\n===\nn3\tn3\n===\n0\t1\n",
        ].map { Array($0.utf8) }
      },
      words: ["n4", "n5", "n", "# isolated 3\n", "% x\n", "n4\tn4\n", "===\n"],
      read: { path, _ throws(MillError) in
        let parts = try wholeFile(path).split(separator: Array("===\n".utf8), omittingEmptySubsequences: false)
        let paths = SummaryTextPaths(prefix: path + ".part")
        for (index, target) in [paths.hierarchy, paths.positive, paths.negative].enumerated() {
          try writePlain(index < parts.count ? Array(parts[index]) : [], to: target)
        }
        return try lookAt(try readSummaryText(paths, context: RunContext(threads: 1)))
      }),
  ]
}
