/* Rubbish in PCI configuration space, at all widths and offsets, and everything put back afterwards. */
#include "core/memory.h"
#include "core/report.h"
#include "fuzz/fuzz.h"

#define HEADER_BYTES 256
#define WRITES       16

static uint32_t any_bar_value(struct random *r)
{
    static const uint32_t values[] = {0,          0xffffffff, 0x00200000, 0xfee00000,
                                      0xfec00000, 0x00000001, 0xfffff000};
    if (random_chance(r, 30)) {
        const struct pci_function *other = pci_function_at(random_below(r, (uint32_t)pci_function_count()));
        return (uint32_t)other->bars[random_below(r, PCI_BARS)].address;
    }
    return values[random_below(r, sizeof values / sizeof *values)];
}

static bool touches_bars(uint32_t offset)
{
    return offset + 4 > PCI_BASE_ADDRESS_0 && offset < PCI_BASE_ADDRESS_0 + 4 * PCI_BARS;
}

static void write_somewhere(struct fuzz *fuzz, uint16_t bdf)
{
    struct random *r = &fuzz->random;
    uint32_t offset = random_below(r, random_chance(r, 80) ? HEADER_BYTES - 4 : 4092);
    uint32_t value = random_awkward(r);
    if (random_chance(r, 50))
        offset &= ~3u;
    if (touches_bars(offset)) {
        /* Decoded as they are written, BARs take whole values only: a stray one could hide ECAM itself. */
        if (random_chance(r, 50)) {
            pci_write32(bdf, PCI_BASE_ADDRESS_0 + 4 * random_below(r, PCI_BARS), any_bar_value(r));
            return;
        }
        pci_write16(bdf, PCI_COMMAND, pci_read16(bdf, PCI_COMMAND) & ~(PCI_COMMAND_MEMORY | PCI_COMMAND_IO));
    }
    switch (random_below(r, 3)) {
    case 0:
        pci_write8(bdf, offset, (uint8_t)value);
        break;
    case 1:
        pci_write16(bdf, offset, (uint16_t)value);
        break;
    default:
        pci_write32(bdf, offset, value);
    }
}

static void restore(uint16_t bdf, const uint32_t *saved)
{
    pci_write16(bdf, PCI_COMMAND, 0);
    for (uint32_t i = HEADER_BYTES / 4; i-- > 0;) {
        if (i == PCI_COMMAND / 4)
            continue;
        pci_write32(bdf, 4 * i, saved[i]);
    }
    pci_write32(bdf, PCI_COMMAND, saved[PCI_COMMAND / 4] & 0xffff);
}

bool fuzz_pci_config(struct fuzz *fuzz, struct fuzz_target *target)
{
    const struct pci_function *function = target->device->function;
    uint16_t bdf = function->bdf;
    uint32_t saved[HEADER_BYTES / 4];
    for (uint32_t i = 0; i < HEADER_BYTES / 4; i++)
        saved[i] = pci_read32(bdf, 4 * i);
    for (uint32_t i = 0; i < WRITES; i++, fuzz->operations++) {
        write_somewhere(fuzz, bdf);
        pci_read32(bdf, random_below(&fuzz->random, 4093));
        /* A decoder left on by chance must not hide the configuration space from the guest for long. */
        pci_write16(bdf, PCI_COMMAND, (uint16_t)random_next(&fuzz->random) & ~PCI_COMMAND_MEMORY);
    }
    restore(bdf, saved);
    uint32_t identity = pci_read32(bdf, PCI_VENDOR_ID);
    check(identity == saved[0], "%04x identity expected %x got %x (operation %lu)", bdf, saved[0], identity,
          fuzz->operations);
    for (uint32_t i = 0; i < PCI_BARS; i++) {
        uint32_t got = pci_read32(bdf, PCI_BASE_ADDRESS_0 + 4 * i);
        check(got == saved[4 + i], "%04x BAR %u put back expected %x got %x (operation %lu)", bdf, i,
              saved[4 + i], got, fuzz->operations);
    }
    return fuzz_recover(fuzz, target);
}
