import Host
import PCI

/// Do the initramfs images have the pins that there are?
struct StaleInitramfs: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let release = examination.surroundings.kernelRelease.value
    let next = examination.settings.boot.next.entry?.version
    let found = examination.images.compactMap { image -> Finding? in
      let what = "The initramfs of \(image.kernel)\(image.kernel == release ? " (the running kernel)" : "")"
      let remedy =
        examination.settings.initramfs.update(kernel: image.kernel) ?? "Rebuild the initramfs of \(image.kernel)."
      // What an older kernel's image lacks matters only if that kernel is what boots next.
      let isOld =
        image.kernel != next && release.map { KernelRelease(image.kernel) < KernelRelease($0) } ?? false
      switch image.content {
      case .same: return nil
      case .lacking(let differences):
        return Finding(
          .initramfsStale, isOld ? .warning : .error,
          message: "\(what) lacks pins as they are now declared: at boot the host drivers bind first.",
          evidence: .plain([image.path] + differences), remedy: remedy)
      case .stale(let differences):
        return Finding(
          .initramfsStale, .warning, message: "\(what) is stale: it contains other pins than /etc/hostdev/pins.d.",
          evidence: .plain([image.path] + differences), remedy: remedy)
      case .withoutPins where examination.pins.isEmpty: return nil
      case .withoutPins:
        // Other makers have no hook that puts pins in.
        let mayHave = examination.settings.initramfs.takesPins
        let lacksHook = mayHave && !examination.isCapture && !examination.settings.hasImageHook
        return Finding(
          .initramfsStale, !mayHave ? .info : isOld ? .warning : .error,
          message:
            "\(what) does not contain hostdev: at boot the host drivers bind first, and the pins are applied after them.",
          evidence: ["\(image.path)"],
          remedy: !mayHave ? "" : lacksHook ? "Install hostdev with its scripts/dist/install; then: \(remedy)" : remedy)
      case .unknown(let reason):
        return Finding(
          .initramfsStale, .unknown, message: "\(what) could not be read, so the pins in it are unknown.",
          evidence: .plain([image.path, reason]))
      }
    }
    if !found.isEmpty { return found }
    if examination.images.isEmpty, !examination.pins.isEmpty {
      return [Finding(.initramfsStale, .unknown, message: "No initramfs was found.", evidence: ["/boot"])]
    }
    return [
      Finding(
        .initramfsStale, .ok,
        message: examination.pins.isEmpty
          ? "Nothing is pinned, and no initramfs contains pins." : "Every initramfs contains the current pins.",
        evidence: .plain(examination.images.map(\.path)))
    ]
  }
}
