/* The end of a guest that went wrong: registers on the serial port, then power-off with a failure. */
#include "acpi/power.h"
#include "core/print.h"
#include "core/report.h"

struct exception_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error_code;
    uint64_t rip, cs, rflags, rsp, ss;
};

static const char *const names[32] = {
    [0] = "#DE",  [1] = "#DB",  [2] = "NMI",  [3] = "#BP",  [4] = "#OF",  [5] = "#BR",
    [6] = "#UD",  [7] = "#NM",  [8] = "#DF",  [10] = "#TS", [11] = "#NP", [12] = "#SS",
    [13] = "#GP", [14] = "#PF", [16] = "#MF", [17] = "#AC", [18] = "#MC", [19] = "#XM",
    [20] = "#VE", [21] = "#CP", [28] = "#HV", [29] = "#VC", [30] = "#SX"};

void exception_report(const struct exception_frame *f, uint64_t cr2);

void exception_report(const struct exception_frame *f, uint64_t cr2)
{
    const char *name = names[f->vector & 31] ? names[f->vector & 31] : "reserved";
    print("\nMG: fail exception %s vector=%lu error=%lx rip=%lx cr2=%lx ring=%lu\n", name, f->vector,
          f->error_code, f->rip, cr2, f->cs & 3);
    print("MG: registers rax=%lx rbx=%lx rcx=%lx rdx=%lx rsi=%lx rdi=%lx rbp=%lx rsp=%lx\n", f->rax, f->rbx,
          f->rcx, f->rdx, f->rsi, f->rdi, f->rbp, f->rsp);
    print("MG: registers r8=%lx r9=%lx r10=%lx r11=%lx r12=%lx r13=%lx r14=%lx r15=%lx rflags=%lx cs=%lx "
          "ss=%lx\n",
          f->r8, f->r9, f->r10, f->r11, f->r12, f->r13, f->r14, f->r15, f->rflags, f->cs, f->ss);
    report_abandon();
}
