import Host
import TestSupport
import Testing

@testable import Settings

@Suite("Which entry boots next")
struct NextBootTests {
  private func boot(_ files: [String: String], barred: Set<String> = []) -> BootConfiguration {
    HostSettings(reading: Written(files, barred: barred), functions: []).boot
  }

  /// The words of the entry that boots, or why that is not known.
  private func next(_ files: [String: String], barred: Set<String> = []) -> String {
    let boot = boot(files, barred: barred)
    switch boot.next.choice {
    case .entry(let entry, _): return entry.arguments.map(\.word).joined(separator: " ")
    case .unknown: return "unknown"
    case .unseen: return "unseen"
    }
  }

  // MARK: systemd-boot

  private static func variable(_ text: String) -> String { "\u{6}\0\0\0" + text.map { "\($0)\0" }.joined() + "\0\0" }
  private static func path(_ name: String) -> String {
    "/sys/firmware/efi/efivars/\(name)-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
  }
  private static let generations = [
    "/boot/loader/entries/nixos-generation-9.conf": "title 9\nlinux /k\noptions nine\n",
    "/boot/loader/entries/nixos-generation-40.conf": "title 40\nlinux /k\noptions forty\n",
    "/boot/loader/entries/nixos-generation-42.conf": "title 42\nlinux /k\noptions fortytwo\n",
  ]

  @Test(arguments: [
    ("default nixos-generation-9.conf\n", "nine"), ("timeout 3\ndefault\tNIXOS-generation-4?.conf\n", "fortytwo"),
    ("default nixos-generation-40\n", "forty"), ("default nothing-*\n", "fortytwo"),
    ("#default nixos-generation-9.conf\n", "fortytwo"),
    ("default @saved\n", "unknown"), ("", "fortytwo"),
  ])
  func loaderConfNamesItByAPattern(text: String, expected: String) {
    #expect(next(Self.generations.merging(["/boot/loader/loader.conf": text]) { $1 }) == expected)
  }

