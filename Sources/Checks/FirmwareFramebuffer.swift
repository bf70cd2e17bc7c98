import Host

/// The firmware's frame buffer in a BAR of a display, and what ends that: each driver has its own way.
struct FirmwareFramebuffer {
  private let names: [String]
  private let devices: [Use.PlatformDevice]
  private let words: [String]

  /// `words`: the kernel's command line.
  init(_ uses: [Use], _ words: [String]) {
    var names: [String] = []
    var devices: [Use.PlatformDevice] = []
    for use in uses {
      guard case .framebuffer(.firmware(let name, _, let device)) = use.what else { continue }
      names.append(name)
      if let device = device ?? Self.usualDevice(name), !devices.contains(device) { devices.append(device) }
    }
    self.names = names
    self.devices = devices
    self.words = names.isEmpty ? [] : words
  }

  /// Of the sysfb devices of a PC (drivers/firmware/sysfb.c), if the capture does not show them. `BOOTFB` is the device's
  /// own range, whether a driver has it or not.
  private static func usualDevice(_ name: String) -> Use.PlatformDevice? {
    switch name {
    case "simpledrm", "simplefb": Use.PlatformDevice("simple-framebuffer.0", on: "simple-framebuffer")
    case "efifb", "efidrm": Use.PlatformDevice("efi-framebuffer.0", on: "efi-framebuffer")
    case "vesafb", "vesadrm": Use.PlatformDevice("vesa-framebuffer.0", on: "vesa-framebuffer")
    default: nil
    }
  }

  /// Arguments that were given against it and did not keep it away.
  var evidence: [Finding.Evidence] {
    words.compactMap { word in
      if isBlacklist(word) {
        return Finding.Evidence(
          path: "/proc/cmdline", value: "\(word) (without effect: the kernel made the frame buffer all the same)")
      }
      guard let driver = Self.videoOff(word) else { return nil }
      let owner = names.last ?? ""
      return Finding.Evidence(
        path: "/proc/cmdline",
        value: driver == owner
          ? "\(word) (without effect: \(owner) has the frame buffer all the same)"
          : "\(word) (without effect: it is for \(driver), and \(owner) has the frame buffer)")
    }
  }

  /// Now, and at the next boot. An argument that was given already is not advised again.
  var remedy: [String] {
    guard !names.isEmpty else { return [] }
    let now = devices.map {
      "echo \(ShellWord.quoted($0.name)) > \(ShellWord.quoted("/sys/bus/platform/drivers/\($0.driver)/unbind"))"
    }
    let blacklist = "initcall_blacklist=sysfb_init"
    // fbdev drivers take `video=NAME:off` (fb_get_options); simpledrm, efidrm and vesadrm do not.
    let own = names.last.flatMap { ["efifb", "vesafb", "simplefb"].contains($0) ? "video=\($0):off" : nil }
    let argument = [own, blacklist].compactMap { $0 }.first { argument in
      !words.contains { word in argument == blacklist ? isBlacklist(word) : word == argument }
    }
    return now + (argument.map { ["for every later boot, boot with \($0)"] } ?? [])
  }

  private func isBlacklist(_ word: String) -> Bool {
    let key = "initcall_blacklist="
    return word.hasPrefix(key) && word.dropFirst(key.utf8.count).split(separator: ",").contains("sysfb_init")
  }

  /// `efifb` of `video=efifb:off`.
  private static func videoOff(_ word: String) -> String? {
    guard word.hasPrefix("video="), let colon = word.firstIndex(of: ":"), word[colon...].hasPrefix(":off") else {
      return nil
    }
    return String(word[word.index(word.startIndex, offsetBy: "video=".count)..<colon])
  }
}
