import Testing

/// A NVIDIA card of four functions; the root disk is 0000:02:00.0.
@Suite("What was typed wrong gets an answer that helps") struct TypedWrongTests {
  private func refused(_ words: [String], _ status: Int32 = 64) throws -> String {
    let capture = try Capture("gpu")
    let before = try capture.picture()
    let ending = try capture.run(words)
    #expect(ending.status == status && ending.output.isEmpty, "\(ending)")
    #expect(try differences(before, capture.picture()) == [])
    return ending.errors
  }

  // MARK: Commands

  @Test(arguments: [
    ("lsit", "list"), ("LIST", "list"), ("chekc", "check"), ("bnid", "bind"), ("relaese", "release"),
    ("recovr", "recover"),
    ("ls", "list"), ("unbind", "release"), ("statsu", "status"),
  ])
  func aCommandIsNear(typed: String, meant: String) throws {
    let said = try refused([typed, "01:00"])
    #expect(
      said.contains("'\(typed)' is not a command") && said.contains("Did you mean 'hostdev \(meant)'?"), "\(said)")
  }

  @Test(arguments: ["frobnicate", "export", "attach", "01:00.0", "x", ""]) func noCommandIsNear(_ typed: String) throws
  {
    let said = try refused([typed])
    #expect(said.contains("'\(typed)' is not a command") && !said.contains("Did you mean"), "\(said)")
  }

  @Test func optionsFollowTheCommand() throws {
    let said = try refused(["--color=never", "list"], 64)
    #expect(said.contains("hostdev list … --color=never"), "\(said)")
  }

  // MARK: Selectors

  @Test(arguments: [
    ("1:00.9", "01:00.0"), ("01:00.8", "01:00.0"), ("01:00.0.", "01:00.0"), ("01.00.0", "01:00.0"),
    ("0000_01_00_0", "01:00.0"), ("pci-0000:01:00.0", "01:00.0"), ("0:01:00.0", "01:00.0"), ("01:00:0", "01:00.0"),
    ("0000:01:00.", "01:00"), ("pci_0000_01_00", "01:00"), (" 01:00.0", "01:00.0"), ("01:00.0 ", "01:00.0"),
    ("01:00.0,", "01:00.0"), ("01:00.0 01:00.1", "01:00.0 01:00.1"), ("net/enp3s0", "net:enp3s0"),
    ("group12", "group:12"), ("Group:12", "group:12"), ("sys/bus/pci/devices/0000:01:00.0", "01:00.0"),
    ("enp3s1", "enp3s0"), ("card2", "card0"), ("renderD1299", "renderD129"), ("fpga2", "pin:fpga"),
  ])
  func aSelectorIsNear(typed: String, meant: String) throws {
    let capture = try Capture("gpu")
    #expect(try capture.hostdev("pin", "fpga", "01:00").status == 0)
    for command in ["show", "bind"] {
      let ending = try capture.hostdev(command, typed)
      #expect(ending.status == 64, "\(ending)")
      #expect(ending.errors.contains("'\(typed)' ") && ending.errors.contains("Did you mean \(meant)"), "\(ending)")
    }
    // What is suggested is there.
    #expect(try capture.run(["list", "--json"] + meant.split(separator: " ").map(String.init)).status == 0)
  }

  @Test func aSuggestionSaysWhatItIs() throws {
    #expect(
      try refused(["bind", "1:00.9"]).contains(
        "functions are 0 to 7\n         Did you mean 01:00.0 (10de:1e87, nouveau)?"))
    #expect(try refused(["bind", "enp3s1"]).contains("Did you mean enp3s0 (0000:03:00.0, 8086:1533, igb)?"))
  }

  /// The first three are the root disk.
  @Test(arguments: [
    "02.00.0", "02:00.9", "nvme0n2", "09.00.0", "zz", "01:20.0", "1ff:00.0", "1:2:3:4", "10ee:50000", "wlan0",
    "group:x",
    "pin:", "net:a/b", "/sys/class/net", "/dev/", "*", "0000:01", "0000:01:20.0", "PCI:1:0:0", "01:00.0 09.00.0",
  ])
  func noSelectorIsNear(_ typed: String) throws {
    let said = try refused(["bind", typed])
    #expect(said.contains("'\(typed)' ") && !said.contains("Did you mean"), "\(said)")
  }

  @Test func aNameOfTwoDevicesIsNotGuessed() throws {
    let capture = try Capture("gpu")
    try capture.link("/sys/class/sound/card0", to: "../../devices/pci0000:00/0000:00:01.0/0000:01:00.1/sound/card0")
    let ending = try capture.hostdev("bind", "card0")
    #expect(ending.status == 64, "\(ending)")
    for word in ["/sys/class/drm/card0 (0000:00:02.0)", "/sys/class/sound/card0 (0000:01:00.1)"] {
      #expect(ending.errors.contains(word), "\(ending)")
    }
    #expect(try capture.hostdev("show", "/dev/dri/card0").output.hasPrefix("0000:00:02.0"))
    #expect(try capture.hostdev("show", "/sys/class/sound/card0").output.hasPrefix("0000:01:00.1"))
  }

  @Test(arguments: ["8086:", "::01", "01:00.0,03:00.0", "00:"]) func aChangeWantsOneDevice(_ selector: String) throws {
    let said = try refused(["bind", selector])
    #expect(said.contains("devices: 0000:"), "\(said)")
    #expect(!said.contains("as in: 0000:02:00"), "\(said)")
    #expect(try Capture("gpu").hostdev("list", selector).status == 0)
  }

  @Test(arguments: ["10de:", "01:", "01:00.0-3", "01:00.0,01:00.1,01:00.2,01:00.3", "10de:,pci_0000_01_00_0"])
  func aFormOfOneDeviceIsTaken(_ selector: String) throws {
    let capture = try Capture("gpu")
    let ending = try capture.hostdev("bind", selector, "--json")
    #expect(ending.status == 0, "\(ending)")
    #expect(try ending.json["functions"]?.texts == (0...3).map { "0000:01:00.\($0)" })
  }

  // MARK: Drivers

  @Test func aDriverGoesByEitherSign() throws {
    let capture = try Capture("gpu")
    #expect(try capture.hostdev("bind", "--driver", "vfio_pci", "01:00").status == 0)
    #expect(capture.driver("0000:01:00.0") == "vfio-pci")
    #expect(try capture.hostdev("pin", "gpu", "01:00", "--driver", "vfio_pci").status == 0)
    #expect(try capture.text("/etc/hostdev/pins.d/gpu.json").contains("\"vfio-pci\""))
    let listed = try capture.hostdev("list", "--driver", "vfio_pci", "--json").json.devices
    #expect(listed.count == 4)
    #expect(try capture.hostdev("release", "01:00.1", "--driver", "snd-hda-intel", "--dry-run").status == 0)
  }

  @Test func aDriverThatIsNotThereIsTold() throws {
    let ending = try Capture("gpu").hostdev("bind", "--driver", "vfoi-pci", "01:00")
    #expect(ending.status == 1 && ending.errors.contains("did you mean 'vfio-pci'?"), "\(ending)")
    let other = try Capture("gpu").hostdev("bind", "--driver", "mlx5_vfio_pci", "01:00")
    #expect(!other.errors.contains("did you mean"), "\(other)")
  }
}