  @Test func theFirmwaresVariablesComeFirst() {
    let files = Self.generations.merging(["/boot/loader/loader.conf": "default nixos-generation-42.conf\n"]) { $1 }
    func next(_ variables: [String: String], barred: Set<String> = []) -> String {
      self.next(
        files.merging(variables.map { (Self.path($0.key), Self.variable($0.value)) }) { $1 },
        barred: Set(barred.map(Self.path)))
    }
    #expect(next(["LoaderEntryDefault": "nixos-generation-9.conf"]) == "nine")
    #expect(
      next(["LoaderEntryDefault": "nixos-generation-9.conf", "LoaderEntryOneShot": "nixos-generation-40.conf"])
        == "forty")
    // An entry that was removed since.
    #expect(next(["LoaderEntryOneShot": "nixos-generation-1.conf"]) == "fortytwo")
    #expect(next(["LoaderEntryOneShot": "auto-windows"]) == "unknown")
    #expect(next(["LoaderEntryDefault": "nixos-generation-9.conf"], barred: ["LoaderEntryDefault"]) == "unknown")
    #expect(
      self.next(
        files.merging([
          "/boot/loader/loader.conf": "default @saved\n",
          Self.path("LoaderEntrySelected"): Self.variable("nixos-generation-40.conf"),
        ]) { $1 }) == "forty")
  }

  @Test(arguments: [
    // By the key, then the version, the newest first; without a key the name decides, and it comes after.
    ([("a.conf", "sort-key b\nversion 9\n"), ("b.conf", "sort-key a\nversion 1\n")], "b"),
    ([("a.conf", "sort-key a\nversion 6.9\n"), ("b.conf", "sort-key a\nversion 6.10\n")], "b"),
    ([("a.conf", "sort-key z\n"), ("z.conf", "version 99\n")], "a"),
    ([("arch-6.9.conf", ""), ("arch-6.10.conf", "")], "arch-6.10"),
    // No boot is left for the newest.
    ([("a-2+0-3.conf", ""), ("a-1.conf", "")], "a-1"), ([("a-2+3.conf", ""), ("a-1.conf", "")], "a-2+3"),
  ])
  func elseTheNewest(entries: [(name: String, text: String)], expected: String) {
    var files = ["/efi/loader/loader.conf": "timeout 5\n"]
    for entry in entries {
      let word = entry.name.dropLast(".conf".count)
      files["/efi/loader/entries/\(entry.name)"] = "\(entry.text)linux /k\noptions \(word)\n"
    }
    #expect(next(files) == expected)
  }

  @Test func anEntryOfAnotherSystemSaysNothing() {
    let files = [
      "/boot/loader/loader.conf": "default windows.conf\n", "/boot/loader/entries/linux.conf": "linux /k\noptions a\n",
      "/boot/loader/entries/windows.conf": "efi /EFI/Microsoft/Boot/bootmgfw.efi\n",
    ]
    #expect(next(files) == "unknown")
  }

  @Test func whatMayNotBeReadIsUnknown() {
    let files = Self.generations.merging(["/boot/loader/loader.conf": "default nixos-generation-9.conf\n"]) { $1 }
    #expect(next(files, barred: ["/boot/loader/loader.conf"]) == "unknown")
    #expect(next(files, barred: ["/boot/loader/entries"]) != "nine")
    #expect(next(files, barred: ["/boot/loader/entries/nixos-generation-42.conf"]) == "unknown")
  }

  // MARK: Unified images

  static func image(_ sections: [(String, String)]) -> String {
    func number(_ value: Int, _ size: Int) -> String {
      String(String.UnicodeScalarView((0..<size).map { Unicode.Scalar(UInt8(value >> (8 * $0) & 0x7f)) }))
    }
    var place = 0x80 * 4
    var table = ""
    var content = ""
    for (name, text) in sections {
      table += name + String(repeating: "\0", count: 8 - name.utf8.count) + number(text.utf8.count, 4) + number(0, 4)
      table += number(0x80 * 4, 4) + number(place, 4) + String(repeating: "\0", count: 16)
      content += text + String(repeating: "\0", count: 0x200 - text.utf8.count)
      place += 0x200
    }
    let header =
      "MZ" + String(repeating: "\0", count: 0x3a) + number(0x40, 4) + "PE\0\0" + number(0, 2)
      + number(sections.count, 2) + String(repeating: "\0", count: 12) + number(0, 2) + number(0, 2) + table
    return header + String(repeating: "\0", count: 0x200 - header.utf8.count) + content
  }

  @Test func theCommandLineOfAUnifiedImageIsASection() {
    let name = "/efi/EFI/Linux/arch-linux.efi"
    let image = Self.image([(".osrel", "ID=arch\n"), (".cmdline", "root=x intel_iommu=on\n"), (".linux", "K")])
    let files = [name: image, "/etc/kernel/cmdline": "root=x iommu=pt\n", "/etc/mkinitcpio.d/linux.preset": ""]
    #expect(next(files) == "root=x intel_iommu=on")
    #expect(boot(files).defaults.map(\.word) == ["root=x", "iommu=pt"])
    #expect(boot(files).tools.entriesUpdate == "mkinitcpio -P")
    // An addon adds to it, and an entry may name an image.
    let addon = Self.image([(".cmdline", "iommu=pt")])
    #expect(next(files.merging(["\(name).extra.d/a.addon.efi": addon]) { $1 }) == "root=x intel_iommu=on iommu=pt")
    #expect(next(files.merging(["/efi/loader/addons/a.addon.efi": addon]) { $1 }) == "root=x intel_iommu=on iommu=pt")
    let entry = [
      "/efi/loader/loader.conf": "default z.conf\n", "/efi/loader/entries/z.conf": "uki /EFI/Linux/arch-linux.efi\n",
    ]
    #expect(next(files.merging(entry) { $1 }) == "root=x intel_iommu=on")
    #expect(next([name: "MZ, and nothing else", "/etc/kernel/cmdline": "root=x\n"]) == "unknown")
  }

  // MARK: GRUB

  @Test func theFirmwaresFileNamesTheMenu() {
    let stub = "search.fs_uuid 0815 root\nset prefix=($root)'PREFIX'\nconfigfile $prefix/grub.cfg\n"
    func next(_ prefix: String, _ files: [String: String]) -> String {
      let all = files.merging(["/boot/efi/EFI/debian/grub.cfg": stub.replacing("PREFIX", with: prefix)]) { $1 }
      return self.next(all.mapValues { $0.hasPrefix("linux") ? "menuentry 'x' {\n\($0)\n}\n" : $0 })
    }
    let both = ["/boot/grub/grub.cfg": "linux /k one", "/boot/grub2/grub.cfg": "linux /k two"]
    #expect(next("/boot/grub", both) == "one" && next("/boot/grub2", both) == "two")
    // On a file system of its own, and in a subvolume.
    #expect(next("/grub", both) == "one" && next("/@/boot/grub", both) == "one")
    // Nothing else takes its place, and its own is not a menu.
    #expect(next("/boot/grub", ["/etc/default/grub": "GRUB_CMDLINE_LINUX=x\n"]) == "unknown")
    #expect(
      boot(["/boot/efi/EFI/a/grub.cfg": stub.replacing("PREFIX", with: "/grub")]).menuFile == "/boot/grub/grub.cfg")
  }

  private static let menu = """
    if [ "${next_entry}" ] ; then
       set default="${next_entry}"
       set next_entry=
       set boot_once=true
    else
       set default="DEFAULT"
    fi
    function savedefault {
      saved_entry="${chosen}"
    }
    ### BEGIN /etc/grub.d/10_linux ###
    menuentry 'Debian' --class debian $menuentry_id_option 'gnulinux-simple-x' {
    \tload_video
    \tif [ x$grub_platform = xxen ]; then insmod xzio; fi
    \tlinux\t/vmlinuz-6.12 root=x ro newest
    \tinitrd\t/initrd.img-6.12
    }
    submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-x' {
    \tmenuentry 'Debian, 6.12' $menuentry_id_option 'gnulinux-6.12-x' {
    \t\tlinux /vmlinuz-6.12 root=x again
    \t}
    \tmenuentry 'Debian, 6.1' $menuentry_id_option 'gnulinux-6.1-x' {
    \t\tlinux /vmlinuz-6.1 root=x old
    \t}
    }
    menuentry 'Windows' $menuentry_id_option 'osprober-efi-1' {
    \tchainloader /efi/Microsoft/Boot/bootmgfw.efi
    }
    """

  private func grub(_ set: String, _ environment: String? = nil) -> String {
    var files = ["/boot/grub/grub.cfg": Self.menu.replacing("DEFAULT", with: set)]
    files["/boot/grub/grubenv"] = environment.map { "# GRUB Environment Block\n\($0)\n####" }
    return next(files).split(separator: " ").last.map(String.init) ?? ""
  }

  @Test(arguments: [
    ("0", nil, "newest"), ("1>1", nil, "old"), ("1", nil, "again"), ("gnulinux-simple-x", nil, "newest"),
    ("gnulinux-advanced-x>gnulinux-6.1-x", nil, "old"), ("Advanced options>Debian, 6.1", nil, "old"),
    ("no such entry", nil, "newest"), ("9", nil, "newest"), ("osprober-efi-1", nil, "unknown"), ("2", nil, "unknown"),
    ("${saved_entry}", "saved_entry=gnulinux-advanced-x>gnulinux-6.1-x", "old"), ("${saved_entry}", nil, "newest"),
    ("${saved_entry}", "saved_entry=", "newest"), ("0", "saved_entry=1>1", "newest"),
    ("0", "next_entry=1>1", "old"), ("${saved_entry}", "saved_entry=0\nnext_entry=1>1", "old"),
  ])
  func theMenuAndItsEnvironmentSayWhich(set: String, environment: String?, expected: String) {
    #expect(grub(set, environment) == expected)
  }

  @Test func whatGRUBCannotTellIsUnknown() {
    let menu = Self.menu.replacing("DEFAULT", with: "${saved_entry}")
    let files = ["/boot/grub/grub.cfg": menu, "/boot/grub/grubenv": "saved_entry=0\n"]
    #expect(next(files, barred: ["/boot/grub/grubenv"]) == "unknown")
    #expect(next(files.merging(["/boot/grub/grubenv": "env_block=512+1\n"]) { $1 }) == "unknown")
    #expect(next(files.merging(["/boot/grub/grub.cfg": menu + "\nset default=2\n"]) { $1 }) == "unknown")
    #expect(
      next([
        "/boot/grub/grub.cfg":
          "### BEGIN /etc/grub.d/30_os-prober ###\nmenuentry 'other' {\nlinux /k iommu=pt\n}\n"
      ]) == "unknown")
    // A menu that only root can read is no menu that is not there.
    let hidden = boot(
      files.merging(["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"iommu=pt\"\n"]) { $1 }, barred: ["/boot/grub/grub.cfg"])
    #expect(hidden.promised == [] && hidden.possible.map(\.word) == ["iommu=pt"])
  }

  @Test func variablesOfTheMenuAreTakenUp() {
    let menu = "set tuned=\"iommu=pt quiet\"\nmenuentry 'a' {\n linux /k root=x $tuned ${vt_handoff} 'a b'\n}\n"
    #expect(boot(["/boot/grub/grub.cfg": menu]).made.map(\.word) == ["root=x", "iommu=pt", "quiet", "\"a b\""])
  }

  @Test func theHostOfXenIsAModule() {
    let menu =
      "menuentry 'x' {\n multiboot2 /xen.gz placeholder\n module2 /vmlinuz placeholder root=x xen-pciback.hide=(01:00.0)\n module2 /initrd\n}\n"
    #expect(next(["/boot/grub/grub.cfg": menu]) == "root=x xen-pciback.hide=(01:00.0)")
  }

  @Test func entriesInFilesAreGRUBsOnFedora() {
    let name = { (version: String) in "/boot/loader/entries/0123-\(version).x86_64.conf" }
    var files = [
      "/boot/grub2/grub.cfg": "load_env\nset default=\"${saved_entry}\"\ninsmod blscfg\nblscfg\n",
      "/etc/default/grub": "GRUB_DEFAULT=saved\nGRUB_ENABLE_BLSCFG=true\nGRUB_CMDLINE_LINUX=\"quiet\"\n",
      name("6.9.4-100.fc41"): "linux /k\noptions root=x old $kernelopts\n",
      name("6.11.10-300.fc41"): "linux /k\noptions root=x newest $kernelopts\n",
      name("0-rescue"): "linux /k\noptions root=x rescue\n",
    ]
    #expect(boot(files).next.loader == .grubEntries)
    #expect(next(files) == "root=x newest")
    files["/boot/grub2/grubenv"] = "saved_entry=0123-6.9.4-100.fc41.x86_64\nkernelopts=iommu=pt ro\n"
    #expect(next(files) == "root=x old iommu=pt ro")
    files["/boot/grub2/grubenv"] = "saved_entry=0123-6.8.0-1.fc41.x86_64\n"
    #expect(next(files) == "root=x newest")
    files["/boot/grub2/grubenv"] = "saved_entry=2\n"
    #expect(next(files) == "root=x rescue")
  }

  @Test func twoLoadersAreToldApart() {
    let both = [
      "/boot/grub/grub.cfg": "menuentry 'a' {\nlinux /k grub\n}\n", "/boot/efi/loader/loader.conf": "timeout 3\n",
      "/boot/efi/loader/entries/a.conf": "linux /k\noptions systemd\n",
    ]
    func next(_ more: [String: String]) -> String { self.next(both.merging(more) { $1 }) }
    #expect(next([:]) == "unknown")
    #expect(next([Self.path("LoaderInfo"): Self.variable("systemd-boot 257")]) == "systemd")
    #expect(next([Self.path("LoaderInfo"): Self.variable("GRUB 2.12")]) == "grub")
    #expect(next([Self.path("LoaderInfo"): Self.variable("rEFInd 0.14")]) == "unknown")
    #expect(next(["/proc/cmdline": "BOOT_IMAGE=/k ro\n"]) == "grub")
    #expect(next(["/proc/cmdline": "initrd=\\EFI\\x ro\n"]) == "systemd")
    // Entries that no loader here reads.
    #expect(
      self.next(both.filter { !$0.key.hasSuffix("loader.conf") }) == "grub")
  }

  // MARK: What entries are made of

  @Test func withNoEntryInSightTheFileThatTheLoaderUsesCounts() {
    let files = [
      "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"grub\"\n", "/etc/kernel/cmdline": "kernel\n",
      "/etc/kernel/proxmox-boot-uuids": "1234-5678\n",
    ]
    func promised(_ commandLine: String) -> [String] {
      boot(files.merging(["/proc/cmdline": commandLine]) { $1 }).promised.map(\.word)
    }
    #expect(promised("initrd=\\EFI\\proxmox\\6.8\\initrd root=x\n") == ["kernel"])
    #expect(promised("BOOT_IMAGE=/k root=x\n") == ["grub"])
    let unclear = boot(files)
    #expect(unclear.promised == [] && unclear.possible.map(\.word) == ["grub", "kernel"])
  }

  @Test func whatEveryEntryHasIsCertain() {
    let boot = boot([
      "/boot/loader/loader.conf": "default @saved\n",
      "/boot/loader/entries/a.conf": "linux /k\noptions both one\n",
      "/boot/loader/entries/b.conf": "linux /k\noptions both two\n",
    ])
    #expect(boot.promised.map(\.word) == ["both"])
    #expect(Set(boot.possible.map(\.word)) == ["one", "two"])
  }
}

@Suite("What is the newer version")
struct VersionOrderTests {
  /// From the oldest on, as the specification lists them.
  @Test func asSystemdSorts() {
    let sorted = [
      "122.1", "123~rc1-1", "123", "123-a", "123-a.1", "123-1", "123-1.1", "123^post1", "123.a-1", "123.1-1", "123a-1",
      "124-1",
    ]
    for (place, older) in sorted.enumerated() {
      #expect(VersionOrder.compare(older, older) == 0)
      for newer in sorted[(place + 1)...] {
        #expect(VersionOrder.compare(older, newer) < 0, "\(older) \(newer)")
        #expect(VersionOrder.compare(newer, older) > 0, "\(older) \(newer)")
      }
    }
    #expect(VersionOrder.compare("6.9", "6.10") < 0 && VersionOrder.compare("007", "7") == 0)
  }
}
