import TestSupport
import Testing

@testable import Settings

@Suite("The file that configures kernel arguments")
struct BootConfigurationTests {
  private func read(_ files: [String: String]) -> BootConfiguration {
    var files = SettingFiles(Written(files))
    return BootConfiguration(&files)
  }

  private func words(_ text: String) -> [String] {
    read(["/etc/default/grub": text]).edited.map { "\($0.source.line ?? 0): \($0.word)" }
  }

  @Test(arguments: [
    ("GRUB_CMDLINE_LINUX=\"a b=c\"\n", ["1: a", "1: b=c"]),
    ("# GRUB_CMDLINE_LINUX=\"no\"\nGRUB_CMDLINE_LINUX_DEFAULT='quiet  iommu=pt'\n", ["2: quiet", "2: iommu=pt"]),
    ("export GRUB_CMDLINE_LINUX=bare # a comment\n", ["1: bare"]),
    ("GRUB_CMDLINE_LINUX=\"a \\\nb\"\nX=1\n", ["1: a", "2: b"]),
    ("GRUB_CMDLINE_LINUX=\"a\nb\"\n", ["1: a", "2: b"]),
    ("GRUB_CMDLINE_LINUX=\"a\"\"b\" c\n", ["1: ab"]),
    ("GRUB_CMDLINE_LINUX=\"x=\\\"y\\\"\"\n", ["1: x=y"]),
    ("GRUB_DISTRIBUTOR=`lsb_release -i`; GRUB_CMDLINE_LINUX=\"later\"\n", ["1: later"]),
    (
      "A=1 B=2; export GRUB_CMDLINE_LINUX='a'; [ -f x ] && GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n",
      ["1: a", "1: b"]
    ),
    ("if [ \"$x\" = 1 ]; then\n  GRUB_CMDLINE_LINUX=\"a\"\nfi\necho \"GRUB_CMDLINE_LINUX=b\"\n", ["2: a"]),
    // GRUB takes off what the shell leaves, and hands on what it leaves itself with a backslash.
    ("GRUB_CMDLINE_LINUX=\"ids='a,b' 'x y'\"\n", ["1: ids=a,b", "1: \"x y\""]),
    ("GRUB_CMDLINE_LINUX='ids=\"a,b\" q=\\\"z'\n", ["1: ids=a,b", "1: q=\\\"z"]),
    ("GRUB_CMDLINE_LINUX=\"ids='\\\"a\\\"' \\a\"\n", ["1: ids=\\\"a\\\"", "1: a"]),
    (
      "GRUB_CMDLINE_LINUX=\"a $(sed 's/)/\\\"/' \"x y\" | (cat)) b `uname -r` c=$((1 + 2)) ${X%y z} d\"\n",
      ["1: a", "1: b", "1: d"]
    ),
    ("GRUB_CMDLINE_LINUX_RECOVERY=\"single\"\n", []),
    ("GRUB_CMDLINE_LINUX=\"never closed\n", ["1: never", "1: closed"]),
    ("GRUB_CMDLINE_LINUX", []), ("", []),
  ])
  func aShellReadsGRUBsDefaults(text: String, expected: [String]) { #expect(words(text) == expected) }

  @Test func theLastAssignmentCountsUnlessItTakesTheOthersUp() {
    #expect(words("GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX=\"b\"\n") == ["2: b"])
    #expect(words("GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n") == ["1: a", "2: b"])
    #expect(words("GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX=\"${GRUB_CMDLINE_LINUX} b\"\n") == ["1: a", "2: b"])
    #expect(words("GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX+=\" b\"\n") == ["1: a", "2: b"])
    #expect(
      words("GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX=\"${GRUB_CMDLINE_LINUX:+$GRUB_CMDLINE_LINUX }b\"\n")
        == ["1: a", "2: b"])
    #expect(words("GRUB_CMDLINE_LINUX=\"${GRUB_CMDLINE_LINUX:+$GRUB_CMDLINE_LINUX }b\"\n") == ["1: b"])
    #expect(words("GRUB_CMDLINE_LINUX=\"${MORE:-b c}\"\n") == ["1: b", "1: c"])
    // Another variable's name that begins alike is another variable.
    #expect(words("GRUB_CMDLINE_LINUX=\"a\"\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX_X b\"\n") == ["2: b"])
  }

  @Test func packagesPutTheirsIntoAFolder() {
    let boot = read([
      "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"a\"\n",
      "/etc/default/grub.d/kdump.cfg": "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n",
      "/etc/default/grub.d/README": "GRUB_CMDLINE_LINUX=\"not read\"\n",
    ])
    #expect(boot.edited.map(\.word) == ["a", "b"])
    #expect(boot.edited.last?.source.place == "/etc/default/grub.d/kdump.cfg:1")
  }

  @Test func valuesOfVariablesAreTakenUp() {
    #expect(
      words("IDS=10ee:5000\nGRUB_CMDLINE_LINUX=\"vfio-pci.ids=$IDS quiet\"\n") == [
        "2: vfio-pci.ids=10ee:5000", "2: quiet",
      ])
    // A word that is a part of the variable has its line.
    #expect(words("MORE='a b'\nGRUB_CMDLINE_LINUX=\"$MORE c\"\n") == ["1: a", "1: b", "2: c"])
    #expect(words("GRUB_CMDLINE_LINUX=\"a=$UNKNOWN b=$(uname -r) c\"\n").last == "1: c")
  }

  @Test func aWordIsKeptAsTheFileSpellsIt() {
    let text = "GRUB_CMDLINE_LINUX=\"quiet ids=\\\"a,b\\\"\"\n"
    #expect(read(["/etc/default/grub": text]).defaults.map(\.spelling) == ["quiet", "ids=\\\"a,b\\\""])
    #expect(read(["/etc/default/grub": text]).defaults.map(\.word) == ["quiet", "ids=a,b"])
  }

  @Test func whatGRUBReadsIsMadeOfThem() {
    let boot = read([
      "/boot/grub/grub.cfg": "menuentry 'Debian' {\n\tlinux\t/vmlinuz-6 root=UUID=x ro iommu=pt\n}\n",
      "/boot/loader/entries/a.conf": "title A\noptions root=x quiet\noptions splash\n",
      "/etc/kernel/cmdline": "# no\nroot=y\n",
    ])
    #expect(boot.made.map(\.word) == ["root=UUID=x", "ro", "iommu=pt"])
    #expect(boot.made.last?.source.place == "/boot/grub/grub.cfg:2")
    #expect(boot.defaults == [])
  }

  @Test func entriesHaveTheirLines() {
    let boot = read(["/boot/loader/entries/a.conf": "title A\noptions root=x quiet\noptions splash\n"])
    #expect(
      boot.edited.map { "\($0.source.place) \($0.word)" } == [
        "/boot/loader/entries/a.conf:2 root=x", "/boot/loader/entries/a.conf:2 quiet",
        "/boot/loader/entries/a.conf:3 splash",
      ])
    let line = read(["/etc/kernel/cmdline": "# no\nroot=y\n"])
    #expect(line.edited.map { "\($0.source.place) \($0.word)" } == ["/etc/kernel/cmdline:2 root=y"])
  }
}
