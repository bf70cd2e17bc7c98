import FoundationEssentials

/// SplitMix64: one seed is one history.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(_ seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// Another one each time, or the one in HOSTDEV_SEED. A test prints it if it fails.
  public static var newSeed: UInt64 {
    ProcessInfo.processInfo.environment["HOSTDEV_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64(UInt32.max))
  }
}
