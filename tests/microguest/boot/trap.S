/*
 * Ways into ring 0: exceptions, interrupts and the system call.
 *
 * Interrupts are counted here and nowhere else, to keep the interpreted path short. The system call is
 * UD2 with a magic number in R11, because an exception is the only door that always leads to ring 0: a KVM
 * that interprets ring 0 may leave SYSCALL in ring 3 and answer INT n with #UD.
 */

#include "boot/segments.h"

#define FIRST_IRQ       32
#define SPURIOUS_VECTOR 255
#define VECTOR_UD       6
#define UD2_LENGTH      2
#define LAPIC_EOI       0xfee000b0
#define MSR_X2APIC_EOI  0x80b

/* Vectors that push an error code: 8, 10-14, 17, 21, 29, 30. */
#define ERROR_CODE_VECTORS 0x60227d00

    .altmacro
    .text
    .macro vector_stub number
    .balign 16
    .if \number < FIRST_IRQ
    .if ((ERROR_CODE_VECTORS >> \number) & 1) == 0
    pushq $0
    .endif
    pushq $\number
    .if \number == VECTOR_UD
    jmp system_call_entry
    .else
    jmp exception_entry
    .endif
    .elseif \number == SPURIOUS_VECTOR
    iretq
    .else
    pushq $\number
    jmp interrupt_entry
    .endif
    .endm

    .balign 16
    .globl vector_stubs
vector_stubs:
    .set vector, 0
    .rept 256
    vector_stub %vector
    .set vector, vector + 1
    .endr

interrupt_entry:
    pushq %rax
    movq 8(%rsp), %rax
    lock incq interrupt_counts(, %rax, 8)
    cmpb $0, lapic_is_x2apic
    jne 1f
    movl $LAPIC_EOI, %eax
    movl $0, (%rax)
    popq %rax
    addq $8, %rsp
    iretq
1:
    pushq %rcx
    pushq %rdx
    movl $MSR_X2APIC_EOI, %ecx
    xorl %eax, %eax
    xorl %edx, %edx
    wrmsr
    popq %rdx
    popq %rcx
    popq %rax
    addq $8, %rsp
    iretq

exception_entry:
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, %rdi
    movq %cr2, %rsi
    call exception_report
1:
    hlt
    jmp 1b

/* r11 = magic, rax = number, rdi, rsi, rdx = arguments; returns in rax. Any other #UD is an exception. */
system_call_entry:
    cmpq $SYSTEM_CALL_MAGIC, %r11
    jne exception_entry
    addq $16, %rsp
    addq $UD2_LENGTH, (%rsp)
    movq %rax, %rcx
    call system_call_dispatch
    iretq

    .bss
    .balign 64
    .globl interrupt_counts
interrupt_counts:
    .skip 256 * 8

    .section .note.GNU-stack, "", @progbits
