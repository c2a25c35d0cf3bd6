namespace SplitVmm.VmmCore.Serial;

/// <summary>Registers and bits of the PC16550D (National Semiconductor data sheet, section 8).</summary>
internal static class UartRegisters
{
    public const int RBR_THR_DLL = 0;
    public const int IER_DLM = 1;
    public const int IIR_FCR = 2;
    public const int LCR = 3;
    public const int MCR = 4;
    public const int LSR = 5;
    public const int MSR = 6;
    public const int SCR = 7;
    public const int Count = 8;

    public const byte IER_RDA = 0x01;
    public const byte IER_THRE = 0x02;
    public const byte IER_RLS = 0x04;
    public const byte IER_MS = 0x08;
    public const byte IER_MASK = 0x0F;

    public const byte IIR_NO_INTERRUPT = 0x01;
    public const byte IIR_MS = 0x00;
    public const byte IIR_THRE = 0x02;
    public const byte IIR_RDA = 0x04;
    public const byte IIR_RLS = 0x06;
    public const byte IIR_TIMEOUT = 0x0C;
    public const byte IIR_FIFOS_ENABLED = 0xC0;

    public const byte FCR_ENABLE = 0x01;
    public const byte FCR_CLEAR_RECEIVER = 0x02;

    public const byte LCR_DLAB = 0x80;

    public const byte MCR_DTR = 0x01;
    public const byte MCR_RTS = 0x02;
    public const byte MCR_OUT1 = 0x04;
    public const byte MCR_OUT2 = 0x08;
    public const byte MCR_LOOP = 0x10;
    public const byte MCR_MASK = 0x1F;

    public const byte LSR_DR = 0x01;
    public const byte LSR_OE = 0x02;
    public const byte LSR_THRE = 0x20;
    public const byte LSR_TEMT = 0x40;

    public const byte MSR_DELTA_CTS = 0x01;
    public const byte MSR_DELTA_DSR = 0x02;
    public const byte MSR_TRAILING_RI = 0x04;
    public const byte MSR_DELTA_DCD = 0x08;
    public const byte MSR_CTS = 0x10;
    public const byte MSR_DSR = 0x20;
    public const byte MSR_RI = 0x40;
    public const byte MSR_DCD = 0x80;
}
