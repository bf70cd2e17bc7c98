"""How people reach a host: network, screen, keyboard."""

from ground import Ground


class Seat(Ground):
    """The part of a Host that declares interfaces, displays and keyboards."""

    def __init__(self) -> None:
        super().__init__()
        self._interfaces = 1
        self._keyboards = 0

    def interface(self, address: str, name: str, mac: str, ipv4: str | None = None, gateway: str | None = None) -> None:
        """A network interface; with an address it is up, with a gateway it has the default route."""
        self._interfaces += 1
        path = f"{self.path(address)}/net/{name}"
        up = ipv4 is not None
        self._tree.files(path, address=mac, operstate="up" if up else "down", flags="0x1003" if up else "0x1002",
                         type="1", uevent=f"INTERFACE={name}\nIFINDEX={self._interfaces}")
        self._tree.link(f"{path}/subsystem", "sys/class/net")
        self._tree.link(f"sys/class/net/{name}", path)
        if ipv4:
            self._route(name, ipv4, gateway)

    def _route(self, name: str, ipv4: str, gateway: str | None) -> None:
        columns = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
        network = ipv4.rsplit(".", 1)[0] + ".0"
        lines = [columns]
        if gateway:
            lines.append(f"{name}\t00000000\t{_little_endian(gateway)}\t0003\t0\t0\t0\t00000000\t0\t0\t0")
        lines.append(f"{name}\t{_little_endian(network)}\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0")
        self._tree.file("proc/net/route", "\n".join(lines))
        zero, link_local = "0" * 32, "fe80" + "0" * 28
        self._tree.file("proc/net/ipv6_route", "\n".join([
            f"{link_local} 40 {zero} 00 {zero} 00000100 00000001 00000000 00000001 {name:>8}",
            f"{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200       lo"]))
        self._tree.file("proc/net/if_inet6", f"fe80000000000000505400fffe000001 02 40 20 80 {name:>8}\n"
                        f"{'1'.zfill(32)} 01 80 10 80       lo")
        self._tree.file("proc/net/fib_trie", "Main:\n  +-- 0.0.0.0/0 3 0 5\n"
                        f"     |-- {network}\n        /24 link UNICAST\n"
                        f"     |-- {ipv4}\n        /32 host LOCAL\n"
                        f"Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- {ipv4}\n        /32 host LOCAL")

    def display(self, address: str, card: int, framebuffer: str | None = None, connected: bool = False,
                render: bool = True) -> None:
        """A display's DRM nodes; `framebuffer` names the console's driver, `connected` an output with a screen."""
        tree, function = self._tree, self.path(address)
        nodes = [(f"card{card}", card)] + ([(f"renderD{128 + card}", 128 + card)] if render else [])
        for name, minor in nodes:
            path = f"{function}/drm/{name}"
            tree.file(f"{path}/uevent", f"MAJOR=226\nMINOR={minor}\nDEVNAME=dri/{name}\nDEVTYPE=drm_minor")
            tree.link(f"{path}/subsystem", "sys/class/drm")
            tree.link(f"sys/class/drm/{name}", path)
        output = f"{function}/drm/card{card}/card{card}-HDMI-A-{card + 1}"
        tree.file(f"{output}/status", "connected" if connected else "disconnected")
        tree.link(f"{output}/subsystem", "sys/class/drm")
        tree.link(f"sys/class/drm/card{card}-HDMI-A-{card + 1}", output)
        if framebuffer:
            path = f"{function}/graphics/fb0"
            tree.files(path, name=framebuffer, uevent="MAJOR=29\nMINOR=0\nDEVNAME=fb0")
            tree.link(f"{path}/subsystem", "sys/class/graphics")
            tree.link("sys/class/graphics/fb0", path)
            for number, (name, bound) in enumerate([("(S) dummy device", 0), ("(M) frame buffer device", 1)]):
                console = f"sys/devices/virtual/vtconsole/vtcon{number}"
                tree.files(console, name=name, bind=str(bound))
                tree.link(f"sys/class/vtconsole/vtcon{number}", console)

    def keyboard(self, address: str, bus: int = 1) -> None:
        """A USB keyboard on an xHCI controller."""
        number, self._keyboards = self._keyboards + 3, self._keyboards + 1
        tree, port = self._tree, f"{self.path(address)}/usb{bus}/{bus}-2"
        for path, vendor, product, name, kind in (
                (f"{self.path(address)}/usb{bus}", "1d6b", "0002", "xHCI Host Controller", "09"),
                (port, "046d", "c31c", "USB Keyboard", "00")):
            tree.files(path, idVendor=vendor, idProduct=product, product=name, bDeviceClass=kind)
        device = f"{port}/{bus}-2:1.0/0003:046D:C31C.0001"
        node = f"{device}/input/input{number}"
        tree.file(f"{node}/name", "Logitech USB Keyboard")
        tree.file(f"{node}/capabilities/key", "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe")
        tree.file(f"{node}/event{number}/uevent", f"MAJOR=13\nMINOR={64 + number}\nDEVNAME=input/event{number}")
        for path in (node, f"{node}/event{number}"):
            tree.link(f"{path}/subsystem", "sys/class/input")
            tree.link(f"sys/class/input/{path.rsplit('/', 1)[1]}", path)
        tree.file("proc/bus/input/devices", "\n".join([
            "I: Bus=0003 Vendor=046d Product=c31c Version=0110", 'N: Name="Logitech USB Keyboard"',
            f"P: Phys=usb-{address}-2/input0", "S: Sysfs=" + node.removeprefix("sys"), "U: Uniq=",
            f"H: Handlers=sysrq kbd leds event{number} ", "B: PROP=0", "B: EV=120013",
            "B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe", "B: MSC=10", "B: LED=7", ""]))


def _little_endian(ipv4: str) -> str:
    """An IPv4 address as /proc/net/route prints it on a little-endian machine."""
    return "".join(f"{int(part):02X}" for part in reversed(ipv4.split(".")))
