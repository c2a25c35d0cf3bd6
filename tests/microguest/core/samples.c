/* Percentiles. */
#include "core/samples.h"

#include "core/memory.h"
#include "core/print.h"
#include "core/report.h"

struct samples samples_create(uint32_t capacity)
{
    return (struct samples){memory_allocate(sizeof(uint64_t) * capacity, 16), 0, capacity};
}

void samples_add(struct samples *samples, uint64_t cycles)
{
    if (samples->count < samples->capacity)
        samples->cycles[samples->count++] = cycles;
}

static void sort(uint64_t *values, uint32_t count)
{
    for (uint32_t gap = count / 2; gap; gap /= 2)
        for (uint32_t i = gap; i < count; i++) {
            uint64_t value = values[i];
            uint32_t at = i;
            for (; at >= gap && values[at - gap] > value; at -= gap)
                values[at] = values[at - gap];
            values[at] = value;
        }
}

void samples_report(struct samples *samples, const char *name)
{
    static const struct {
        const char *suffix;
        uint32_t percent;
    } points[] = {{"p50", 50}, {"p99", 99}, {"max", 100}};
    char full_name[64];
    if (samples->count == 0)
        return;
    sort(samples->cycles, samples->count);
    for (uint32_t i = 0; i < sizeof points / sizeof *points; i++) {
        format(full_name, sizeof full_name, "%s_%s", name, points[i].suffix);
        uint32_t index = (uint32_t)((uint64_t)(samples->count - 1) * points[i].percent / 100);
        report_metric_cycles(full_name, samples->cycles[index]);
    }
    samples->count = 0;
}
