/* Local APIC (SDM volume 3, chapter 11). */
#include "core/lapic.h"

#include "core/cmdline.h"
#include "core/cpu.h"
#include "core/instructions.h"
#include "core/report.h"

#define LAPIC_BASE       0xfee00000ul
#define LAPIC_ID         0x20
#define LAPIC_TPR        0x80
#define LAPIC_SVR        0xf0
#define LAPIC_ICR_LOW    0x300
#define LAPIC_ICR_HIGH   0x310
#define MSR_X2APIC       0x800
#define MSR_X2APIC_ICR   0x830
#define SVR_ENABLE       0x100
#define ICR_PENDING      0x1000
#define ICR_ASSERT       0x4000
#define ICR_INIT         0x500
#define ICR_STARTUP      0x600
#define APIC_BASE_ENABLE 0x800
#define APIC_BASE_EXTD   0x400
#define CPUID_1_X2APIC   (1u << 21)

uint8_t lapic_is_x2apic;

static uint32_t read(uint32_t reg)
{
    return lapic_is_x2apic ? (uint32_t)read_msr(MSR_X2APIC + reg / 16) : mmio_read32(LAPIC_BASE + reg);
}

static void write(uint32_t reg, uint32_t value)
{
    if (lapic_is_x2apic)
        write_msr(MSR_X2APIC + reg / 16, value);
    else
        mmio_write32(LAPIC_BASE + reg, value);
}

void lapic_init(void)
{
    uint64_t base = read_msr(MSR_IA32_APIC_BASE);
    if (cmdline_flag("x2apic") && (cpuid(1, 0).ecx & CPUID_1_X2APIC))
        base |= APIC_BASE_EXTD;
    if ((base & ~(uint64_t)0xfff & 0xffffffff) != LAPIC_BASE)
        report_fatal("local APIC at %lx, expected %lx", base & ~(uint64_t)0xfff, LAPIC_BASE);
    lapic_is_x2apic = (base & APIC_BASE_EXTD) != 0;
    lapic_init_cpu();
}

void lapic_init_cpu(void)
{
    uint64_t base = read_msr(MSR_IA32_APIC_BASE);
    uint64_t wanted = base | APIC_BASE_ENABLE | (lapic_is_x2apic ? APIC_BASE_EXTD : 0);
    if (wanted != base)
        write_msr(MSR_IA32_APIC_BASE, wanted);
    write(LAPIC_TPR, 0);
    write(LAPIC_SVR, SVR_ENABLE | SPURIOUS_VECTOR);
}

uint32_t lapic_id(void)
{
    uint32_t id = read(LAPIC_ID);
    return lapic_is_x2apic ? id : id >> 24;
}

static void send(uint32_t apic_id, uint32_t command)
{
    if (lapic_is_x2apic) {
        write_msr(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | command);
        return;
    }
    while (read(LAPIC_ICR_LOW) & ICR_PENDING)
        cpu_pause();
    write(LAPIC_ICR_HIGH, apic_id << 24);
    write(LAPIC_ICR_LOW, command);
}

void lapic_send_fixed(uint32_t apic_id, uint8_t vector)
{
    send(apic_id, ICR_ASSERT | vector);
}

void lapic_send_init(uint32_t apic_id)
{
    send(apic_id, ICR_ASSERT | ICR_INIT);
}

void lapic_send_startup(uint32_t apic_id, uint8_t page)
{
    send(apic_id, ICR_ASSERT | ICR_STARTUP | page);
}
