# shellcheck shell=bash disable=SC2154 # run by packaging/image
# The guest: Debian's stock kernel and a RAM disk with Mesa and the programs that tests run on it.
#
#   vmlinux      the ELF kernel with its PVH entry
#   bzImage      the same kernel as Debian ships it
#   initrd.cpio  raw newc archive, see init
#   release      the kernel's version

build() {
    local packages=(
        linux-image-amd64 kmod busybox-static
        kmscube glmark2-es2-drm libdrm-tests evtest
        libegl-mesa0 libgl1-mesa-dri libgbm1
    )
    debian_root trixie 225 extract "$recipe/assemble" --include="$(joined "${packages[@]}")"
}
