/*
 * reboot: resets the machine. With ask=1 the host decides on every boot, by a byte on the serial port: r
 * resets, q ends. Without, a note at the end of the heap counts to count=; that works only where RAM
 * survives a reset, elsewhere every boot is a first one.
 */
#include "acpi/power.h"
#include "core/cmdline.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/print.h"
#include "core/report.h"
#include "core/serial.h"
#include "core/tsc.h"
#include "tests/tests.h"

#define NOTE_BELOW_END 64
#define NOTE_MAGIC     0x746f6f6265526b6dul
#define ASK_MS         60000

struct note {
    uint64_t magic;
    uint64_t boots;
    uint64_t inverted;
};

static void ask(void)
{
    uint64_t deadline = deadline_ms(ASK_MS);
    char byte = 0;
    report_event("reboot ready");
    while (byte != 'q') {
        if (!check(!deadline_passed(deadline), "a byte from the host expected got none"))
            break;
        if (serial_read(&byte) && byte == 'r') {
            print("MG: reboot by %s\n", power_reset_method());
            power_reset();
        }
        cpu_pause();
    }
    report_end("reset=%s", power_reset_method());
}

static void count_by_note(void)
{
    struct memory_range heap = memory_free_range();
    volatile struct note *note = (volatile struct note *)(heap.start + heap.size - NOTE_BELOW_END);
    uint64_t wanted = cmdline_number("count", 1);
    uint64_t boots = note->magic == NOTE_MAGIC && note->boots == ~note->inverted ? note->boots : 0;
    if (boots >= wanted) {
        note->magic = 0;
        report_end("resets=%lu", boots);
        return;
    }
    note->magic = NOTE_MAGIC;
    note->boots = boots + 1;
    note->inverted = ~(boots + 1);
    print("MG: reboot %lu of %lu by %s\n", boots + 1, wanted, power_reset_method());
    power_reset();
}

void test_reboot(void)
{
    if (cmdline_flag("ask"))
        ask();
    else
        count_by_note();
}
