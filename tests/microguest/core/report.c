/* Counting and printing of results. */
#include "core/report.h"

#include "acpi/power.h"
#include "core/print.h"
#include "core/tsc.h"

/* A broken device fails thousands of checks; the first few say why. */
#define MAX_FAILURES_PRINTED 20

static const char *current = "none";
static uint32_t checks, failures;
static uint32_t tests_ok, tests_failed, tests_skipped;

void report_start(const char *test)
{
    current = test;
    checks = failures = 0;
    print("MG: start %s\n", test);
}

static void finish_line(const char *text, va_list arguments)
{
    char line[512];
    format_va(line, sizeof line, text, arguments);
    print("%s\n", line);
}

bool report_end(const char *details, ...)
{
    if (failures) {
        print("MG: fail %s checks=%u failed=%u\n", current, checks, failures);
        tests_failed++;
    } else {
        va_list arguments;
        va_start(arguments, details);
        print("MG: ok %s checks=%u ", current, checks);
        finish_line(details, arguments);
        va_end(arguments);
        tests_ok++;
    }
    current = "none";
    return failures == 0;
}

void report_skip(const char *reason, ...)
{
    va_list arguments;
    va_start(arguments, reason);
    print("MG: skip %s ", current);
    finish_line(reason, arguments);
    va_end(arguments);
    tests_skipped++;
    current = "none";
}

bool check(bool passed, const char *text, ...)
{
    checks++;
    if (passed)
        return true;
    failures++;
    if (failures <= MAX_FAILURES_PRINTED) {
        va_list arguments;
        va_start(arguments, text);
        print("MG: check %s ", current);
        finish_line(text, arguments);
        va_end(arguments);
    }
    return false;
}

void report_info(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    print("MG: info ");
    finish_line(text, arguments);
    va_end(arguments);
}

void report_event(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    print("MG: event ");
    finish_line(text, arguments);
    va_end(arguments);
}

void report_metric(const char *name, uint64_t value, const char *unit)
{
    print("MG: metric %s %lu %s\n", name, value, unit);
}

void report_metric_cycles(const char *name, uint64_t cycles)
{
    if (tsc_hz())
        report_metric(name, tsc_to_ns(cycles), "ns");
    else
        report_metric(name, cycles, "cycles");
}

void report_done(void)
{
    print("MG: done %u %u %u\n", tests_ok, tests_failed, tests_skipped);
    power_off(tests_failed == 0);
}

void report_fatal(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    print("MG: fail %s ", current);
    finish_line(text, arguments);
    va_end(arguments);
    report_abandon();
}

void report_abandon(void)
{
    tests_failed++;
    report_done();
}
