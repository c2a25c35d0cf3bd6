# shellcheck shell=bash disable=SC2154 # run by packaging/image
# The GPU runtime of Debian 13: virglrenderer 1.1.
# shellcheck source=packaging/images/lib/gpu-runtime.bash
source "$images/lib/gpu-runtime.bash"

build() {
    build_gpu_runtime trixie
}
