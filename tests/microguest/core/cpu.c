/* IDT, TSS and ring-0 services. Runs in ring 0: short, because that may be interpreted. */
#include "core/cpu.h"

#include "core/memory.h"

#define GATE_INTERRUPT   0x8e
#define TSS_AVAILABLE    0x89
#define IO_BITMAP_BYTES  8192
#define VECTOR_STUB_SIZE 16

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};

struct __attribute__((packed)) tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map_base;
};

/* Ring 3 gets every port on the boot processor: IOPL 3 is not honoured where ring 0 is interpreted. */
static struct __attribute__((packed)) {
    struct tss tss;
    uint8_t io_map[IO_BITMAP_BYTES];
    uint8_t io_map_end;
} boot_tss;

static struct tss cpu_tss[MAX_CPUS];
static struct gate idt[256] __attribute__((aligned(16)));
static uint8_t kernel_stacks[MAX_CPUS][4096] __attribute__((aligned(16)));

extern uint64_t gdt[];
extern const uint8_t vector_stubs[];

static inline void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
    return (uint64_t)high << 32 | low;
}

static void build_idt(void)
{
    uint64_t stub = (uint64_t)vector_stubs;
    for (uint32_t vector = 0; vector < 256; vector++, stub += VECTOR_STUB_SIZE) {
        idt[vector].offset_low = (uint16_t)stub;
        idt[vector].selector = KERNEL_CS;
        idt[vector].type = GATE_INTERRUPT;
        idt[vector].offset_middle = (uint16_t)(stub >> 16);
    }
}

static void load_tss(uint32_t index)
{
    struct tss *tss = index == 0 ? &boot_tss.tss : &cpu_tss[index];
    uint64_t base = (uint64_t)tss;
    uint64_t limit = index == 0 ? sizeof boot_tss - 1 : sizeof *tss - 1;
    tss->rsp[0] = (uint64_t)kernel_stacks[index] + sizeof kernel_stacks[index];
    tss->io_map_base = sizeof *tss;
    if (index == 0)
        boot_tss.io_map_end = 0xff;

    uint64_t *descriptor = &gdt[FIRST_TSS / 8 + 2 * index];
    descriptor[0] =
        limit | (base & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 | (base >> 24 & 0xff) << 56;
    descriptor[1] = base >> 32;
    __asm__ volatile("ltr %w0" : : "r"(FIRST_TSS + 16 * index));
}

void cpu_init(uint32_t index)
{
    const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } idt_descriptor = {sizeof idt - 1, (uint64_t)idt};

    if (index == 0)
        build_idt();
    load_tss(index);
    __asm__ volatile("lidt %0" : : "m"(idt_descriptor));
}

enum system_call {
    SYSTEM_CALL_READ_MSR,
    SYSTEM_CALL_WRITE_MSR,
    SYSTEM_CALL_CPUID,
    SYSTEM_CALL_FLUSH_TLB,
    SYSTEM_CALL_WAIT_FOR_INTERRUPT,
    SYSTEM_CALL_HALT,
};

uint64_t system_call_dispatch(uint64_t first, uint64_t second, uint64_t third, uint64_t number);

uint64_t system_call_dispatch(uint64_t first, uint64_t second, uint64_t third, uint64_t number)
{
    switch (number) {
    case SYSTEM_CALL_READ_MSR:
        return rdmsr((uint32_t)first);
    case SYSTEM_CALL_WRITE_MSR:
        wrmsr((uint32_t)first, second);
        return 0;
    case SYSTEM_CALL_CPUID: {
        struct cpuid_result *result = (struct cpuid_result *)third;
        __asm__ volatile("cpuid"
                         : "=a"(result->eax), "=b"(result->ebx), "=c"(result->ecx), "=d"(result->edx)
                         : "a"((uint32_t)first), "c"((uint32_t)second));
        return 0;
    }
    case SYSTEM_CALL_FLUSH_TLB: {
        uint64_t cr3;
        __asm__ volatile("movq %%cr3, %0; movq %0, %%cr3" : "=r"(cr3) : : "memory");
        return 0;
    }
    case SYSTEM_CALL_WAIT_FOR_INTERRUPT:
        if (*(volatile const uint64_t *)first == second)
            __asm__ volatile("sti; hlt; cli" : : : "memory");
        return 0;
    default:
        for (;;)
            __asm__ volatile("cli; hlt" : : : "memory");
    }
}

static uint64_t system_call(uint64_t number, uint64_t first, uint64_t second, uint64_t third)
{
    register uint64_t result __asm__("rax") = number;
    register uint64_t magic __asm__("r11") = SYSTEM_CALL_MAGIC;
    __asm__ volatile("ud2"
                     : "+r"(result), "+r"(magic), "+D"(first), "+S"(second), "+d"(third)
                     :
                     : "rcx", "r8", "r9", "r10", "memory", "cc");
    return result;
}

uint64_t read_msr(uint32_t msr)
{
    return system_call(SYSTEM_CALL_READ_MSR, msr, 0, 0);
}

void write_msr(uint32_t msr, uint64_t value)
{
    system_call(SYSTEM_CALL_WRITE_MSR, msr, value, 0);
}

struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_result result;
    system_call(SYSTEM_CALL_CPUID, leaf, subleaf, (uint64_t)&result);
    return result;
}

void flush_tlb(void)
{
    system_call(SYSTEM_CALL_FLUSH_TLB, 0, 0, 0);
}

void wait_for_interrupt(volatile const uint64_t *counter, uint64_t seen)
{
    system_call(SYSTEM_CALL_WAIT_FOR_INTERRUPT, (uint64_t)counter, seen, 0);
}

void halt_forever(void)
{
    system_call(SYSTEM_CALL_HALT, 0, 0, 0);
    __builtin_unreachable();
}
