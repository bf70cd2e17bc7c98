import Host

/// A tool that was told how many virtual functions a physical one is to have, or what becomes of them.
public struct VirtualCount: Sendable, Equatable {
  public enum Tool: String, Sendable {
    case udev = "a udev rule"
    case netplan = "netplan (virtual-function-count)"
    case link = "systemd's .link file"
    case networkManager = "NetworkManager"
    case sysfsutils
    case tuned
    case tmpfiles = "systemd-tmpfiles"
    case unit = "a unit of systemd's"
    case script = "a script that runs at boot"
    case modprobe = "a module's option of modprobe.d"
    /// It makes none: it hands those that there are out to guests, and back to the host.
    case pool = "libvirt's network"
  }

  /// Which physical functions it means.
  public enum Target: Sendable, Equatable {
    /// An attribute's path, or a pattern of such.
    case path(String)
    case interface(InterfaceMatch)
    /// All functions of this driver.
    case driver(String)
  }

  public let tool: Tool
  public let target: Target
  /// Nil: another number than one that can be read off the file, such as all that there can be.
  public let count: Int?
  public let source: SourceLine
  /// Of several that fit an interface only the first of this tool counts; one without a number says that there is none.
  public var isFirstAlone = false

  public init(_ tool: Tool, _ target: Target, count: Int?, source: SourceLine) {
    self.tool = tool
    self.target = target
    self.count = count
    self.source = source
  }
}
