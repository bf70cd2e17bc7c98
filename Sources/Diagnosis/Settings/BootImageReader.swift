import Sysfs

/// Reads which pins are in the initramfs images of `/boot`: not from the images, which are compressed, but from the plain
/// copy that the hooks leave beside when they make one.
public struct BootImageReader {
  private static let copies = "/var/lib/hostdev/initramfs"
  private static let pins = "/etc/hostdev/pins.d"

  public static func read(_ sysfs: any Sysfs) -> [BootImage] {
    let names = sysfs.names(in: "/boot")
    return names.compactMap { name -> (String, String)? in
      // Debian's name, and dracut's.
      if name.hasPrefix("initrd.img-") { return (String(name.dropFirst(11)), name) }
      guard name.hasPrefix("initramfs-"), name.hasSuffix(".img") else { return nil }
      return (String(name.dropFirst(10).dropLast(4)), name)
    }.filter { kernel, _ in !kernel.isEmpty && !kernel.hasSuffix(".dpkg-bak") && !kernel.contains("rescue") }
      .map { kernel, name in
        BootImage(kernel: kernel, path: "/boot/\(name)", content: content(sysfs, kernel))
      }
  }

  private static func content(_ sysfs: any Sysfs, _ kernel: String) -> BootImage.Content {
    let folder = "\(copies)/\(kernel)/pins.d"
    let copied: [String]
    do { copied = try sysfs.entries(folder).filter { $0.hasSuffix(".json") } } catch {
      return error.errno == .noEntry || error.errno == .notDirectory
        ? .withoutPins : .unknown("\(folder): \(error.errno.name)")
    }
    let declared: [String]
    do { declared = try sysfs.entries(pins).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") } } catch {
      guard error.errno == .noEntry || error.errno == .notDirectory else {
        return .unknown("\(pins): \(error.errno.name)")
      }
      return copied.isEmpty ? .same : .stale(copied.map { "\(folder)/\($0): no such pin now" })
    }
    var differences: [String] = []
    for name in Set(copied).union(declared).sorted() {
      if !copied.contains(name) {
        differences.append("\(pins)/\(name): not in the image")
      } else if !declared.contains(name) {
        differences.append("\(folder)/\(name): no such pin now")
      } else {
        guard let there = try? sysfs.read("\(folder)/\(name)"), let here = try? sysfs.read("\(pins)/\(name)") else {
          return .unknown("\(pins)/\(name) or \(folder)/\(name): unreadable")
        }
        if there != here { differences.append("\(pins)/\(name): another one is in the image") }
      }
    }
    return differences.isEmpty ? .same : .stale(differences)
  }
}
