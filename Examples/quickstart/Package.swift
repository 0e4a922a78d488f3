// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "quickstart",
  dependencies: [.package(name: "graphmill", path: "../..")],
  targets: [
    .executableTarget(name: "quickstart", dependencies: [.product(name: "Graphmill", package: "graphmill")])
  ]
)
