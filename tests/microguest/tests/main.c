/* Ring 3 begins here: takes the machine over, runs the tests that the command line names, powers off. */
#include "acpi/acpi.h"
#include "boot/start_info.h"
#include "core/cmdline.h"
#include "core/lapic.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/serial.h"
#include "core/tsc.h"
#include "pci/pci.h"
#include "tests/tests.h"

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"boot", test_boot},   {"mem", test_memory},         {"pci", test_pci},
    {"smp", test_smp},     {"virtio", test_transport},   {"gpu2d", test_gpu2d},
    {"gpu3d", test_gpu3d}, {"input", test_input},        {"display", test_display},
    {"blk", test_blk},     {"bench", test_bench},        {"irq", test_irq},
    {"fuzz", test_fuzz},   {"reboot", test_reboot},      {"chaos", test_chaos},
    {"blob", test_blob},   {"bloblost", test_blob_lost}, {"nativelost", test_native_lost},
};

void guest_main(void);

static bool is_known(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strlen(tests[i].name) == length && strncmp(tests[i].name, word, length) == 0)
            return true;
    return false;
}

/* A misspelt test must not look like a passed one. */
static void refuse_unknown_tests(void)
{
    size_t length;
    const char *list = cmdline_value("test", &length);
    if (!list)
        report_fatal("no test= on the command line");
    for (size_t start = 0, i = 0; i <= length; i++) {
        if (i < length && list[i] != ',')
            continue;
        if (!is_known(list + start, i - start))
            report_fatal("unknown test \"%.*s\"", (int)(i - start), list + start);
        start = i + 1;
    }
}

void guest_main(void)
{
    serial_init();
    start_info_take();
    report_info("microguest cmdline=\"%s\"", cmdline_text());
    acpi_init();
    tsc_init();
    lapic_init();
    pci_init();
    refuse_unknown_tests();
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        if (!cmdline_list_has("test", tests[i].name))
            continue;
        struct memory_mark mark = memory_mark();
        report_start(tests[i].name);
        tests[i].run();
        memory_release(mark);
    }
    report_done();
}
