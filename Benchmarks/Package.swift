// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of the library never build it.
let package = Package(
  name: "graphmill-benchmarks",
  dependencies: [.package(name: "graphmill", path: "..")],
  targets: [
    .executableTarget(
      name: "graphmill-bench", dependencies: [.product(name: "Graphmill", package: "graphmill")])
  ]
)
