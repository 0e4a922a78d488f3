import ArgumentParser
import MillRuntime

/// A property wrapper of the argument parser whose value can be read without knowing its type.
private protocol ParsedValue {
  var anyValue: Any { get }
}

extension Option: ParsedValue {
  fileprivate var anyValue: Any { wrappedValue }
}

extension Flag: ParsedValue {
  fileprivate var anyValue: Any { wrappedValue }
}

extension Argument: ParsedValue {
  fileprivate var anyValue: Any { wrappedValue }
}

/// Groups are opened, not listed.
private protocol ParsedGroup {
  var group: Any { get }
}

extension OptionGroup: ParsedGroup {
  fileprivate var group: Any { wrappedValue }
}

/// The options of a parsed command after defaults, named as on the command line.
///
/// Read by reflection, so that a new flag cannot be forgotten in the manifest.
func parsedOptions(of command: Any) -> [String: JSONValue] {
  var options: [String: JSONValue] = [:]
  for child in Mirror(reflecting: command).children {
    guard let label = child.label else { continue }
    if let group = child.value as? any ParsedGroup {
      options.merge(parsedOptions(of: group.group)) { $1 }
    } else if let value = child.value as? any ParsedValue {
      options[kebabCase(label.drop { $0 == "_" })] = jsonValue(of: value.anyValue)
    }
  }
  return options
}

private func kebabCase(_ name: Substring) -> String {
  name.reduce(into: "") { text, letter in
    text += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
  }
}

private func jsonValue(of value: Any) -> JSONValue {
  switch value {
  case let value as Bool: return .bool(value)
  case let value as Int: return .integer(value)
  case let value as Double: return .number(value)
  case let value as UInt64: return JSONValue(value)
  case let value as Count: return .integer(value.value)
  case let value as Share: return .number(value.value)
  case let value as String: return .string(value)
  case let value as any RawRepresentable<String>: return .string(value.rawValue)
  case let value as [Any]: return .array(value.map(jsonValue(of:)))
  default: break
  }
  let mirror = Mirror(reflecting: value)
  if mirror.displayStyle == .optional {
    return mirror.children.first.map { jsonValue(of: $0.value) } ?? .null
  }
  return .string(String(describing: value))
}
