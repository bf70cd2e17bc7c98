import Testing

/// An error that no command knows of is a fault of the program's, and never looks like a refusal.
@Suite struct UnforeseenTests {
  @Test(arguments: [["list"], ["check", "01:00"], ["bind", "01:00"], ["apply"], ["recover"]])
  func isSeventyWithItsText(_ words: [String]) throws {
    let capture = try Capture()
    let before = try capture.standing()
    let told = "teapot short and stout"
    let ending = try capture.run(words, environment: ["HOSTDEV_UNFORESEEN": told])
    #expect(ending.status == 70, "\(ending)")
    #expect(ending.errors.contains(told) && ending.output.isEmpty, "\(ending)")
    let json = try capture.run(words + ["--json"], environment: ["HOSTDEV_UNFORESEEN": told])
    #expect(json.status == 70, "\(json)")
    #expect(try json.json["error"]?["status"]?.int == 70 && json.output.contains(told), "\(json)")
    #expect(try differences(before, capture.standing()) == [])
  }
}
