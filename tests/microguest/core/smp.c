/* INIT, STARTUP, and a mailbox for each CPU (SDM volume 3, 9.4). */
#include "core/smp.h"

#include "core/cpu.h"
#include "core/instructions.h"
#include "core/lapic.h"
#include "core/memory.h"
#include "core/tsc.h"

#define TRAMPOLINE    0x8000ul
#define AP_STACK_SIZE 16384
#define START_MS      2000

extern const uint8_t ap_trampoline[], ap_trampoline_end[];
extern uint64_t ap_stack_top;
extern uint32_t ap_index;

typedef void (*work)(uint32_t index);

static struct {
    volatile bool started;
    volatile uint32_t apic_id;
    volatile work work;
} mailbox[MAX_CPUS];

static void stop_here(uint32_t index)
{
    mailbox[index].started = false;
    halt_forever();
}

void ap_main(void);

void ap_main(void)
{
    uint32_t index = ap_index;
    lapic_init_cpu();
    mailbox[index].apic_id = lapic_id();
    mailbox[index].started = true;
    for (;;) {
        while (!mailbox[index].work)
            cpu_pause();
        mailbox[index].work(index);
        compiler_barrier();
        mailbox[index].work = NULL;
    }
}

static bool wait_started(uint32_t index, uint64_t milliseconds)
{
    uint64_t deadline = deadline_ms(milliseconds);
    while (!mailbox[index].started && !deadline_passed(deadline))
        cpu_pause();
    return mailbox[index].started;
}

bool smp_start(uint32_t index, uint32_t apic_id)
{
    memcpy((void *)TRAMPOLINE, ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
    ap_stack_top = (uint64_t)memory_allocate(AP_STACK_SIZE, PAGE_SIZE) + AP_STACK_SIZE;
    ap_index = index;
    mailbox[index].started = false;
    mailbox[index].work = NULL;
    memory_barrier();

    lapic_send_init(apic_id);
    delay_us(10000);
    lapic_send_startup(apic_id, TRAMPOLINE >> 12);
    /* A processor that missed the first one takes the second; one that runs ignores it. */
    if (wait_started(index, 10))
        return true;
    lapic_send_startup(apic_id, TRAMPOLINE >> 12);
    return wait_started(index, START_MS);
}

uint32_t smp_apic_id(uint32_t index)
{
    return mailbox[index].apic_id;
}

void smp_run(uint32_t index, work function)
{
    mailbox[index].work = function;
}

bool smp_wait(uint32_t index, uint64_t milliseconds)
{
    uint64_t deadline = deadline_ms(milliseconds);
    while (mailbox[index].work && !deadline_passed(deadline))
        cpu_pause();
    return !mailbox[index].work;
}

void smp_stop(uint32_t index)
{
    smp_run(index, stop_here);
    uint64_t deadline = deadline_ms(START_MS);
    while (mailbox[index].started && !deadline_passed(deadline))
        cpu_pause();
}
