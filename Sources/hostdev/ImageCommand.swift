import ArgumentParser
import Host
import PCI
import Pins
import Report
import System

/// `hostdev image`: what an initramfs has to know of pins.
struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract:
      "For makers of an initramfs: put the pins and what the host stands on into its tree; or list an image's pins.",
    discussion: """
      DIR is the tree that becomes the image: it gets /etc/hostdev/pins.d, and /etc/hostdev/footing.json with the
      functions below this host's file systems and swap, which 'apply --early' never takes. With --list, IMAGE is an
      initramfs, packed as the kernel takes it.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "List the pins that an image has, and say which are not as they are declared now.")
  var list = false

  @Argument(help: ArgumentHelp("The tree, or with --list the image.", valueName: "path"))
  var path: String

  func run() throws {
    if list { return try listPins() }
    let target: Root
    do { target = try Root(path) } catch {
      throw Diagnostic(
        .notFound, "open the image's tree", path: path, errno: error.errno.name, next: "name a directory")
    }
    let root = try Workspace.open(common)
    if target.isHost {
      throw Diagnostic(.usage, "\(path) is this host, and no image's tree", path: path, next: "hostdev image DIR")
    }
    // Pins without the record would be refused what may carry the host; the record without pins does nothing.
    let footing = try writeFooting(root, to: target)
    let pins = try copyPins(from: root, to: target)
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("pins")
          json.values(pins)
          json.key("footing")
          json.values(footing.map(\.description))
        })
      return
    }
    Output.write("pins: \(pins.isEmpty ? "none" : pins.joined(separator: " "))\n")
    Output.write("the host stands on: \(footing.isEmpty ? "?" : footing.map(\.description).joined(separator: " "))\n")
  }

  /// As they are, byte for byte: one that says nothing of use is told at boot too. One that cannot be copied is told now.
  private func copyPins(from root: Root, to target: Root) throws -> [String] {
    let folder = PinFolder(root)
    let names: [String]
    do { names = try folder.names() } catch { throw Diagnostic(error) }
    var copied: [String] = []
    for name in names {
      let file = PinFolder.file(name)
      let bytes: [UInt8]
      do { bytes = try root.readPlain(file, limit: 1 << 20).0 } catch {
        Output.progress("hostdev: the image goes without pin \(name): \(file): \(error.errno.name)")
        continue
      }
      try write(bytes, to: file, target)
      copied.append(name)
    }
    return copied
  }

  /// The functions that carry file systems, swap and what they stand on. In a chroot without /sys nothing can be seen, and
  /// an image with no record is better than none at all.
  private func writeFooting(_ root: Root, to target: Root) throws -> [Address] {
    let workspace: Workspace
    do { workspace = try Workspace(common, root) } catch {
      Output.progress(
        "hostdev: the image gets no record of what the host stands on: /sys/bus/pci/devices cannot be read")
      return []
    }
    let set = workspace.host.functions.map(\.address)
    let kinds: Set<Use.Kind> = [.mount, .swap, .fstab, .holder, .pool, .boot, .remoteStorage, .configuredStorage]
    let usage = workspace.evidence.gather(set, in: workspace.host)
    let uses = usage.uses.filter { kinds.contains($0.kind) && !$0.isIdle }
    let unknown = usage.unknown.filter { $0.area == .storage }
    let functions = Set(uses.map(\.function) + unknown.map(\.function)).sorted()
    guard
      let footing = Footing(
        functions: workspace.declarations(functions), uses: uses, unknown: unknown, at: Clock.text(Clock.seconds))
    else { return [] }
    try write(Array(footing.text.utf8), to: Footing.file, target)
    return functions
  }

  private func write(_ bytes: [UInt8], to file: String, _ target: Root) throws {
    do {
      try target.makeDirectory(PinFolder.path)
      try target.replace(file, with: bytes)
    } catch {
      throw Diagnostic(
        .rolledBack, "write into the image's tree: \(error.call)", path: path + file, errno: error.errno.name,
        next: "make it writable, then make the image again")
    }
  }
}

extension ImageCommand {
  private func listPins() throws {
    let root = try Workspace.open(common)
    let image: BootImage
    do throws(BootImage.Fault) { image = try BootImage(path, in: root) } catch {
      throw Diagnostic(reading: error, path)
    }
    let pins = image.pins.sorted { $0.key < $1.key }
    let declared: [String]
    do { declared = try PinFolder(root).names() } catch { throw Diagnostic(error) }
    let lacking = declared.filter { image.pins[$0] == nil }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("image")
          json.value(path)
          json.key("has_program")
          json.value(image.hasProgram)
          json.key("has_footing")
          json.value(image.files[Footing.file] != nil)
          json.key("pins")
          json.array { json in
            for (name, bytes) in pins {
              json.object { json in
                json.key("name")
                json.value(name)
                json.key("is_current")
                json.value((try? root.readPlain(PinFolder.file(name), limit: 1 << 20).0) == bytes)
              }
            }
          }
          json.key("lacking")
          json.values(lacking)
        })
      return
    }
    if !image.hasProgram { Output.write("# the image has no hostdev: its pins are put in place after it only\n") }
    for (name, bytes) in pins {
      let isCurrent = (try? root.readPlain(PinFolder.file(name), limit: 1 << 20).0) == bytes
      let now = declared.contains(name) ? "  (not as \(PinFolder.file(name)) is now)" : "  (no longer declared)"
      Output.write("\(printable(name))\(isCurrent ? "" : now)\n")
    }
    for name in lacking { Output.write("# the image lacks pin \(printable(name))\n") }
  }
}

extension Diagnostic {
  init(reading fault: BootImage.Fault, _ path: String) {
    switch fault {
    case .cannotRead(let cause):
      self.init(
        cause.errno == .noEntry ? .notFound : .malformed, "read the image: \(cause.call)", path: path,
        errno: cause.errno.name, next: "name an initramfs, as in /boot")
    case .packed(let reason):
      self.init(.malformed, "read the image: \(reason)", path: path, next: "name an initramfs, as in /boot")
    }
  }
}
