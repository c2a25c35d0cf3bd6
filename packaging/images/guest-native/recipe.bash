# shellcheck shell=bash disable=SC2154 # run by packaging/image
# What a guest adds to the RAM disk of the image guest to draw by a DRM native context: Mesa of trixie-backports with the asahi
# drivers, the only ones that Debian builds with their native-context half.
#
#   overlay.cpio  raw newc archive, for behind guest's initrd.cpio

build() {
    # shellcheck disable=SC2016 # for the shell of the hook
    debian_root trixie 200 extract "$recipe/assemble" \
        --setup-hook='sed "s/ trixie main/ trixie-backports main/" "$1/etc/apt/sources.list" >"$1/etc/apt/sources.list.d/backports.list"' \
        --aptopt='APT::Default-Release "trixie-backports"' \
        --include="$(joined libgl1-mesa-dri libegl-mesa0 libegl1 libgles2 libgbm1 mesa-vulkan-drivers libvulkan1 kmscube mesa-utils-bin vulkan-tools)"
}
