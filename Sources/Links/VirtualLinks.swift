import Host
import System

/// What network cards keep of their virtual functions: read and changed through the interface of the physical one.
///
/// Behind it is iproute2, or for a capture the simulator.
public protocol VirtualLinks: Sendable {
  /// The settings of each virtual function, by its index; one that the card does not tell is left out.
  func settings(on interface: String) throws(LinkError) -> [Int: [VirtualSetting: String]]
  /// Changes one setting of one virtual function.
  func run(_ command: LinkCommand) throws(LinkError)
}

/// What could not be read or changed.
public struct LinkError: Error, Sendable, Equatable {
  public let interface: String
  /// ENOENT if there is no `ip` to run.
  public let errno: Errno
  /// What `ip` said.
  public let words: String

  public init(interface: String, errno: Errno, words: String) {
    self.interface = interface
    self.errno = errno
    self.words = words
  }
}
