/* The machine-readable protocol on the serial port; README.md describes it. */
#ifndef MICROGUEST_REPORT_H
#define MICROGUEST_REPORT_H

#include <stdbool.h>
#include <stdint.h>

/* Between report_start and report_end a test counts its checks; the first failures are printed. */
void report_start(const char *test);
/* Prints "MG: ok" with the details if no check failed, and returns that. */
bool report_end(const char *details, ...) __attribute__((format(printf, 1, 2)));
/* The device or the ability is not there: neither ok nor fail. Ends the test. */
void report_skip(const char *reason, ...) __attribute__((format(printf, 1, 2)));

/* One check of the running test. text says what was expected and what came. */
bool check(bool passed, const char *text, ...) __attribute__((format(printf, 2, 3)));

void report_info(const char *text, ...) __attribute__((format(printf, 1, 2)));
void report_event(const char *text, ...) __attribute__((format(printf, 1, 2)));
void report_metric(const char *name, uint64_t value, const char *unit);
/* Cycles as nanoseconds, if the TSC's frequency is known, else as cycles. */
void report_metric_cycles(const char *name, uint64_t cycles);

/* "MG: done" and power-off. */
void report_done(void) __attribute__((noreturn));
/* A failure outside any test, or one that cannot go on: fail line, done line, power-off. */
void report_fatal(const char *text, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The same, after the caller has printed the fail line itself. */
void report_abandon(void) __attribute__((noreturn));

#endif
