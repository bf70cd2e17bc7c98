import Host
import HostUse
import PCI
import Pins
import System

/// What was put into the tree that becomes an initramfs.
public struct ImageContent {
  /// Names of pins.
  public let pins: [String]
  /// Functions that the host needs, which `apply --early` never takes.
  public let essential: [Address]
  /// All that was put there, with what the tree had before.
  let files: [FileChange]
}

/// The pins of an initramfs, against those that there are.
public struct ImageListing {
  public struct ImagePin {
    public let name: String
    /// Byte for byte as it is declared now.
    public let isCurrent: Bool
    public let isDeclared: Bool
  }

  public let hasProgram: Bool
  public let hasEssentialFunctions: Bool
  public let pins: [ImagePin]
  /// Declared, and not in the image.
  public let lacking: [String]

  /// `path`: an initramfs, packed as the kernel takes it.
  public init(_ path: String, _ invocation: Invocation) throws(Diagnostic) {
    let root = try Workspace.open(invocation)
    let image: BootImage
    do throws(BootImage.Fault) { image = try BootImage(path, in: root, isInstalled: invocation.isInstalled) } catch {
      throw Diagnostic(reading: error, path)
    }
    let declared: [String]
    do { declared = try PinFolder(root, user: invocation.user).names() } catch { throw Diagnostic(error) }
    hasProgram = image.hasProgram
    hasEssentialFunctions = image.files[EssentialFunctions.file] != nil
    pins = image.pins.sorted { $0.key < $1.key }.map { name, bytes in
      ImagePin(
        name: name, isCurrent: (try? root.readPlain(PinFolder.file(name), limit: 1 << 20).0) == bytes,
        isDeclared: declared.contains(name))
    }
    lacking = declared.filter { image.pins[$0] == nil }
  }
}

/// Puts pins, and what the host needs, into the tree that becomes an initramfs.
public struct ImageOperation {
  private let path: String
  private let target: Root
  private let root: Root
  private let invocation: Invocation

  public init(into path: String, _ invocation: Invocation) throws(Diagnostic) {
    do { target = try Root(path) } catch {
      throw Diagnostic(
        .notFound, "cannot open the initramfs tree", path: path, errno: error.errno.name, next: "name a directory")
    }
    root = try Workspace.open(invocation)
    if target.isHost {
      throw Diagnostic(
        .usage, "\(path) is this host, not the tree of an initramfs", path: path,
        next: "name the tree: hostdev image DIR")
    }
    self.path = path
    self.invocation = invocation
  }

  public func run() throws(Diagnostic) -> ImageContent {
    // Pins without the record would be refused what may carry the host; the record without pins does nothing.
    var files: [FileChange] = []
    let essential = try writeEssentialFunctions(&files)
    let pins = try copyPins(&files)
    return ImageContent(pins: pins, essential: essential, files: files)
  }

  /// As they are, byte for byte: one that says nothing of use is told at boot too. One that `apply` would not trust here
  /// is told now and left out: in the image it would be root's, and obeyed.
  private func copyPins(_ files: inout [FileChange]) throws(Diagnostic) -> [String] {
    let folder = PinFolder(root, user: invocation.user)
    let names: [String]
    do { names = try folder.names() } catch { throw Diagnostic(error) }
    var copied: [String] = []
    for name in names {
      let bytes: [UInt8]
      do throws(PinError) { bytes = try folder.trusted(name) } catch {
        invocation.report(.note("hostdev: pin \(name) is left out of the image: \(Diagnostic(error).line)"))
        continue
      }
      files.append(try write(bytes, to: PinFolder.file(name)))
      copied.append(name)
    }
    return copied
  }

  /// The functions that carry file systems, swap and what these need. In a chroot without /sys nothing can be seen, and
  /// an image with no record is better than none at all.
  private func writeEssentialFunctions(_ files: inout [FileChange]) throws(Diagnostic) -> [Address] {
    let workspace: Workspace
    do { workspace = try Workspace(invocation, root) } catch {
      invocation.report(
        .note(
          "hostdev: the image gets no record of the functions that the host needs: cannot read /sys/bus/pci/devices"))
      return []
    }
    let set = workspace.host.functions.map(\.address)
    let usage = workspace.evidence.gather(set, in: workspace.host)
    let uses = usage.uses.filter { $0.kind.isHostStorage && !$0.isIdle }
    let unknown = usage.unknown.filter { $0.area == .storage }
    let functions = Set(uses.map(\.function) + unknown.map(\.function)).sorted()
    guard
      let essential = EssentialFunctions(
        functions: workspace.declarations(functions), uses: uses, unknown: unknown,
        at: Clock.text(invocation.runtime.clock.seconds))
    else { return [] }
    files.append(try write(Array(essential.text.utf8), to: EssentialFunctions.file))
    return functions
  }

  private func write(_ bytes: [UInt8], to file: String) throws(Diagnostic) -> FileChange {
    let prior = (try? target.readPlain(file, limit: 1 << 20).0).map { String(decoding: $0, as: UTF8.self) }
    do {
      try target.makeDirectory(PinFolder.path)
      try target.replace(file, with: bytes)
    } catch {
      throw Diagnostic(
        .rolledBack, "cannot write to the initramfs tree: \(error.call)", path: path + file, errno: error.errno.name,
        next: "make it writable, then rebuild the image")
    }
    return FileChange(path + file, from: prior, to: String(decoding: bytes, as: UTF8.self))
  }
}

extension Diagnostic {
  init(reading fault: BootImage.Fault, _ path: String) {
    switch fault {
    case .cannotRead(let cause):
      self.init(
        cause.errno == .noEntry ? .notFound : .malformed, "cannot read the image: \(cause.call)", path: path,
        errno: cause.errno.name, next: "name an initramfs, such as one in /boot")
    case .packed(let reason):
      self.init(
        .malformed, "cannot read the image: \(reason)", path: path, next: "name an initramfs, such as one in /boot")
    }
  }
}
