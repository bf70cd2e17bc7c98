/// An initramfs, and the pins in it against those that there are.
public struct Initramfs: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// Exactly the pins that there are now.
    case same
    /// A pin is missing, or another one of its name is there: the differences, one per line.
    case lacking([String])
    /// It only has pins that are no longer declared.
    case stale([String])
    /// It was made without hostdev: what pins it may have, nothing in it puts in place.
    case withoutPins
    case unknown(String)
  }

  /// The release that it belongs to.
  public let kernel: String
  public let path: String
  public let content: Content

  public init(kernel: String, path: String, content: Content) {
    self.kernel = kernel
    self.path = path
    self.content = content
  }
}

extension Initramfs.Content {
  /// By the files' bytes, of each pin by its name. `hasProgram`: the image can put its pins in place.
  public init(hasProgram: Bool, pins: [String: [UInt8]], declared: [String: [UInt8]]) {
    if !hasProgram {
      self = pins.isEmpty && declared.isEmpty ? .same : .withoutPins
      return
    }
    let differences = Set(pins.keys).union(declared.keys).sorted().compactMap { name -> String? in
      guard let there = pins[name] else { return "pin \(name): not in the image" }
      guard let here = declared[name] else { return "pin \(name): in the image, and no longer declared" }
      return there == here ? nil : "pin \(name): another one is in the image"
    }
    let lacks = declared.contains { pins[$0.key] != $0.value }
    self = differences.isEmpty ? .same : lacks ? .lacking(differences) : .stale(differences)
  }
}
