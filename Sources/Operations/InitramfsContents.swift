import Checks
import Pins
import Settings

extension Workspace {
  /// Which pins the images have, against those that there are. To read one it has to be unpacked: where nothing was ever
  /// pinned and no hook is installed there is nothing to look for.
  func images(_ places: [InitramfsPlace]) -> [Initramfs] {
    guard (InitramfsTool.hooks + [PinFolder.path]).contains(where: root.exists) else { return [] }
    var declared: [String: [UInt8]] = [:]
    for name in (try? pinFolder.names()) ?? [] {
      declared[name] = (try? root.readPlain(PinFolder.file(name), limit: 1 << 20).0) ?? []
    }
    return places.map { place in
      Initramfs(kernel: place.kernel, path: place.path, content: content(place.path, declared))
    }
  }

  /// What the kernel has that writes a dump after a crash, and what the host does with the functions that settings give
  /// away there.
  func lookAtCrashDump(_ found: inout Examination) {
    guard let dump = found.settings.crashDump else { return }
    found.crashImages = dump.images.map { place in
      do throws(BootImage.Fault) {
        let image = try BootImage(place.path, in: root, isInstalled: invocation.isInstalled)
        return CrashImage(
          kernel: place.kernel, path: place.path, pins: image.hasProgram ? image.pins.keys.sorted() : [])
      } catch {
        return CrashImage(
          kernel: place.kernel, path: place.path, pins: [], fault: Diagnostic(reading: error, place.path).line)
      }
    }
    let functions = found.crashFunctions.subtracting(found.pending).sorted()
    if functions.isEmpty { return }
    detail(functions)
    found.host = host
    found.crashUsage = evidence.gather(functions, in: host)
  }

  private func content(_ path: String, _ declared: [String: [UInt8]]) -> Initramfs.Content {
    do throws(BootImage.Fault) {
      let image = try BootImage(path, in: root, isInstalled: invocation.isInstalled)
      return Initramfs.Content(hasProgram: image.hasProgram, pins: image.pins, declared: declared)
    } catch { return .unknown(Diagnostic(reading: error, path).line) }
  }
}
