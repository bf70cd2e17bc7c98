import Host
import Sysfs

/// `/etc/kernel/cmdline`, of `kernel-install(8)` and Proxmox's own tool.
enum KernelInstallFile {
  private static let path = "/etc/kernel/cmdline"

  static func read(_ files: inout SettingFiles, into boot: inout BootConfiguration) {
    guard let lines = files.lines(path) else { return }
    boot.files.append(path)
    // Proxmox keeps the partitions that its own tool writes entries to in this list.
    if files.sysfs.exists("/etc/kernel/proxmox-boot-uuids") {
      boot.kernelInstallUpdate = "proxmox-boot-tool refresh"
    }
    for (number, line) in lines.enumerated() where !line.hasPrefix("#") {
      boot.arguments += words(line).map {
        BootArgument($0, source: SourceLine(path, number + 1, text: line), loader: .kernelInstall)
      }
    }
  }
}
