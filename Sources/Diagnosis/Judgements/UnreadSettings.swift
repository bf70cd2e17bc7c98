/// Was anything there that could not be read?
struct UnreadSettings: Judgement {
  func checks(of examination: Examination) -> [ReadinessCheck] {
    let settings = examination.settings
    var found: [ReadinessCheck] = []
    if !settings.unread.isEmpty {
      found.append(
        ReadinessCheck(
          .unreadSettings, .unknown, "What these say about devices is not known.",
          evidence: settings.unread.map(\.description),
          remedy: settings.unread.contains { $0.reason == "EACCES" } ? "run it as root: sudo hostdev doctor" : ""))
    }
    if !settings.malformed.isEmpty {
      found.append(
        ReadinessCheck(
          .unreadSettings, .unknown, "These are malformed, and what they say about devices is not known.",
          evidence: settings.malformed, remedy: "look at the places that are named"))
    }
    if examination.isCapture, !settings.missing.isEmpty {
      found.append(
        ReadinessCheck(
          .unreadSettings, .unknown, "These are not in this capture; what they would say about devices is not known.",
          evidence: settings.missing))
    }
    return found
  }
}
