/// Was anything there that could not be read?
struct UnreadSettings: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let settings = examination.settings
    var found: [Finding] = []
    if !settings.unread.isEmpty {
      found.append(
        Finding(
          .unreadSettings, .unknown, message: "What these say about devices is not known.",
          evidence: .plain(settings.unread.map(\.description)),
          remedy: settings.unread.contains(where: \.isDenied) ? "run it as root: sudo hostdev doctor" : ""))
    }
    if !settings.malformed.isEmpty {
      found.append(
        Finding(
          .unreadSettings, .unknown, message: "These are malformed, and what they say about devices is not known.",
          evidence: .plain(settings.malformed), remedy: "look at the places that are named"))
    }
    if examination.isCapture, !settings.missing.isEmpty {
      found.append(
        Finding(
          .unreadSettings, .unknown,
          message: "These are not in this capture; what they would say about devices is not known.",
          evidence: .plain(settings.missing)))
    }
    return found
  }
}
