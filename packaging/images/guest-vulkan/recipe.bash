# shellcheck shell=bash disable=SC2154 # run by packaging/image
# What a guest adds to the RAM disk of the image guest to draw by Vulkan: Mesa's Venus driver, the loader, programs, and an
# X server without a screen for them. It is kept apart because every guest loads the other one.
#
#   overlay.cpio  raw newc archive, for behind guest's initrd.cpio

build() {
    debian_root trixie 160 extract "$recipe/assemble" \
        --include="$(joined mesa-vulkan-drivers libvulkan1 vulkan-tools xvfb x11-xkb-utils xkb-data mesa-utils-bin)"
}
