/* mem: every RAM range holds what is written to it, also above 4 GiB, and no two addresses are one. */
#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "tests/tests.h"

#define DEFAULT_STRIDE (2 * ONE_MIB)
#define MIX            0x9e3779b97f4a7c15ul

struct span {
    uint64_t start, end, stride;
};

static void write_span(struct span span)
{
    for (uint64_t address = span.start; address + 8 <= span.end; address += span.stride)
        *(volatile uint64_t *)address = address * MIX;
    *(volatile uint64_t *)(span.end - 8) = (span.end - 8) * MIX;
}

static uint64_t check_span(struct span span)
{
    uint64_t words = 0;
    for (uint64_t address = span.start; address + 8 <= span.end; address += span.stride, words++) {
        uint64_t got = *(volatile uint64_t *)address;
        check(got == address * MIX, "word at %lx expected %lx got %lx", address, address * MIX, got);
    }
    uint64_t last = *(volatile uint64_t *)(span.end - 8);
    check(last == (span.end - 8) * MIX, "last word at %lx expected %lx got %lx", span.end - 8,
          (span.end - 8) * MIX, last);
    return words + 1;
}

void test_memory(void)
{
    struct span spans[64];
    size_t span_count = 0, range_count;
    uint64_t stride = cmdline_number("stride", DEFAULT_STRIDE) & ~7ul;
    struct memory_range free_range = memory_free_range();
    const struct memory_range *map = memory_map(&range_count);

    spans[span_count++] =
        (struct span){(free_range.start + 7) & ~7ul, free_range.start + free_range.size, stride};
    for (size_t i = 0; i < range_count; i++)
        if (map[i].type == HVM_MEMMAP_TYPE_RAM && map[i].start >= FOUR_GIB)
            spans[span_count++] = (struct span){map[i].start, map[i].start + map[i].size, stride};

    uint64_t words = 0, above = 0;
    for (size_t i = 0; i < span_count; i++)
        write_span(spans[i]);
    for (size_t i = 0; i < span_count; i++) {
        words += check_span(spans[i]);
        above += spans[i].start >= FOUR_GIB ? spans[i].end - spans[i].start : 0;
    }
    report_end("words=%lu mib_above_4g=%lu", words, above / ONE_MIB);
}
