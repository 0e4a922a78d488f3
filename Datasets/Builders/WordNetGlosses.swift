public import MillRuntime

extension WordNetBuilder {
  /// The explanations of synsets, without the bar in front of them; empty for a synset without one.
  ///
  /// - Parameters:
  ///   - names: Synsets as the graph calls them, such as `n00001740`.
  ///   - source: The folder with the four data files.
  /// - Throws: ``MillError``: `unreadable` with the package to install when the database is missing, `malformed` for a
  ///   name that is no place of a synset.
  /// - Complexity: O(bytes of the glosses).
  public static func glosses(
    of names: [String], from source: String = defaultFolder
  ) throws(MillError) -> [String] {
    var files: [UInt8: MappedFile] = [:]
    for part in WordNetReader.parts {
      do throws(MillError) { files[part.letter] = try MappedFile(path: source + "/" + part.file) } catch {
        var missing = error
        missing.hint = "install the package wordnet-base (apt-get install wordnet-base)"
        throw missing
      }
    }
    defer { withExtendedLifetime(files) {} }
    return try names.map { name throws(MillError) in
      guard let letter = name.utf8.first, let file = files[letter], let offset = Int(name.dropFirst()), offset >= 0,
        unsafe offset < file.bytes.count
      else { throw MillError(.malformed, "no synset has this name", field: name) }
      let rest = unsafe file.bytes[offset...]
      let line = unsafe rest[..<(rest.firstIndex(of: 10) ?? rest.endIndex)]
      guard let bar = unsafe line.firstIndex(of: UInt8(ascii: "|")) else { return "" }
      let text = unsafe String(decoding: line[(bar + 1)...], as: UTF8.self)
      return String(text.drop { $0 == " " })
    }
  }
}
