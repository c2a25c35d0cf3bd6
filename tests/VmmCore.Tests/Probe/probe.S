/*
 * The guest of vmm-core's host probe, in long mode at privilege level 0. vmm-core carries it as bytes
 * (vmm-core/VmmCore/Probe/ProbeProgram.cs); a test assembles this file and compares.
 *
 * In:  rdi = features of CPUID leaf 1, ECX (what the processor lacks is not tried)
 *      rsi = a page for data, aligned to 64 bytes
 *      rsp = top of a stack
 *      the IDT sends vector 3 to the entry at offset 0x100
 * Out: after each step its number to port 0x80; 0xFF if an instruction gave a wrong result; 0x00 at the end.
 * After step 1 a read of the port says whether to repeat it.
 */
        .code64
        .set    CX16, 13
        .set    POPCNT, 23
        .set    XSAVE, 26
        .set    PORT, 0x80

        /* 1: 400,000 simple instructions, and again for as long as the host asks for one more round */
round:  mov     $200000, %ecx
1:      dec     %ecx
        jnz     1b
        mov     $1, %al
        out     %al, $PORT
        in      $PORT, %al
        test    %al, %al
        jnz     round

        /* 2: a breakpoint through the IDT and back */
        xor     %ebx, %ebx
        int3
        cmp     $1, %ebx
        jne     wrong
        mov     $2, %al
        out     %al, $PORT

        /* 3: SSE moves */
        mov     $0x600DF00D, %eax
        movd    %eax, %xmm0
        movaps  %xmm0, (%rsi)
        movaps  (%rsi), %xmm1
        movd    %xmm1, %edx
        cmp     %eax, %edx
        jne     wrong
        mov     $3, %al
        out     %al, $PORT

        /* 4: cmpxchg16b */
        bt      $CX16, %edi
        jnc     2f
        mov     (%rsi), %rax
        mov     8(%rsi), %rdx
        mov     $5, %ebx
        mov     $6, %ecx
        cmpxchg16b (%rsi)
        jnz     wrong
        cmpq    $6, 8(%rsi)
        jne     wrong
        mov     $4, %al
        out     %al, $PORT

        /* 5: popcnt */
2:      bt      $POPCNT, %edi
        jnc     3f
        mov     $0xF0F, %ecx
        popcnt  %ecx, %ecx
        cmp     $8, %ecx
        jne     wrong
        mov     $5, %al
        out     %al, $PORT

        /* 6: xsave and xrstor, of x87 and SSE state, which XCR0 has to name first */
3:      bt      $XSAVE, %edi
        jnc     4f
        mov     %cr4, %rax
        or      $0x40000, %eax
        mov     %rax, %cr4
        push    $3
        pop     %rax
        xor     %edx, %edx
        xor     %ecx, %ecx
        xsetbv
        xsave   (%rsi)
        pxor    %xmm0, %xmm0
        xrstor  (%rsi)
        movd    %xmm0, %ecx
        cmp     $0x600DF00D, %ecx
        jne     wrong
        mov     $6, %al
        out     %al, $PORT

4:      xor     %eax, %eax
        out     %al, $PORT
        hlt
wrong:  mov     $0xFF, %al
        out     %al, $PORT
        hlt

        /* vector 3 */
        .org    0x100
        inc     %ebx
        iretq
