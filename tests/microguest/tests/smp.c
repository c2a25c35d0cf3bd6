/* smp: every processor of the MADT comes up, they share memory, and interrupts pass between them. */
#include "acpi/acpi.h"
#include "core/cmdline.h"
#include "core/cpu.h"
#include "core/instructions.h"
#include "core/lapic.h"
#include "core/report.h"
#include "core/smp.h"
#include "core/tsc.h"
#include "tests/tests.h"

#define IPI_VECTOR   0x40
#define TEST_MS      20000
#define DEFAULT_ADDS 1000000

static uint32_t boot_apic_id;
static uint64_t adds;
static volatile uint64_t locked_sum;
static volatile uint64_t own_sum[MAX_CPUS];

/* Contended on one word and free on another: a lost update shows as a wrong sum. */
static void add(uint32_t index)
{
    for (uint64_t i = 0; i < adds; i++) {
        __sync_fetch_and_add(&locked_sum, 1);
        own_sum[index]++;
    }
}

static void send_to_boot_processor(uint32_t index)
{
    (void)index;
    lapic_send_fixed(boot_apic_id, IPI_VECTOR);
}

static bool wait_for_count(uint64_t count)
{
    uint64_t deadline = deadline_ms(TEST_MS);
    while (interrupt_counts[IPI_VECTOR] < count && !deadline_passed(deadline))
        cpu_pause();
    return interrupt_counts[IPI_VECTOR] == count;
}

static uint32_t start_all(uint32_t *ids, size_t count)
{
    uint32_t up = 1;
    boot_apic_id = lapic_id();
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == boot_apic_id)
            continue;
        uint64_t start = rdtsc();
        if (!check(smp_start(up, ids[i]), "processor with APIC id %u expected up got silence", ids[i]))
            continue;
        check(smp_apic_id(up) == ids[i], "APIC id expected %u got %u", ids[i], smp_apic_id(up));
        report_info("cpu %u up apic=%u after=%lu us", up, ids[i], tsc_to_ns(rdtsc() - start) / 1000);
        up++;
    }
    return up;
}

static void check_shared_memory(uint32_t cpus)
{
    adds = cmdline_number("adds", DEFAULT_ADDS);
    locked_sum = 0;
    for (uint32_t i = 1; i < cpus; i++)
        smp_run(i, add);
    add(0);
    for (uint32_t i = 1; i < cpus; i++)
        check(smp_wait(i, TEST_MS), "cpu %u expected to finish", i);
    check(locked_sum == adds * cpus, "sum of %u cpus expected %lu got %lu", cpus, adds * cpus, locked_sum);
    for (uint32_t i = 0; i < cpus; i++)
        check(own_sum[i] == adds, "cpu %u own sum expected %lu got %lu", i, adds, own_sum[i]);
}

static void check_interrupts(uint32_t cpus)
{
    uint64_t count = interrupt_counts[IPI_VECTOR];
    for (uint32_t i = 1; i < cpus; i++) {
        lapic_send_fixed(smp_apic_id(i), IPI_VECTOR);
        count++;
        check(wait_for_count(count), "interrupt to cpu %u expected count %lu got %lu", i, count,
              interrupt_counts[IPI_VECTOR]);
        smp_run(i, send_to_boot_processor);
        count++;
        check(wait_for_count(count), "interrupt from cpu %u expected count %lu got %lu", i, count,
              interrupt_counts[IPI_VECTOR]);
        smp_wait(i, TEST_MS);
    }
}

void test_smp(void)
{
    uint32_t ids[MAX_CPUS];
    size_t count = acpi_processors(ids, MAX_CPUS);
    uint64_t expected = cmdline_number("cpus", count);
    uint32_t up = start_all(ids, count);
    check(up == expected, "processors expected %lu got %u", expected, up);
    check_shared_memory(up);
    check_interrupts(up);
    for (uint32_t i = 1; i < up; i++)
        smp_stop(i);
    report_end("cpus=%u", up);
}
