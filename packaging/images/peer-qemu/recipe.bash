# shellcheck shell=bash disable=SC2154 # run by packaging/image
# The QEMU of Debian's testing with its OpenGL devices: what tests compare SplitVmm with.
#
#   root/   a Debian tree with QEMU, Mesa, virglrenderer 1.3 and its render server; bubblewrap starts programs in it
#
# Of testing, because there QEMU is built against virglrenderer 1.3: it maps blobs in place
# (virgl_renderer_resource_map_fixed), which is quicker than the way that it has with older ones.

build() {
    local packages=(
        qemu-system-x86 qemu-system-gui qemu-system-modules-opengl
        libvirglrenderer1 virgl-server
        libegl-mesa0 libegl1 libgles2 libopengl0 libgl1 libgl1-mesa-dri libgbm1
        mesa-vulkan-drivers libvulkan1
        libseccomp2 libstdc++6 zlib1g
    )
    # A mirror can be behind with testing, and this root is for tests only.
    debian_root forky 200 extract "$images/lib/gpu-runtime-assemble" \
        --include="$(joined "${packages[@]}")" --aptopt='Acquire::Check-Valid-Until "false"'
}
