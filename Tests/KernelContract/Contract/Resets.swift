let resets =
  row(
    "reset: `1` / anything else / no file",
    Case("reset an unbound function", from: [.write(unbind("isolated"))], set("isolated", "reset", "1"), answers: nil),
    Case("reset with a line's end", from: [.write(unbind("isolated"))], set("isolated", "reset", "1\n"), answers: nil),
    Case("reset with 0", set("isolated", "reset", "0"), answers: .invalid),
    Case("reset with 2", set("isolated", "reset", "2"), answers: .invalid),
    Case("reset with a word", set("isolated", "reset", "yes"), answers: .invalid),
    Case("reset of a function that cannot be", set("companion", "reset", "1"), answers: .noEntry))
  + row(
    "reset: first function of a bus with others on it, reset_method = bus",
    Case(
      "reset by a stale bus", from: [.write(unbind("stale"))], set("stale", "reset", "1"), answers: .notTTY,
      after: [text("stale", "reset_method", is: "bus")]))
  + row(
    "reset: a guest holds the device through VFIO, or a native driver is bound",
    Case(
      "reset under a native driver", set("isolated", "reset", "1"), answers: nil,
      after: [driver("isolated", is: native("isolated"))]),
    Case(
      "reset on vfio-pci", from: onVFIO("isolated"), set("isolated", "reset", "1"), answers: nil,
      after: [driver("isolated", is: "vfio-pci")]))

  + row(
    "reset: a bus that the function has to itself",
    Case(
      "reset by the bus alone", from: [.write(unbind("isolated")), .write(set("isolated", "reset_method", "bus"))],
      set("isolated", "reset", "1"), answers: nil, after: [text("isolated", "reset_method", is: "bus")]))
  + row(
    "reset_method measured",
    Case(
      "reset of a function with FLR", from: [.write(unbind("pf"))], set("pf", "reset", "1"), answers: nil,
      after: [text("pf", "reset_method", is: "flr bus"), text("disk", "reset_method", is: "flr bus")]),
    Case(
      "reset of a card's second function", from: [.write(unbind("cardSecond"))], set("cardSecond", "reset", "1"),
      answers: nil,
      after: [text("cardFirst", "reset_method", is: "pm bus"), text("cardSecond", "reset_method", is: "pm")]),
    Case("reset of a port", set("bridge", "reset", "1"), answers: nil, .noEntry, .notTTY))

let resetMethods =
  row(
    "reset_method: unsupported or unknown name",
    Case(
      "reset_method of an unknown name", set("isolated", "reset_method", "hostdev-nosuch"), answers: .invalid,
      after: [text("isolated", "reset_method", is: "pm bus")]),
    Case(
      "reset_method that the function has not", set("isolated", "reset_method", "flr"), answers: .invalid,
      after: [text("isolated", "reset_method", is: "pm bus")]),
    Case(
      "reset_method of one that it has and one not", set("isolated", "reset_method", "pm flr"), answers: .invalid,
      after: [text("isolated", "reset_method", is: "pm bus")]),
    Case(
      "reset_method of one", set("isolated", "reset_method", "pm"), answers: nil,
      after: [text("isolated", "reset_method", is: "pm")]),
    Case(
      "reset_method in another order", set("isolated", "reset_method", "bus pm"), answers: nil,
      after: [text("isolated", "reset_method", is: "bus pm")]),
    Case(
      "reset_method of zero bytes", set("isolated", "reset_method", ""), answers: nil,
      after: [text("isolated", "reset_method", is: "pm bus")]))
  + row(
    "reset_method: \"\\n\" / default",
    Case(
      "reset_method of nothing", set("isolated", "reset_method", "\n"), answers: nil,
      after: [text("isolated", "reset_method", is: ""), existence(attribute("isolated", "reset"), is: true)]),
    Case(
      "reset with all methods disabled", from: [.write(set("isolated", "reset_method", "\n"))],
      set("isolated", "reset", "1"), answers: .notTTY),
    Case(
      "reset_method default", from: [.write(set("isolated", "reset_method", "\n"))],
      set("isolated", "reset_method", "default"), answers: nil, after: [text("isolated", "reset_method", is: "pm bus")]),
    Case(
      "reset_method default takes a stale bus away", set("stale", "reset_method", "default"), answers: nil,
      after: [text("stale", "reset_method", is: "none", ""), existence(attribute("stale", "reset"), is: true)]),
    Case("a stale bus cannot be written back", set("stale", "reset_method", "bus"), answers: .invalid),
    Case("reset without a stale bus", set("stale", "reset", "1"), answers: .notTTY))
