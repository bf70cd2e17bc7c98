import Host
import PCI
import Testing

@testable import Pins

/// Who a pinned function is now, case by case.
@Suite struct ResolutionTests {
  private static let one = "00-0a-35-ff-ff-00-00-01"
  private static let two = "00-0a-35-ff-ff-00-00-02"
  private static let zeros = "00-00-00-00-00-00-00-00"
  private static let ones = "ff-ff-ff-ff-ff-ff-ff-ff"

  private static func card(_ serial: String? = one, at slot: String = "0000:01:00", _ place: String = "0000:00/01.0/00")
    -> Card
  { Card(slot: slot, place: place, serial: serial) }

  private static func twin(_ serial: String? = two) -> Card {
    Card(slot: "0000:02:00", place: "0000:00/02.0/00", serial: serial)
  }

  private struct Case: CustomStringConvertible {
    let description: String
    /// Of the card and its twin on the day of the declaration.
    var serials: (String?, String?) = (one, two)
    var match = Pin.Match.path
    var follow = false
    let now: [Card]
    let status: Resolution.Status
    var at: String? = nil
  }

  private static let cases: [Case] = [
    Case(description: "nothing has changed", now: [card(), twin()], status: .inPlace, at: "0000:01:00"),
    Case(
      description: "no serial numbers", serials: (nil, nil), now: [card(nil), twin(nil)], status: .inPlace,
      at: "0000:01:00"),
    Case(
      description: "serial numbers of zeros", serials: (zeros, zeros), now: [card(zeros), twin(zeros)],
      status: .inPlace, at: "0000:01:00"),
    Case(
      description: "serial numbers of ones", serials: (ones, ones), now: [card(ones), twin(ones)], status: .inPlace,
      at: "0000:01:00"),
    Case(
      description: "one serial number on both", serials: (one, one), now: [card(), twin(one)], status: .inPlace,
      at: "0000:01:00"),
    Case(
      description: "one serial number on both, and the card is out", serials: (one, one), now: [twin(one)],
      status: .absent),
    Case(
      description: "a twin with the same number came", serials: (one, nil), now: [card(), twin(one)],
      status: .inPlace, at: "0000:01:00"),
    Case(
      description: "buses numbered anew", now: [card(at: "0000:05:00"), twin()], status: .renumbered,
      at: "0000:05:00"),
    Case(
      description: "buses numbered anew, and the twin has the old address", serials: (nil, nil),
      now: [
        card(nil, at: "0000:02:00"), Card(slot: "0000:01:00", place: "0000:00/02.0/00", serial: nil),
      ], status: .renumbered, at: "0000:02:00"),
    Case(
      description: "moved", now: [card(at: "0000:03:00", "0000:00/03.0/00"), twin()], status: .mismatch),
    Case(
      description: "moved, and followed", follow: true, now: [card(at: "0000:03:00", "0000:00/03.0/00"), twin()],
      status: .moved, at: "0000:03:00"),
    Case(
      description: "moved, without a number", serials: (nil, nil), follow: true,
      now: [card(nil, at: "0000:03:00", "0000:00/03.0/00"), twin(nil)], status: .absent),
    Case(
      description: "swapped with its twin", now: [twin(one), card(two)], status: .mismatch),
    Case(
      description: "swapped with its twin, and followed", follow: true, now: [twin(one), card(two)], status: .moved,
      at: "0000:02:00"),
    Case(description: "another of its kind in its place", now: [card(two)], status: .mismatch),
    Case(
      description: "another of its kind in its place, its number zeros", now: [card(zeros)], status: .mismatch),
    Case(
      description: "another of its kind in its place, without a number", now: [card(nil)], status: .mismatch),
    Case(
      description: "another of its kind in its place, if ids suffice", match: .ids, now: [card(two)],
      status: .mismatch),
    Case(
      description: "another device in its place",
      now: [Card(slot: "0000:01:00", place: "0000:00/01.0/00", ids: [(0x144d, 0xa808)], serial: nil), twin()],
      status: .mismatch),
    Case(description: "out", now: [twin()], status: .absent),
    Case(description: "out, if ids suffice, and only the twin is left", match: .ids, now: [twin()], status: .mismatch),
    Case(
      description: "ids alone, one fits", serials: (nil, nil), match: .ids,
      now: [card(nil, at: "0000:03:00", "0000:00/03.0/00")], status: .moved, at: "0000:03:00"),
    Case(
      description: "ids alone, two fit", serials: (nil, nil), match: .ids,
      now: [card(nil, at: "0000:03:00", "0000:00/03.0/00"), twin(nil)], status: .ambiguous),
    Case(
      description: "ids alone, two fit, one in its place", serials: (nil, nil), match: .ids,
      now: [card(nil), twin(nil)],
      status: .inPlace, at: "0000:01:00"),
    Case(
      description: "half of it is gone", serials: (nil, nil),
      now: [Card(slot: "0000:01:00", place: "0000:00/01.0/00", ids: [(0x10ee, 0x5000)], serial: nil)],
      status: .absent),
    Case(
      description: "half of it is gone, by its number",
      now: [Card(slot: "0000:01:00", place: "0000:00/01.0/00", ids: [(0x10ee, 0x5000)], serial: one)],
      status: .absent),
    Case(
      description: "followed, but without its second function", follow: true,
      now: [Card(slot: "0000:03:00", place: "0000:00/03.0/00", ids: [(0x10ee, 0x5000)], serial: one)],
      status: .mismatch),
    Case(
      description: "asleep, so that its number is not to be read",
      now: [Card(slot: "0000:01:00", place: "0000:00/01.0/00", serial: one, isAsleep: true)],
      status: .unverified, at: "0000:01:00"),
    Case(
      description: "its number is elsewhere while what is in its place sleeps",
      now: [
        Card(slot: "0000:01:00", place: "0000:00/01.0/00", serial: two, isAsleep: true), twin(one),
      ], status: .mismatch),
    Case(
      description: "the domain of a VMD",
      now: [card(at: "10000:e1:00")], status: .renumbered, at: "10000:e1:00"),
  ]

