import Foundation
import MillRuntime

/// The error of a throwing call.
func failure(_ body: () throws -> Void) -> MillError? {
  do {
    try body()
    return nil
  } catch { return error as? MillError }
}

/// The lines of a text that hold data.
func dataLines(_ text: String?) -> [Substring] {
  (text ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("%") }
}

/// The root folder of the package.
let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path
