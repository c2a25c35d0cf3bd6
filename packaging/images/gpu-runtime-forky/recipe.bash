# shellcheck shell=bash disable=SC2154 # run by packaging/image
# The GPU runtime of Debian's testing: virglrenderer 1.3.
# shellcheck source=packaging/images/lib/gpu-runtime.bash
source "$images/lib/gpu-runtime.bash"

build() {
    # A mirror can be behind with testing, and this root is for tests only.
    build_gpu_runtime forky --aptopt='Acquire::Check-Valid-Until "false"'
}
