import PCI

/// Do the initramfs images have the pins that there are?
struct StaleInitramfs: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let release = examination.surroundings.kernelRelease.value
    let found = examination.images.compactMap { image -> Finding? in
      let what = "The initramfs of \(image.kernel)\(image.kernel == release ? " (the running kernel)" : "")"
      let remedy =
        examination.settings.initramfs.update(kernel: image.kernel) ?? "Rebuild the initramfs of \(image.kernel)."
      switch image.content {
      case .same: return nil
      case .stale(let differences):
        return Finding(
          .initramfsStale, .warning, message: "\(what) is stale: it contains other pins than /etc/hostdev/pins.d.",
          evidence: .plain([image.path] + differences), remedy: remedy)
      case .withoutPins where examination.pins.isEmpty: return nil
      case .withoutPins:
        return Finding(
          .initramfsStale, .info,
          message:
            "\(what) does not contain hostdev: at boot the host drivers bind first, and the pins are applied after them.",
          // Other makers have no hook that puts pins in.
          evidence: ["\(image.path)"], remedy: examination.settings.initramfs.takesPins ? remedy : "")
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
