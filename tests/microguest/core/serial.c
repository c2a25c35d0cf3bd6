/* Polled 16550. Each register access is a VM exit, hence the use of the FIFO's whole depth. */
#include "core/serial.h"

#include "core/instructions.h"

#define COM1        0x3f8
#define UART_DATA   (COM1 + 0)
#define UART_IER    (COM1 + 1)
#define UART_IIR    (COM1 + 2)
#define UART_FCR    (COM1 + 2)
#define UART_LCR    (COM1 + 3)
#define UART_MCR    (COM1 + 4)
#define UART_LSR    (COM1 + 5)
#define IIR_FIFO    0xc0
#define FCR_ENABLE  0x07
#define LCR_8N1     0x03
#define LCR_DLAB    0x80
#define MCR_DTR_RTS 0x03
#define LSR_DATA    0x01
#define LSR_THRE    0x20
#define LSR_TEMT    0x40
#define FIFO_DEPTH  16

/* A port without a UART reads as ones, which says "ready"; a stuck one must not hang the guest. */
#define POLL_LIMIT 1000000

static unsigned fifo_depth = 1;

void serial_init(void)
{
    out8(UART_IER, 0);
    out8(UART_LCR, LCR_DLAB);
    out8(UART_DATA, 1);
    out8(UART_IER, 0);
    out8(UART_LCR, LCR_8N1);
    out8(UART_FCR, FCR_ENABLE);
    out8(UART_MCR, MCR_DTR_RTS);
    if ((in8(UART_IIR) & IIR_FIFO) == IIR_FIFO)
        fifo_depth = FIFO_DEPTH;
}

static void wait_for(uint8_t bits)
{
    for (unsigned i = 0; i < POLL_LIMIT && !(in8(UART_LSR) & bits); i++)
        cpu_pause();
}

void serial_write(const char *text, size_t length)
{
    while (length) {
        wait_for(LSR_THRE);
        for (unsigned i = 0; i < fifo_depth && length; i++, length--)
            out8(UART_DATA, (uint8_t)*text++);
    }
}

void serial_drain(void)
{
    wait_for(LSR_TEMT);
}

bool serial_read(char *byte)
{
    uint8_t status = in8(UART_LSR);
    if (status == 0xff || !(status & LSR_DATA))
        return false;
    *byte = (char)in8(UART_DATA);
    return true;
}
