import PCI

/// Do the initramfs images have the pins that there are?
struct StaleInitramfs: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let release = examination.surroundings.kernelRelease.value
    let found = examination.images.compactMap { image -> Finding? in
      let what = "The initramfs of \(image.kernel)\(image.kernel == release ? ", the kernel that runs," : "")"
      let remedy =
        examination.settings.initramfs.update(kernel: image.kernel) ?? "make the initramfs of \(image.kernel) anew"
      switch image.content {
      case .same: return nil
      case .stale(let differences):
        return Finding(
          .initramfsStale, .warning, message: "\(what) has other pins than /etc/hostdev/pins.d: it is stale.",
          evidence: .plain([image.path] + differences), remedy: remedy)
      case .withoutPins where examination.pins.isEmpty: return nil
      case .withoutPins:
        return Finding(
          .initramfsStale, .info,
          message:
            "\(what) has no hostdev in it: host drivers come first at boot, and the pins are applied after them.",
          evidence: ["\(image.path)"], remedy: remedy)
      case .unknown(let reason):
        return Finding(
          .initramfsStale, .unknown, message: "\(what): which pins are in it could not be read.",
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
          ? "Nothing is pinned, and no initramfs has pins." : "Every initramfs has the pins that there are.",
        evidence: .plain(examination.images.map(\.path)))
    ]
  }
}
