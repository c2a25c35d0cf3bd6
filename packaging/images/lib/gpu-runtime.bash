# shellcheck shell=bash disable=SC2154 # run by packaging/image
# A GPU runtime: the root that the sandbox of gpu-process can have instead of the host's own drivers.
#
#   root/   a Debian tree with virglrenderer, its render server and Mesa; no shell is started in it
#
# Tests use one per release, because each carries another version of virglrenderer.

# build_gpu_runtime SUITE OPTION...
build_gpu_runtime() {
    local suite=$1 packages
    shift
    packages=(
        libvirglrenderer1 virgl-server
        libegl-mesa0 libegl1 libgles2 libopengl0 libgl1-mesa-dri libgbm1
        mesa-vulkan-drivers libvulkan1
        libseccomp2 libstdc++6 zlib1g
    )
    debian_root "$suite" 200 extract "$images/lib/gpu-runtime-assemble" \
        --include="$(joined "${packages[@]}")" "$@"
}
