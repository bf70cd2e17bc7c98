# shellcheck shell=sh
# What the scripts beside this file share: which Debian packages are needed for what, and a Swift that is new enough.
#
# To be sourced: `. "$(dirname "$0")/lib.sh"`. Installs nothing that is there already, so that everything works offline
# after its first run.

project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
script=${0##*/}

# EX_UNAVAILABLE of sysexits.h: something that has to be there is missing.
unavailable=69

# Packages, by what they are for. `tests` is everything that the suites of scripts/test run.
packages_for() {
  case $1 in
    # Names, XML and YAML: libpci, Expat and libyaml; git and certificates are how SwiftPM fetches swift-argument-parser.
    build) echo 'libpci-dev libexpat1-dev libyaml-dev zlib1g-dev pkg-config git ca-certificates' ;;
    check) echo 'shellcheck python3 python3-venv mandoc git systemd ca-certificates' ;;
    # lspci and virt-xml-validate are judges; strace watches writes; QEMU, kernel modules and busybox are the lab.
    tests) echo 'python3 pciutils libvirt-clients libxml2-utils strace jq cpio kmod xz-utils zstd' \
      'busybox-static qemu-system-x86 gcc libc6-dev' ;;
    # python3 is the lab itself; QEMU the machine, and the guest inside the guest. busybox, kmod, pciutils, strace and ip run in
    # the guest. Kernels are packed with zstd; gcc and make build the static programs of lab.d/guest and its driver, for which
    # the kernel's own build tools want libelf. mmdebstrap and e2fsprogs make disks with a Debian on them.
    lab) echo 'python3 qemu-system-x86 busybox-static kmod pciutils strace iproute2 zstd gcc libc6-dev make libelf1' \
      'mmdebstrap e2fsprogs' ;;
    conformance) echo 'python3 pciutils' ;;
    fixtures) echo 'python3' ;;
    bench) echo 'python3 hyperfine time jq strace pciutils gcc libc6-dev libpci-dev' ;;
    *) die 64 "no packages are listed for '$1'" ;;
  esac
}

complain() { printf '%s: %s\n' "$script" "$*" >&2; }

# die STATUS TEXT
die() {
  status=$1
  shift
  complain "$*"
  exit "$status"
}

# Those of the named packages that are not installed.
missing_packages() {
  for package; do
    case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || :) in
      *' ok installed') ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

# need PURPOSE…: installs what is missing for these purposes, after saying so.
need() {
  wanted=
  for purpose; do wanted="$wanted $(packages_for "$purpose")"; done
  # shellcheck disable=SC2046,SC2086 # lists of words
  missing=$(missing_packages $(printf '%s\n' $wanted | sort -u))
  missing=${missing% }
  [ -n "$missing" ] || return 0

  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die $unavailable "not root and no sudo; as root: apt-get install $missing"
    as_root=sudo
  fi
  echo "Debian packages to install${as_root:+ (with sudo)}: $missing" >&2
  # Refreshes apt's lists only if they do not have the packages.
  install_packages 2>/dev/null || {
    $as_root apt-get update -qq -o DPkg::Lock::Timeout=120 && install_packages
  } || die $unavailable "these packages are needed and could not be installed: $missing"
}

install_packages() {
  # shellcheck disable=SC2086 # a list of words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=120 $missing >/dev/null
}

# mypy and ruff, which judge the scripts: in versions that Debian has not, so they come from PyPI to a place of their own,
# and this machine's Python stays as it is.
need_python_judges() {
  judges=$project/.build/judges
  wanted=$project/scripts/check.d/requirements.txt
  if cmp -s "$wanted" "$judges/requirements.txt" && "$judges/bin/python" -c 'import mypy, ruff' 2>/dev/null; then
    return 0
  fi
  echo "Python packages to put below .build: $(sed -n '/^[^#]/p' "$wanted" | tr '\n' ' ')" >&2
  log=$(mktemp)
  if ! { python3 -m venv --clear "$judges" &&
    "$judges/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die $unavailable 'the judges of Python are needed and could not be put there'
  fi
  rm -f "$log"
  cp "$wanted" "$judges/requirements.txt"
}

# answer_help PROGRAM WORDS…: if a word requests help, gives it and ends: nothing has to be there for that. The program
# itself says it; without one, or if there is no Python yet, the head of the script does.
answer_help() {
  program=$1
  shift
  for word; do
    case $word in
      -h | --help)
        if [ -n "$program" ] && command -v python3 >/dev/null; then exec python3 -B "$program" --help; fi
        sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
        exit 0
        ;;
    esac
  done
}

# Swift 6 is the one thing that no Debian package brings.
need_swift() {
  command -v swift >/dev/null || die $unavailable 'swift is not installed; Swift 6.0 or newer is needed'
  found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  case $found in
    '') die $unavailable 'swift --version does not say a version; Swift 6.0 or newer is needed' ;;
    [0-5] | [0-5].*) die $unavailable "swift is $found; Swift 6.0 or newer is needed" ;;
  esac
}

# The program as it is shipped: optimised, with Swift's standard library inside, so that it runs without Swift.
# Says nothing unless it fails; then, all that the compiler said.
build_release() {
  log=$(mktemp)
  if ! swift build --package-path "$project" -c release --static-swift-stdlib "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  if ldd "$project/.build/release/hostdev" 2>/dev/null | grep -q libswift; then
    complain "$project/.build/release/hostdev still wants Swift's libraries"
    return 1
  fi
}
