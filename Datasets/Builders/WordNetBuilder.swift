public import MillRuntime

/// Makes a graph of WordNet's database files: synsets are nodes, pointers between them are edges.
///
/// - A node is one line of `data.noun`, `data.verb`, `data.adj` or `data.adv`. It is called by the letter of its file
///   (`n`, `v`, `a`, `r`) and the eight digits of its offset: `n00001740` is "entity". Adjective satellites (`s`)
///   stand in `data.adj` and count as `a`.
/// - An edge joins two synsets when any pointer leads from one to the other, semantic (synset to synset) or lexical
///   (word to word). Its direction and symbol are dropped, repeated pointers merge, pointers from a synset to itself
///   (WordNet 3.0 has them on 9 synsets) are left out.
/// - The label is the name of the lexicographer file, such as `noun.animal`; a second column has the synset's words.
///
/// WordNet 3.0, as Debian's package `wordnet-base` ships it, gives 117,659 nodes, of which 1,009 have no edge,
/// 183,789 edges and 45 labels.
///
/// Source: the file format is described in the manual page wndb(5WN) of WordNet 3.0.
public enum WordNetBuilder {
  /// Where Debian's package `wordnet-base` puts the database.
  public static let defaultFolder = "/usr/share/wordnet"

  /// Builds the graph and writes `edges.tsv`, `graph.mtx`, `labels.tsv` and `manifest.json`.
  ///
  /// The files appear whole or not at all, the manifest last; the same database gives the same bytes.
  ///
  /// - Parameters:
  ///   - source: The folder with the four data files.
  ///   - folder: Where the result goes; created when missing, files in it are replaced.
  /// - Returns: Counts and checksums, as in the manifest.
  /// - Throws: ``MillError``: `unreadable` with the package to install when the database is missing, `malformed` with
  ///   file and line when it is damaged, `cannot-create` or `input-output` for the result.
  /// - Complexity: O(bytes + m log m) time, about 60 bytes a pointer. One thread.
  public static func build(
    from source: String = defaultFolder, into folder: String
  ) throws(MillError) -> DatasetSummary {
    var reader = WordNetReader()
    for part in WordNetReader.parts { try reader.read(part, in: source) }
    return try reader.graph().write(about, into: folder)
  }

  private static var about: NamedGraph.Description {
    NamedGraph.Description(
      name: "wordnet", title: "WordNet: synsets and the semantic and lexical pointers between them",
      remarks: ["WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved."],
      labelColumns: "lexicographer_file\twords")
  }
}

/// Reads the four data files.
struct WordNetReader {
  struct Part {
    let file: String
    let letter: UInt8
  }

  /// In ascending order of their letters, so that nodes come out in ascending order of their names.
  static let parts = [
    Part(file: "data.adj", letter: UInt8(ascii: "a")), Part(file: "data.noun", letter: UInt8(ascii: "n")),
    Part(file: "data.adv", letter: UInt8(ascii: "r")), Part(file: "data.verb", letter: UInt8(ascii: "v")),
  ]

  /// The lexicographer files by number: lexnames(5WN).
  static let lexicographerFiles = [
    "adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act", "noun.animal", "noun.artifact", "noun.attribute",
    "noun.body", "noun.cognition", "noun.communication", "noun.event", "noun.feeling", "noun.food", "noun.group",
    "noun.location", "noun.motive", "noun.object", "noun.person", "noun.phenomenon", "noun.plant", "noun.possession",
    "noun.process", "noun.quantity", "noun.relation", "noun.shape", "noun.state", "noun.substance", "noun.time",
    "verb.body", "verb.change", "verb.cognition", "verb.communication", "verb.competition", "verb.consumption",
    "verb.contact", "verb.creation", "verb.emotion", "verb.motion", "verb.perception", "verb.possession",
    "verb.social", "verb.stative", "verb.weather", "adj.ppl",
  ]

  private struct Pointer {
    let source: UInt32
    let line: UInt32
    let target: UInt64
  }

  private struct Place {
    let firstPointer: Int
    let path: String
  }

  private var names: [String] = []
  private var labels: [String] = []
  private var nodes: [UInt64: UInt32] = [:]
  private var pointers: [Pointer] = []
  private var places: [Place] = []
  private var largestKey: UInt64 = 0

  mutating func read(_ part: Part, in folder: String) throws(MillError) {
    let path = folder + "/" + part.file
    let file: MappedFile
    do throws(MillError) { file = try MappedFile(path: path) } catch {
      var missing = error
      missing.hint = "install the package wordnet-base (apt-get install wordnet-base)"
      throw missing
    }
    places.append(Place(firstPointer: pointers.count, path: path))
    var lines = unsafe LineCursor(file.bytes)
    while let line = lines.next() {
      if line.count >= 2, unsafe file.bytes[line.lowerBound] == 32 { continue }
      do throws(MillError) { try unsafe readSynset(file.bytes, line, lines.line, part.letter) } catch {
        var placed = error.inFile(path)
        placed.line = lines.line
        throw placed
      }
    }
  }

