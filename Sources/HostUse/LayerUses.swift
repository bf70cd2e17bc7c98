import Host
import PCI

/// The uses of one function's block layers while they are gathered, and which layers are in use by them.
struct LayerUses {
  let layers: [BlockLayer]
  /// By places of layers: what goes on without the set's disks.
  private let remainders: [Int: Use.Remainder]
  private(set) var uses: [Use] = []
  private let function: Address
  /// Places of layers that something is known of, at or above them.
  private var used: Set<Int> = []

  init(_ function: Address, _ stack: BlockLayers, keeping remainders: [Int: Use.Remainder]) {
    self.function = function
    self.remainders = remainders
    layers = stack.layers
  }

  mutating func add(
    _ place: Int, _ what: Use.What, chain: [String] = [], source: SourceLine? = nil, isVital: Bool = false,
    isIdle: Bool = false, heldBy holder: Int? = nil
  ) {
    uses.append(
      Use(
        what, of: function, chain: layers[place].chain + chain, source: source, isVital: isVital, isIdle: isIdle,
        remainder: remainders[holder ?? place] ?? remainders[place]))
    if what.kind != .signature { mark(place) }
  }

  /// The layer, and what it is made of, are in use.
  mutating func mark(_ place: Int) {
    var above: Int? = place
    while let next = above, used.insert(next).inserted { above = layers[next].parent }
  }

  /// What is left: data without a use, partitions and disks.
  mutating func addIdle() {
    for (place, layer) in layers.enumerated() where !used.contains(place) {
      if let signature = layer.signature {
        add(place, .signature(device: layer.subject, content: signature), isIdle: true)
      }
      if layer.kind == .partition { add(place, .partition(device: layer.subject), isIdle: true) }
    }
    for (place, layer) in layers.enumerated() where layer.kind == .disk && !used.contains(place) {
      add(place, .block(device: layer.subject), isIdle: true)
    }
  }
}
