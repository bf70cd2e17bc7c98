/// An initramfs, and the pins that its hook put into it.
public struct BootImage: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// Exactly the pins that there are now.
    case same
    /// What differs, a line each.
    case stale([String])
    /// It was made without the hook.
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