  @Test func everyCaseIsResolvedAsItMustBe() throws {
    for given in Self.cases {
      let before = host([Self.card(given.serials.0), Self.twin(given.serials.1)])
      let declared = pin(Self.card(given.serials.0), on: before, match: given.match, follow: given.follow)
      let found = declared.resolve(in: host(given.now))
      #expect(found.status == given.status, "\(given): \(found)")
      #expect(
        found.functions.map(\.description) == (given.at.map { slot in ["\(slot).0", "\(slot).1"] } ?? []),
        "\(given): \(found)")
      #expect(found.status == .inPlace || !found.reason.isEmpty, "\(given)")
    }
    print("identity: \(Self.cases.count) cases, \(Set(Self.cases.map(\.status)).count) standings reached")
    #expect(Set(Self.cases.map(\.status)).count == 7)
  }

  @Test func onlyANumberThatTellsIsRecorded() {
    let both = { (one: String?, two: String?) in
      pin(Self.card(one), on: host([Self.card(one), Self.twin(two)])).functions.map(\.serialNumber)
    }
    #expect(both(Self.one, Self.two) == [Self.one, Self.one])
    #expect(both(Self.one, Self.one) == [nil, nil])
    #expect(both(Self.zeros, nil) == [nil, nil])
    #expect(both(nil, Self.two) == [nil, nil])
    // The same number on a card of another kind is another number.
    var other = Self.twin(Self.one)
    other.ids = [(0x8086, 0x1521)]
    #expect(pin(Self.card(), on: host([Self.card(), other])).functions[0].serialNumber == Self.one)
  }

  @Test func twoCardsOfOnePinComeAsAWholeOrNotAtAll() {
    let before = host([Self.card(), Self.twin()])
    var both = pin(Self.card(), on: before)
    both.functions += pin(Self.twin(), on: before).functions
    #expect(both.resolve(in: before).functions.count == 4)
    let half = both.resolve(in: host([Self.card()]))
    #expect(half.status == .absent && half.functions == [])
  }

  @Test func doubtIsAFindingAndAbsenceIsNone() throws {
    let before = host([Self.card(), Self.twin()])
    let declared = pin(Self.card(), on: before)
    func finding(_ cards: [Card], isRehearsal: Bool = false) -> (String?, String?, Bool?) {
      let found = declared.resolve(in: host(cards)).finding(declared, isRehearsal: isRehearsal)
      return (found?.code.rawValue, found?.severity.rawValue, found?.isForceable)
    }
    #expect(finding([Self.card(Self.two)]) == ("identity-mismatch", "error", false))
    #expect(finding([Self.twin()]) == (nil, nil, nil))
    let asleep = Card(slot: "0000:01:00", place: "0000:00/01.0/00", serial: Self.one, isAsleep: true)
    #expect(finding([asleep]) == ("unknown-identity", "error", true))
    #expect(finding([asleep], isRehearsal: true) == ("unknown-identity", "warning", true))
  }
}
