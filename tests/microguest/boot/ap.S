/*
 * The way up of an application processor: real mode at TRAMPOLINE, protected mode, long mode, ring 3.
 * One processor comes up at a time; ap_index and ap_stack_top are its own until it says it is there.
 */

#include "boot/segments.h"

#define CR0_PE             0x00000001
#define CR0_PG_NE_ET_MP_PE 0x80000033
#define CR4_PAE            0x20
#define MSR_EFER           0xc0000080
#define EFER_LME           0x100

    .section .rodata
    .code16
    .globl ap_trampoline
ap_trampoline:
    cli
    lgdtl %cs:(ap_gdt_descriptor - ap_trampoline)
    movl $CR0_PE, %eax
    movl %eax, %cr0
    ljmpl $KERNEL_CS32, $ap_entry32
    .balign 8
ap_gdt_descriptor:
    .word (FIRST_TSS + 16 * MAX_CPUS) - 1
    .long gdt
    .globl ap_trampoline_end
ap_trampoline_end:

    .text
    .code32
ap_entry32:
    movl $KERNEL_DS, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
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
    ljmp $KERNEL_CS, $ap_entry64

    .code64
ap_entry64:
    movq ap_stack_top, %rsp
    movl ap_index, %edi
    call cpu_init
    movq %rsp, %rsi
    movl $ap_main, %edi
    jmp enter_user

    .data
    .balign 8
    .globl ap_stack_top
ap_stack_top:
    .quad 0
    .globl ap_index
ap_index:
    .long 0

    .section .note.GNU-stack, "", @progbits
