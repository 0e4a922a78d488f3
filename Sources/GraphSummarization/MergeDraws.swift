import MillRuntime

/// What is drawn for merging: functions of the seed, so that all machines of a spread run have the same.
struct MergeDraws: Sendable {
  /// Hashes of shingles, and the order of what they do not split.
  let shingles: RandomStream
  private let neighborhood: ShingleNeighborhood
  private let coins: RandomStream
  private let pickStream: RandomStream

  init(_ options: SummarizeOptions) {
    neighborhood = options.neighborhood
    coins = RandomStream(seed: options.seed, stage: "summarize-coin")
    shingles = RandomStream(seed: options.seed, stage: "summarize-shingle")
    pickStream = RandomStream(seed: options.seed, stage: "summarize-pick")
  }

  /// Whether iteration `t` compares neighborhoods with the nodes themselves.
  func isClosed(_ t: Int) -> Bool {
    var coin = coins.item(UInt64(t))
    return switch neighborhood {
    case .closed: true
    case .open: false
    case .mixed: coin.next() & 1 == 0
    }
  }

  /// The order in which the members of a group look for partners.
  func picks(_ t: Int, group: Int) -> CounterRandom { pickStream.item(UInt64(t) << 32 | UInt64(group)) }
}
