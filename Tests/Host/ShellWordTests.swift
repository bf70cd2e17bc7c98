import Foundation
import Host
import Testing

@Suite struct ShellWordTests {
  @Test(arguments: [
    ("/sys/bus/pci/drivers/vfio-pci/bind", "/sys/bus/pci/drivers/vfio-pci/bind"), ("a_B-9.:,+=@%", "a_B-9.:,+=@%"),
    ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("'", #"''\'''"#), ("$(rm)", "'$(rm)'"), ("~", "'~'"),
    ("ü", "'ü'"),
    ("a\nb", #""$(printf 'a\012b')""#), ("-\u{1b}[8m1", #""$(printf '\055\033[8m1')""#),
    ("100%\\'\u{7f}", #""$(printf '100\045\134\047\177')""#), ("\u{202e}é", #""$(printf '\342\200\256é')""#),
    ("\u{9b}\n", "\"$(printf '\\302\\233')\"'\n'"),
  ])
  func onlyWhatTheShellLeavesAloneStandsBare(text: String, word: String) throws {
    #expect(ShellWord.quoted(text) == word)
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "printf '%s' \(word)"]
    let pipe = Pipe()
    shell.standardOutput = pipe
    try shell.run()
    let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
    shell.waitUntilExit()
    #expect(String(decoding: said, as: UTF8.self) == text)
  }
}
