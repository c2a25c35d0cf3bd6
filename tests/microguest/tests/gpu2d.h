/* The parts of the gpu2d test. */
#ifndef MICROGUEST_TESTS_GPU2D_H
#define MICROGUEST_TESTS_GPU2D_H

#include "gpu/commands.h"

void gpu2d_check_information(struct gpu *gpu);
void gpu2d_check_errors(struct gpu *gpu);
void gpu2d_check_fences(struct gpu *gpu);
void gpu2d_draw(struct gpu *gpu);
void gpu2d_check_cursor(struct gpu *gpu);
/* Draws pattern 0 on scanout 0 and checks every answer: the device works. */
bool gpu2d_draw_clean(struct gpu *gpu, const char *name);

/* One check of one response. */
#define expect(gpu, wanted, call)                                                                          \
    ({                                                                                                     \
        uint32_t got_ = (call);                                                                            \
        check(gpu_is_answer(wanted, got_), "%s expected %s got %s (%x)", #call, gpu_response_name(wanted), \
              gpu_response_name(got_), got_);                                                              \
    })

#endif
