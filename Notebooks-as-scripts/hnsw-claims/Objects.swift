import MillRuntime
import VectorStore

private let wordNet = "/usr/share/wordnet"

private func lines(_ path: String) -> [Substring]? {
  guard let file = try? MappedFile(path: path) else { return nil }
  return withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }.split(separator: "\n")
}

/// Every so-many-th entry, so that about `count` remain.
private func thinned<Element>(_ all: [Element], _ count: Int) -> [Element] {
  guard all.count > count else { return all }
  return (0..<count).map { all[$0 * all.count / count] }
}

/// English words: the shared list, WordNet's nouns, or made-up ones.
func words(_ settings: ClaimSettings, _ count: Int) -> [String] {
  if let folder = settings.data, let all = lines(folder + "/wordnet-words-20k.txt") {
    return thinned(all.map(String.init), count)
  }
  if let all = lines(wordNet + "/index.noun") {
    let lemmas = all.filter { !$0.hasPrefix(" ") }.map { String($0.prefix { $0 != " " }) }
    return thinned(lemmas.filter { $0.utf8.allSatisfy { (97...122).contains($0) } }, count)
  }
  let syllables = ["ka", "to", "ri", "men", "sol", "va", "ne", "dur", "pi", "lo", "gra", "fen"]
  let stream = RandomStream(seed: 1, stage: "words")
  return (0..<count).map { i in
    var random = stream.item(UInt64(i))
    return (0..<2 + Int(random.below(3))).map { _ in syllables[Int(random.below(12))] }.joined()
  }
}

/// WordNet's glosses as vectors of words weighted by rarity, of unit length; made-up texts without WordNet.
func glosses(_ settings: ClaimSettings, _ count: Int) -> [SparseVector] {
  var texts: [[String]] = []
  if let all = lines(wordNet + "/data.noun") {
    let bodies = all.filter { !$0.hasPrefix(" ") }.compactMap { $0.split(separator: "|", maxSplits: 1).last }
    texts = thinned(bodies, count).map { body in
      body.lowercased().split { !$0.isLetter }.map(String.init)
    }
  } else {
    let stream = RandomStream(seed: 1, stage: "texts")
    texts = (0..<count).map { i in
      var random = stream.item(UInt64(i))
      let topic = random.below(50)
      return (0..<12).map { _ in "\(random.below(3) == 0 ? random.below(2000) : topic * 40 + random.below(40))" }
    }
  }
  var numbers: [String: UInt32] = [:]
  var documents: [Double] = []
  let counted = texts.map { text in
    var counts: [UInt32: Double] = [:]
    for word in text {
      let number = numbers[word] ?? UInt32(numbers.count)
      if numbers[word] == nil {
        numbers[word] = number
        documents.append(0)
      }
      if counts[number] == nil { documents[Int(number)] += 1 }
      counts[number, default: 0] += 1
    }
    return counts
  }
  return counted.compactMap { counts in
    let entries = counts.map { word, times in
      (column: word, value: Float(times / documents[Int(word)].squareRoot()))
    }
    return SparseVector(entries)?.normalized
  }
}

/// Mixtures of a few of 20 topics over 32 bins.
func histograms(_ count: Int) -> [[Float]] {
  let topics = RandomStream(seed: 1, stage: "topics")
  func topic(_ number: UInt64) -> [Float] {
    var random = topics.item(number)
    let raw = (0..<32).map { _ in Float(random.unit() * random.unit() * random.unit()) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }
  let all = (0..<20).map { topic(UInt64($0)) }
  let stream = RandomStream(seed: 2, stage: "histograms")
  return (0..<count).map { i in
    var random = stream.item(UInt64(i))
    var mixture = [Float](repeating: 0, count: 32)
    var total: Float = 0
    for _ in 0..<3 {
      let share = Float(random.unit()) + 0.01
      let chosen = all[Int(random.below(20))]
      for bin in 0..<32 { mixture[bin] += share * chosen[bin] }
      total += share
    }
    return mixture.map { $0 / total }
  }
}
