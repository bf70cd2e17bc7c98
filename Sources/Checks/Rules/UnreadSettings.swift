/// Was anything there that could not be read?
struct UnreadSettings: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let settings = examination.settings
    var found: [Finding] = []
    if !settings.unread.isEmpty {
      found.append(
        Finding(
          .unreadSettings, .unknown, message: "These could not be read. What they say about devices is unknown.",
          evidence: .plain(settings.unread.map(\.description)),
          remedy: settings.unread.contains(where: \.isDenied) ? "Run it as root: sudo hostdev doctor" : ""))
    }
    if !settings.malformed.isEmpty {
      found.append(
        Finding(
          .unreadSettings, .unknown, message: "These are malformed. What they say about devices is unknown.",
          evidence: .plain(settings.malformed), remedy: "Correct the lines that are named."))
    }
    if examination.isCapture, !settings.missing.isEmpty {
      found.append(
        Finding(
          .unreadSettings, .unknown,
          message: "These are not in this capture. What they say about devices is unknown.",
          evidence: .plain(settings.missing)))
    }
    return found
  }
}
