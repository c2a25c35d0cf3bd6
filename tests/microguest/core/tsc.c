/*
 * The TSC's frequency, from the first source that the machine has: the command line, CPUID (0x15, or the
 * hypervisor's timing leaf 0x40000010), kvmclock, the ACPI PM timer, the processor base frequency.
 */
#include "core/tsc.h"

#include "acpi/power.h"
#include "core/cmdline.h"
#include "core/cpu.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"

#define CPUID_HYPERVISOR_BIT     (1u << 31)
#define KVM_FEATURE_CLOCKSOURCE2 (1u << 3)
#define PM_TIMER_HZ              3579545ul
#define PM_TIMER_SAMPLE          (PM_TIMER_HZ / 50)
#define ASSUMED_HZ               4000000000ul

static uint64_t frequency;

struct pvclock_vcpu_time_info {
    uint32_t version;
    uint32_t pad0;
    uint64_t tsc_timestamp;
    uint64_t system_time;
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    uint8_t flags;
    uint8_t pad[2];
};

static uint64_t from_cpuid_15(uint32_t highest)
{
    if (highest < 0x15)
        return 0;
    struct cpuid_result r = cpuid(0x15, 0);
    return r.eax && r.ebx && r.ecx ? (uint64_t)r.ecx * r.ebx / r.eax : 0;
}

static uint64_t from_hypervisor_leaf(uint32_t highest)
{
    return highest >= 0x40000010 && highest < 0x40000100 ? cpuid(0x40000010, 0).eax * 1000ul : 0;
}

/* kvmclock gives nanoseconds = (tsc << shift) * mul >> 32, thus Hz = 10^9 << 32 / mul >> shift. */
static uint64_t from_kvmclock(void)
{
    static volatile struct pvclock_vcpu_time_info info __attribute__((aligned(64)));
    struct cpuid_result signature = cpuid(0x40000000, 0);
    if (signature.ebx != 0x4b4d564b || !(cpuid(0x40000001, 0).eax & KVM_FEATURE_CLOCKSOURCE2))
        return 0;
    write_msr(MSR_KVM_SYSTEM_TIME, (uint64_t)&info | 1);
    uint32_t mul = info.tsc_to_system_mul;
    int shift = info.tsc_shift;
    write_msr(MSR_KVM_SYSTEM_TIME, 0);
    if (mul == 0)
        return 0;
    uint64_t hz = (1000000000ul << 32) / mul;
    return shift < 0 ? hz << -shift : hz >> shift;
}

static uint64_t from_pm_timer(void)
{
    uint16_t port = power_pm_timer_port();
    if (!port)
        return 0;
    uint32_t start = in32(port);
    uint64_t tsc_start = rdtsc();
    uint32_t elapsed = 0;
    for (uint32_t reads = 0; elapsed < PM_TIMER_SAMPLE; reads++) {
        elapsed = (in32(port) - start) & 0xffffff;
        if (reads == 10000000)
            return 0;
    }
    return (rdtsc() - tsc_start) * PM_TIMER_HZ / elapsed;
}

static uint64_t from_base_frequency(uint32_t highest)
{
    return highest >= 0x16 ? (cpuid(0x16, 0).eax & 0xffff) * 1000000ul : 0;
}

void tsc_init(void)
{
    const char *source = "cmdline";
    uint32_t highest = cpuid(0, 0).eax;
    bool virtual = cpuid(1, 0).ecx & CPUID_HYPERVISOR_BIT;

    frequency = cmdline_number("tschz", 0);
    if (!frequency && (frequency = from_cpuid_15(highest)))
        source = "cpuid15";
    if (!frequency && virtual && (frequency = from_hypervisor_leaf(cpuid(0x40000000, 0).eax)))
        source = "cpuid40000010";
    if (!frequency && virtual && (frequency = from_kvmclock()))
        source = "kvmclock";
    if (!frequency && (frequency = from_pm_timer()))
        source = "pmtimer";
    if (!frequency && (frequency = from_base_frequency(highest)))
        source = "cpuid16";
    if (frequency)
        report_info("tsc hz=%lu source=%s", frequency, source);
    else
        report_info("tsc hz=unknown: metrics are in cycles; give tschz=");
}

uint64_t tsc_hz(void)
{
    return frequency;
}

uint64_t tsc_to_ns(uint64_t cycles)
{
    uint64_t hz = frequency ? frequency : ASSUMED_HZ;
    return cycles / hz * 1000000000ul + cycles % hz * 1000000000ul / hz;
}

uint64_t deadline_us(uint64_t microseconds)
{
    return rdtsc() + (frequency ? frequency : ASSUMED_HZ) / 1000000 * microseconds;
}

uint64_t deadline_ms(uint64_t milliseconds)
{
    return deadline_us(milliseconds * 1000);
}

bool deadline_passed(uint64_t deadline)
{
    return (int64_t)(rdtsc() - deadline) >= 0;
}

void delay_us(uint64_t microseconds)
{
    uint64_t deadline = deadline_us(microseconds);
    while (!deadline_passed(deadline))
        cpu_pause();
}
