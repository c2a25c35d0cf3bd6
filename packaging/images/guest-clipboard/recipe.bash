# shellcheck shell=bash disable=SC2154 # run by packaging/image
# What a guest adds to the RAM disk of the image guest to share its clipboard: the agent of SPICE, an X server without a
# screen for it, and a program that copies and pastes. It is kept apart because every guest loads the other one.
#
#   overlay.cpio  raw newc archive, for behind guest's initrd.cpio
#   xclip         the program, for the other side

build() {
    debian_root trixie 260 extract "$recipe/assemble" \
        --include="$(joined spice-vdagent xclip xvfb x11-xkb-utils xkb-data)"
}
