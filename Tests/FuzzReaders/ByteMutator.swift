import MillRuntime

/// Changes good files a little, again and again: bytes flipped, cut out, doubled, spliced, words put in.
struct ByteMutator {
  /// What there is to begin with; files that led somewhere new are added.
  private(set) var seeds: [[UInt8]]
  private let words: [[UInt8]]
  private static let largest = 1 << 14

  /// Pieces that mean something in some format.
  private static let common: [[UInt8]] =
    [
      "0", "1", "7", "-1", "4294967295", "4294967296", "999999999999", "18446744073709551615", "18446744073709551616",
      "1e400", "nan", "inf", "0.5", "1e-300", " ", "\n", "\r\n", "\t", ",", ";", ":", "\"", "'", "#", "%", "*", "\\",
      "(", ")", "[", "]", "{", "}", "<", ">", "é", "\u{feff}",
    ].map { Array($0.utf8) } + [
      [0], [0xff], [0x7f], [0x80], [0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0, 1, 0, 0, 0],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0, 0, 0, 0, 0x80],
    ]

  init(seeds: [[UInt8]], words: [String]) {
    self.seeds = seeds.isEmpty ? [[]] : seeds
    self.words = Self.common + words.map { Array($0.utf8) }
  }

  /// Adds a file to the seeds.
  mutating func add(_ bytes: [UInt8]) { if bytes.count <= Self.largest { seeds.append(bytes) } }

  /// The changed file of a number, for seven in eight with its checksums made good again.
  func next(of reader: FuzzReader, _ number: UInt64) -> [UInt8] {
    var random = CounterRandom(seed: CounterRandom.mix(number) ^ FNV1a(reader.name.utf8).value, stage: "fuzz")
    var bytes = changed(&random)
    if let seal = reader.seal, random.below(8) > 0 { seal(&bytes) }
    return bytes
  }

  private func changed(_ random: inout CounterRandom) -> [UInt8] {
    func pick(_ count: Int) -> Int { Int(random.below(UInt64(max(1, count)))) }
    var bytes = seeds[pick(seeds.count)]
    for _ in 0..<(1 + pick(4)) {
      let place = pick(bytes.count + 1)
      let length = min(bytes.count - place, 1 + pick(24))
      switch pick(9) {
      case 0: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
      case 1: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
      case 2: bytes.removeSubrange(place..<place + length)
      case 3: bytes.insert(contentsOf: words[pick(words.count)], at: place)
      case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: pick(bytes.count + 1))
      case 5: bytes.removeSubrange(place...)
      case 6:
        let other = seeds[pick(seeds.count)]
        bytes.replaceSubrange(place..., with: other[min(other.count, pick(other.count))...])
      case 7: if place < bytes.count { bytes[place] = bytes[place] &+ (random.below(2) == 0 ? 1 : 0xff) }
      default: bytes.replaceSubrange(place..<place + length, with: words[pick(words.count)])
      }
    }
    if bytes.count > Self.largest { bytes.removeLast(bytes.count - Self.largest) }
    return bytes
  }
}
