// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// What ships: every use of memory that the compiler cannot check is marked `unsafe`.
let shipped = strict + [.strictMemorySafety()]

let package = Package(
  name: "graphmill",
  products: [
    .library(name: "Graphmill", targets: ["Graphmill"]),
    .executable(name: "graphmill", targets: ["graphmill-cli"]),
    .library(name: "graphmill_c", type: .dynamic, targets: ["GraphmillC"]),
  ],
  traits: [
    .trait(name: "Validation", description: "Link igraph (GPL) into the tests and compare results with it."),
    .default(enabledTraits: []),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CHDF5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CIgraph", pkgConfig: "igraph", providers: [.apt(["libigraph-dev"])]),

    // The library, bottom to top: a target imports only what stands above it.
    .target(name: "CMillKernels"),
    .target(name: "MillRuntime", swiftSettings: shipped),
    .target(name: "WorkerProtocol", dependencies: ["MillRuntime"], swiftSettings: shipped),
    .target(name: "TreeGeometry", dependencies: ["MillRuntime"], swiftSettings: shipped),
    .target(
      name: "GraphStore", dependencies: ["MillRuntime", "CMillKernels", "CXXHash", "CZstd", "CCrypto"],
      swiftSettings: shipped),
    .target(name: "GraphKernels", dependencies: ["GraphStore", "MillRuntime"], swiftSettings: shipped),
    .target(name: "GraphLayout", dependencies: ["GraphKernels", "GraphStore", "MillRuntime"], swiftSettings: shipped),
    .target(name: "GraphGenerators", dependencies: ["GraphStore", "MillRuntime"], swiftSettings: shipped),
    .target(
      name: "GraphFormats",
      dependencies: [
        "GraphStore", "MillRuntime", "CMillKernels", "CZlib", "CISAL", "CZstd", "CBzip2", "CLzma", "CZip", "CExpat",
      ],
      swiftSettings: shipped),
    .target(
      name: "GraphSummarization", dependencies: ["GraphStore", "MillRuntime", "CMillKernels"], swiftSettings: shipped),
    .target(name: "MillKernels", dependencies: ["MillRuntime", "CMillKernels"], swiftSettings: shipped),
    .target(name: "VectorStore", dependencies: ["MillKernels", "MillRuntime", "CHDF5"], swiftSettings: shipped),
    .target(
      name: "ProximityGraphs",
      dependencies: ["VectorStore", "GraphStore", "MillKernels", "MillRuntime", "CMillKernels"], swiftSettings: shipped),
    .target(
      name: "EdgeSparsification", dependencies: ["GraphStore", "MillRuntime", "CMillKernels"], swiftSettings: shipped),
    .target(
      name: "GraphLearning",
      dependencies: [
        "EdgeSparsification", "GraphFormats", "GraphGenerators", "GraphStore", "MillKernels", "MillRuntime",
        "CMillKernels",
      ], swiftSettings: shipped),
    .target(
      name: "HierarchicalCommunities",
      dependencies: ["GraphGenerators", "GraphKernels", "GraphStore", "MillKernels", "MillRuntime", "CMillKernels"],
      swiftSettings: shipped),
    .target(
      name: "Reporting",
      dependencies: ["MillRuntime", "TreeGeometry", .product(name: "Mustache", package: "swift-mustache")],
      swiftSettings: shipped),
    .target(
      name: "Graphmill",
      dependencies: [
        "MillRuntime", "MillKernels", "GraphStore", "GraphKernels", "GraphGenerators", "GraphFormats", "VectorStore",
        "ProximityGraphs", "GraphSummarization", "HierarchicalCommunities", "EdgeSparsification", "GraphLearning",
        "Reporting", "TreeGeometry", "GraphLayout",
      ],
      swiftSettings: shipped),

    // The library for C, and by way of C for Python: the header is the truth, and the compiler compares.
    .target(name: "CGraphmill"),
    .target(
      name: "GraphmillC",
      dependencies: [
        "CGraphmill", "EdgeSparsification", "GraphFormats", "GraphGenerators", "GraphKernels", "GraphLearning",
        "GraphStore", "GraphSummarization", "HierarchicalCommunities", "MillRuntime", "ProximityGraphs", "VectorStore",
      ], exclude: ["graphmill_c.map"], swiftSettings: shipped),

    .target(
      name: "DatasetBuilders", dependencies: ["GraphStore", "MillRuntime"], path: "Datasets/Builders",
      swiftSettings: shipped),

    // The command.
    .executableTarget(
      name: "graphmill-cli",
      dependencies: [
        "Graphmill", "DatasetBuilders", "GraphFormats", "GraphGenerators", "GraphKernels", "GraphStore",
        "GraphLearning", "GraphSummarization", "HierarchicalCommunities",
        "MillRuntime", "TreeGeometry", "GraphLayout", "WorkerProtocol",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Sources/graphmill", swiftSettings: shipped, plugins: ["SourceRevision"]),
    .plugin(name: "SourceRevision", capability: .buildTool()),

    // Experiments, one folder each, and what they share.
    .target(
      name: "ExperimentSupport",
      dependencies: ["Reporting", "VectorStore", "GraphFormats", "GraphKernels", "GraphStore", "MillRuntime"],
      path: "Notebooks-as-scripts/ExperimentSupport",
      swiftSettings: strict),
    .executableTarget(
      name: "hnsw-search-cost", dependencies: ["ExperimentSupport", "ProximityGraphs", "VectorStore", "MillRuntime"],
      path: "Notebooks-as-scripts/hnsw-search-cost", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "hnsw-claims",
      dependencies: ["ExperimentSupport", "ProximityGraphs", "VectorStore", "Reporting", "MillRuntime"],
      path: "Notebooks-as-scripts/hnsw-claims", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "teddy-structure",
      dependencies: ["ExperimentSupport", "EdgeSparsification", "GraphGenerators", "GraphStore", "MillRuntime"],
      path: "Notebooks-as-scripts/teddy-structure", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "ticket-claims",
      dependencies: [
        "ExperimentSupport", "GraphLearning", "EdgeSparsification", "GraphGenerators", "GraphStore", "MillKernels",
        "MillRuntime",
      ],
      path: "Notebooks-as-scripts/ticket-claims", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "slugger-claims",
      dependencies: [
        "ExperimentSupport", "GraphSummarization", "GraphFormats", "GraphGenerators", "GraphStore", "MillRuntime",
        "CZlib", "CZstd",
      ],
      path: "Notebooks-as-scripts/slugger-claims", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "hsbm-phases",
      dependencies: [
        "ExperimentSupport", "HierarchicalCommunities", "Reporting", "GraphKernels", "GraphStore", "MillRuntime",
      ],
      path: "Notebooks-as-scripts/hsbm-phases", exclude: ["README.md", "figures"], swiftSettings: strict),
    .executableTarget(
      name: "hsbm-trees",
      dependencies: ["ExperimentSupport", "HierarchicalCommunities", "Reporting", "GraphStore", "MillRuntime"],
      path: "Notebooks-as-scripts/hsbm-trees", exclude: ["README.md", "figures"], swiftSettings: strict),
    .executableTarget(
      name: "communities-real",
      dependencies: ["ExperimentSupport", "HierarchicalCommunities", "Reporting", "GraphStore", "MillRuntime"],
      path: "Notebooks-as-scripts/communities-real", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "communities-steps",
      dependencies: [
        "ExperimentSupport", "HierarchicalCommunities", "GraphGenerators", "GraphKernels", "GraphStore", "MillRuntime",
      ],
      path: "Notebooks-as-scripts/communities-steps", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "communities-planted",
      dependencies: [
        "ExperimentSupport", "HierarchicalCommunities", "GraphGenerators", "GraphKernels", "Reporting", "GraphStore",
        "MillRuntime",
      ],
      path: "Notebooks-as-scripts/communities-planted", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "power-grid",
      dependencies: [
        "ExperimentSupport", "HierarchicalCommunities", "GraphFormats", "GraphKernels", "Reporting", "GraphStore",
        "MillRuntime",
      ],
      path: "Notebooks-as-scripts/power-grid", exclude: ["README.md", "figures"], swiftSettings: strict),

    .executableTarget(
      name: "fat-polygons",
      dependencies: ["ExperimentSupport", "Graphmill", "Reporting", "TreeGeometry", "MillRuntime"],
      path: "Notebooks-as-scripts/fat-polygons", exclude: ["README.md"], swiftSettings: strict),

    // Comparison with igraph, for tests only: without the trait nothing of igraph is compiled or linked.
    .target(
      name: "CIgraphShim",
      dependencies: [.target(name: "CIgraph", condition: .when(traits: ["Validation"]))],
      cSettings: [.define("VALIDATION", .when(traits: ["Validation"]))]),
    .target(
      name: "IgraphValidation", dependencies: ["CIgraphShim", "GraphKernels", "GraphStore"], swiftSettings: strict),

    // Tests, one target a module.
    .target(
      name: "TestSupport", dependencies: ["GraphStore", "MillRuntime"], path: "Tests/TestSupport",
      exclude: ["Fixtures"],
      swiftSettings: strict),
    .executableTarget(
      name: "fuzz-readers",
      dependencies: [
        "GraphFormats", "GraphGenerators", "GraphLearning", "GraphStore", "GraphSummarization",
        "HierarchicalCommunities", "MillRuntime", "ProximityGraphs", "TestSupport", "VectorStore",
      ],
      path: "Tests/FuzzReaders", exclude: ["Corpus"], swiftSettings: strict),
    .testTarget(name: "FuzzTests", dependencies: ["fuzz-readers", "MillRuntime"], swiftSettings: strict),
    .testTarget(name: "GraphmillTests", dependencies: ["Graphmill"], swiftSettings: strict),
    .testTarget(
      name: "TreeGeometryTests", dependencies: ["MillRuntime", "TreeGeometry", "fat-polygons"], swiftSettings: strict),
    .testTarget(
      name: "GraphLayoutTests",
      dependencies: ["GraphGenerators", "GraphLayout", "GraphStore", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "MillRuntimeTests", dependencies: ["MillRuntime", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "WorkerProtocolTests", dependencies: ["WorkerProtocol", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "MillKernelsTests", dependencies: ["MillKernels", "MillRuntime", "CMillKernels"], swiftSettings: strict),
    .testTarget(
      name: "VectorStoreTests", dependencies: ["VectorStore", "MillKernels", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ProximityGraphsTests",
      dependencies: [
        "ProximityGraphs", "VectorStore", "GraphStore", "MillKernels", "MillRuntime", "TestSupport", "hnsw-search-cost",
        "hnsw-claims",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraphStoreTests", dependencies: ["GraphKernels", "GraphStore", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GraphKernelsTests",
      dependencies: ["GraphGenerators", "GraphKernels", "GraphStore", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GraphGeneratorsTests",
      dependencies: ["GraphGenerators", "GraphKernels", "GraphStore", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GraphFormatsTests", dependencies: ["GraphFormats", "GraphStore", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "IgraphValidationTests",
      dependencies: [
        "GraphFormats", "GraphGenerators", "GraphKernels", "GraphStore", "IgraphValidation", "MillRuntime",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EdgeSparsificationTests",
      dependencies: [
        "EdgeSparsification", "GraphGenerators", "GraphKernels", "GraphStore", "MillRuntime", "TestSupport",
        "teddy-structure",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraphLearningTests",
      dependencies: [
        "GraphLearning", "EdgeSparsification", "GraphFormats", "GraphGenerators", "GraphStore", "MillKernels",
        "MillRuntime", "CMillKernels", "TestSupport", "ticket-claims",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetBuildersTests", dependencies: ["DatasetBuilders", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GraphSummarizationTests",
      dependencies: [
        "GraphSummarization", "GraphFormats", "GraphKernels", "GraphStore", "MillRuntime", "TestSupport",
        "slugger-claims",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ExperimentSupportTests", dependencies: ["ExperimentSupport"], swiftSettings: strict),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "TreeGeometry", "MillRuntime", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HierarchicalCommunitiesTests",
      dependencies: [
        "GraphFormats", "GraphStore", "HierarchicalCommunities", "IgraphValidation", "MillRuntime", "TestSupport",
        "ExperimentSupport", "communities-planted", "communities-real", "communities-steps", "hsbm-phases",
        "hsbm-trees", "power-grid",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraphmillCTests", dependencies: ["GraphmillC", "CGraphmill", "GraphStore", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["graphmill-cli", "MillRuntime", "TestSupport", "WorkerProtocol"],
      swiftSettings: strict),
  ]
)
