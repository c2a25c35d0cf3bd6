/* Selectors, shared by C and assembly. */
#ifndef MICROGUEST_SEGMENTS_H
#define MICROGUEST_SEGMENTS_H

#define KERNEL_CS   0x08
#define KERNEL_DS   0x10
#define USER_DS     0x18
#define USER_CS     0x20
#define KERNEL_CS32 0x28
#define FIRST_TSS   0x30
#define MAX_CPUS    64

/* In R11 when ring 3 executes UD2 as a system call. */
#define SYSTEM_CALL_MAGIC 0x6d677379

#endif