  /// `offset lexicographer-file type word-count (word id)* pointer-count (symbol offset part words)* … | gloss`.
  private mutating func readSynset(
    _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, _ number: Int, _ letter: UInt8
  ) throws(MillError) {
    var fields = unsafe FieldCursor(bytes, line)
    let offset = try unsafe Self.number(&fields, bytes, digits: 8, "the synset offset")
    let lexicographer = try unsafe Self.number(&fields, bytes, digits: 2, "the lexicographer file number")
    guard lexicographer < Self.lexicographerFiles.count else {
      throw MillError(.malformed, "there is no such lexicographer file", field: String(lexicographer))
    }
    _ = try unsafe Self.field(&fields, bytes, "the synset type")
    let wordCount = try unsafe Self.number(&fields, bytes, digits: 2, base: 16, "the word count")
    var words: [String] = []
    for _ in 0..<wordCount {
      unsafe words.append(try Self.word(&fields, bytes))
      _ = try unsafe Self.field(&fields, bytes, "a word's id")
    }
    guard !words.isEmpty else { throw MillError(.malformed, "a synset without words") }

    let key = Self.key(letter, offset)
    guard names.isEmpty || key > largestKey else {
      throw MillError(.malformed, "the synset offsets do not ascend", field: Self.name(key))
    }
    largestKey = key
    let node = UInt32(names.count)
    nodes[key] = node
    names.append(Self.name(key))
    labels.append(Self.lexicographerFiles[lexicographer] + "\t" + words.joined(separator: " "))

    let pointerCount = try unsafe Self.number(&fields, bytes, digits: 3, "the pointer count")
    for _ in 0..<pointerCount {
      _ = try unsafe Self.field(&fields, bytes, "a pointer's symbol")
      let target = try unsafe Self.number(&fields, bytes, digits: 8, "a pointer's synset offset")
      let part = try unsafe Self.field(&fields, bytes, "a pointer's part of speech")
      _ = try unsafe Self.field(&fields, bytes, "a pointer's words")
      guard part.count == 1, let targetLetter = unsafe Self.letter(bytes[part.lowerBound]) else {
        throw unsafe MillError(.malformed, "there is no such part of speech", field: bytes.excerpt(part))
      }
      pointers.append(
        Pointer(source: node, line: UInt32(clamping: number), target: Self.key(targetLetter, target)))
    }
  }

  /// The graph of all that was read.
  func graph() throws(MillError) -> NamedGraph {
    var graph = NamedGraph(names: names, labels: labels)
    graph.edges.reserveCapacity(pointers.count)
    for (index, pointer) in pointers.enumerated() {
      guard let target = nodes[pointer.target] else {
        throw MillError(
          .malformed, "a pointer leads to a synset that does not exist",
          file: places.last { $0.firstPointer <= index }?.path, line: Int(pointer.line),
          field: Self.name(pointer.target))
      }
      graph.join(Int(pointer.source), Int(target))
    }
    graph.finish()
    return graph
  }

  private static func key(_ letter: UInt8, _ offset: Int) -> UInt64 { UInt64(letter) << 32 | UInt64(offset) }

  private static func name(_ key: UInt64) -> String {
    let digits = String(key & 0xffff_ffff)
    let letter = String(UnicodeScalar(UInt8(truncatingIfNeeded: key >> 32)))
    return letter + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  private static func letter(_ part: UInt8) -> UInt8? {
    switch part {
    case UInt8(ascii: "s"): UInt8(ascii: "a")
    case UInt8(ascii: "a"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "v"): part
    default: nil
    }
  }

  private static func field(
    _ fields: inout FieldCursor, _ bytes: UnsafeRawBufferPointer, _ what: String
  ) throws(MillError) -> Range<Int> {
    guard let range = fields.next(), unsafe bytes[range.lowerBound] != UInt8(ascii: "|") || range.count > 1 else {
      throw MillError(.malformed, "the line ends before \(what)")
    }
    return range
  }

  private static func number(
    _ fields: inout FieldCursor, _ bytes: UnsafeRawBufferPointer, digits: Int, base: Int = 10, _ what: String
  ) throws(MillError) -> Int {
    let range = try unsafe field(&fields, bytes, what)
    guard range.count == digits, let value = unsafe bytes.number(range, base: base) else {
      throw MillError(
        .malformed, "\(what) is not \(digits) digits", byte: range.lowerBound, field: unsafe bytes.excerpt(range))
    }
    return value
  }

  /// A word without the syntactic marker of adjectives, such as `(p)`.
  private static func word(_ fields: inout FieldCursor, _ bytes: UnsafeRawBufferPointer) throws(MillError) -> String {
    let range = try unsafe field(&fields, bytes, "a word")
    guard unsafe bytes[range].allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw unsafe MillError(.malformed, "a word is not ASCII", byte: range.lowerBound, field: bytes.excerpt(range))
    }
    for marker in ["(p)", "(a)", "(ip)"] where range.count > marker.utf8.count {
      let tail = (range.upperBound - marker.utf8.count)..<range.upperBound
      if unsafe bytes[tail].elementsEqual(marker.utf8) { return unsafe bytes.text(range.lowerBound..<tail.lowerBound) }
    }
    return unsafe bytes.text(range)
  }
}
