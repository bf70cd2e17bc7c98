import Host

/// The commands of the tool that a distribution has for the kernel that writes a dump.
extension CrashDump {
  public enum Tool: Sendable, Equatable { case kdumpctl, kdumpTools, mkdumprd }

  /// Rebuilds an image, and loads it.
  public func rebuild(_ image: InitramfsPlace) -> String {
    switch tool {
    case .kdumpctl: "kdumpctl rebuild && kdumpctl reload"
    case .mkdumprd: "mkdumprd -f && systemctl restart kdump"
    case .kdumpTools:
      "rm \(ShellWord.quoted(image.path)) && /etc/kernel/postinst.d/kdump-tools \(ShellWord.quoted(image.kernel)) && systemctl restart kdump-tools"
    }
  }

  /// Loads it with other words.
  public var reload: String {
    switch tool {
    case .kdumpctl: "kdumpctl reload"
    case .mkdumprd: "systemctl restart kdump"
    case .kdumpTools: "systemctl restart kdump-tools"
    }
  }
}
