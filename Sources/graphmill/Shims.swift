// Stand-ins for library functions that other branches bring; to be deleted when they are merged.
import GraphStore
import MillRuntime

extension CSRGraph {
  func fingerprint(context: RunContext) throws(MillError) -> String { throw missing("fingerprint") }
  func sha256(context: RunContext) throws(MillError) -> String { throw missing("sha256") }
}

func differences(between first: CSRGraph, and second: CSRGraph, context: RunContext) throws(MillError) -> [String] {
  throw missing("differences")
}

private func missing(_ name: String) -> MillError { MillError(.unsupported, "\(name) is not merged yet") }
