#!/bin/sh
# The boot has failed and somebody gets a shell: with all devices that the host has.
/usr/sbin/hostdev apply --no-root --timeout 20 >/dev/null 2>/dev/kmsg || :
