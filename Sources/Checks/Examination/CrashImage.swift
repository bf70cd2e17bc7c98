/// The initramfs of the kernel that writes a dump after a crash, and the pins that it can put in place.
public struct CrashImage: Sendable, Equatable {
  public let kernel: String
  public let path: String
  /// Empty if it has none, or not the program.
  public let pins: [String]
  /// Why it could not be read.
  public let fault: String?

  public init(kernel: String, path: String, pins: [String], fault: String? = nil) {
    self.kernel = kernel
    self.path = path
    self.pins = pins
    self.fault = fault
  }
}
