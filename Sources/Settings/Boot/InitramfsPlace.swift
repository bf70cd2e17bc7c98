/// The path of an initramfs, and the kernel that it is for.
public struct InitramfsPlace: Sendable, Hashable {
  public let kernel: String
  public let path: String

  public init(kernel: String, path: String) {
    self.kernel = kernel
    self.path = path
  }

  /// By the name of a file in `/boot`, as Debian, dracut, Arch and SUSE call it; nil if it is something else, or only a copy.
  init?(boot name: String) {
    let kernel: Substring
    if CrashImages.isCrash(name) {
      return nil
    } else if name.hasPrefix("initrd.img-") {
      kernel = name.dropFirst("initrd.img-".count)
    } else if name.hasPrefix("initramfs-"), name.hasSuffix(".img") {
      kernel = name.dropFirst("initramfs-".count).dropLast(".img".count)
    } else if name.hasPrefix("initrd-") {
      kernel = name.dropFirst("initrd-".count)
    } else {
      return nil
    }
    if kernel.isEmpty || kernel.hasSuffix(".bak") || kernel.hasSuffix("-bak") || kernel.contains("rescue") {
      return nil
    }
    self.init(kernel: String(kernel), path: "/boot/\(name)")
  }
}
