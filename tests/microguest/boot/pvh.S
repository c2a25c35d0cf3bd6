/*
 * PVH entry: 32-bit protected mode, flat segments, EBX = hvm_start_info.
 *
 * Where ring 0 is interpreted by the host every instruction here costs about half a microsecond, so the
 * page tables and the GDT are laid out by the assembler and ring 0 does no more than it must.
 */

#include "boot/segments.h"

#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define CR0_PG_NE_ET_MP_PE       0x80000033
#define CR4_PAE                  0x20
#define MSR_EFER                 0xc0000080
#define EFER_LME                 0x100
#define PIC1_DATA                0x21
#define PIC2_DATA                0xa1
#define SPLITVMM_ELFNOTE_MICROGUEST 1
#define PAGE_P_RW_US             0x007
#define PAGE_P_RW_US_PS          0x087

    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad pvh_entry

    /* For vmm-core: this guest also runs where KVM interprets ring 0 (docs/architecture.md, Microguests). */
    .balign 4
    .long 9, 0, SPLITVMM_ELFNOTE_MICROGUEST
    .asciz "SplitVmm"
    .balign 4

    .section .text.boot, "ax"
    .code32
    .globl pvh_entry
pvh_entry:
    cli
    cld
    movl %ebx, start_info_address
    lgdt gdt_descriptor
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $EFER_LME, %eax
    xorl %edx, %edx
    wrmsr
    movl $CR0_PG_NE_ET_MP_PE, %eax
    movl %eax, %cr0
    ljmp $KERNEL_CS, $pvh_entry64

    .code64
pvh_entry64:
    movl $KERNEL_DS, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $boot_stack_top, %esp
    movb $0xff, %al /* a firmware may have left the legacy interrupt controller open */
    outb %al, $PIC1_DATA
    outb %al, $PIC2_DATA
    xorl %edi, %edi
    call cpu_init
    movl $guest_main, %edi
    movl $user_stack_top, %esi
    /* fall through */

/* enter_user(rdi = function, rsi = top of stack): leaves ring 0 for good. */
    .globl enter_user
enter_user:
    pushq $(USER_DS | 3)
    pushq %rsi
    pushq $0x202
    pushq $(USER_CS | 3)
    pushq %rdi
    iretq

    .data
    .balign 16
    .globl gdt
gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* KERNEL_CS */
    .quad 0x00cf93000000ffff /* KERNEL_DS */
    .quad 0x00cff3000000ffff /* USER_DS */
    .quad 0x00affb000000ffff /* USER_CS */
    .quad 0x00cf9b000000ffff /* KERNEL_CS32, for the application processors' way up */
    .fill 2 * MAX_CPUS, 8, 0 /* one TSS descriptor for each CPU */
gdt_end:
    .globl gdt_descriptor
gdt_descriptor:
    .word gdt_end - gdt - 1
    .quad gdt

    .globl start_info_address
start_info_address:
    .long 0

/* Identity map of the low 4 GiB by 2 MiB pages, open to ring 3. */
    .balign 4096
    .globl boot_pml4
boot_pml4:
    .quad boot_pdpt + PAGE_P_RW_US
    .fill 511, 8, 0
    .globl boot_pdpt
boot_pdpt:
    .quad boot_pd + PAGE_P_RW_US
    .quad boot_pd + 0x1000 + PAGE_P_RW_US
    .quad boot_pd + 0x2000 + PAGE_P_RW_US
    .quad boot_pd + 0x3000 + PAGE_P_RW_US
    .fill 508, 8, 0
    .globl boot_pd
boot_pd:
    .set index, 0
    .rept 2048
    .quad (index << 21) + PAGE_P_RW_US_PS
    .set index, index + 1
    .endr

    .bss
    .balign 4096
    .skip 8192
boot_stack_top:
    .skip 65536
user_stack_top:

    .section .note.GNU-stack, "", @progbits
