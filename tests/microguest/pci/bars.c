/* BAR sizing, and addresses for those that nobody assigned. */
#include "pci/pci.h"

#include "acpi/acpi.h"
#include "core/cmdline.h"
#include "core/memory.h"
#include "core/paging.h"
#include "core/report.h"

#define BAR_IO            0x1
#define BAR_TYPE_MASK     0x6
#define BAR_TYPE_64       0x4
#define BAR_PREFETCH      0x8
#define BAR_MEMORY_MASK   (~0xful)
#define DEFAULT_WINDOW_32 0xf0000000ul
#define DEFAULT_LENGTH_32 0x0e000000ul

static uint32_t bar_offset(unsigned index)
{
    return PCI_BASE_ADDRESS_0 + 4 * index;
}

/* Writes ones, reads the mask, puts the old value back. Decoding is off meanwhile. */
static uint64_t probe(const struct pci_function *f, unsigned index, bool is_64bit)
{
    uint32_t low = pci_read32(f->bdf, bar_offset(index));
    uint32_t high = is_64bit ? pci_read32(f->bdf, bar_offset(index + 1)) : 0;
    pci_write32(f->bdf, bar_offset(index), 0xffffffff);
    uint64_t mask = 0xffffffff00000000ul | pci_read32(f->bdf, bar_offset(index));
    if (is_64bit) {
        pci_write32(f->bdf, bar_offset(index + 1), 0xffffffff);
        mask = (mask & 0xffffffff) | (uint64_t)pci_read32(f->bdf, bar_offset(index + 1)) << 32;
        pci_write32(f->bdf, bar_offset(index + 1), high);
    }
    pci_write32(f->bdf, bar_offset(index), low);
    if ((mask & 0xffffffff) == 0)
        return is_64bit && mask ? ~mask + 1 : 0;
    return ~(mask & BAR_MEMORY_MASK) + 1;
}

void pci_size_bars(struct pci_function *f)
{
    uint16_t command = pci_read16(f->bdf, PCI_COMMAND);
    pci_write16(f->bdf, PCI_COMMAND, command & ~(PCI_COMMAND_MEMORY | PCI_COMMAND_IO));
    for (unsigned i = 0; i < PCI_BARS; i++) {
        struct pci_bar *bar = &f->bars[i];
        uint32_t low = pci_read32(f->bdf, bar_offset(i));
        bar->is_memory = !(low & BAR_IO);
        if (!bar->is_memory)
            continue;
        bar->is_64bit = (low & BAR_TYPE_MASK) == BAR_TYPE_64;
        bar->is_prefetchable = (low & BAR_PREFETCH) != 0;
        bar->address = low & BAR_MEMORY_MASK;
        if (bar->is_64bit)
            bar->address |= (uint64_t)pci_read32(f->bdf, bar_offset(i + 1)) << 32;
        bar->size = probe(f, i, bar->is_64bit);
        i += bar->is_64bit;
    }
    pci_write16(f->bdf, PCI_COMMAND, command);
}

static uint64_t place(struct acpi_window *window, uint64_t size)
{
    uint64_t start = (window->start + size - 1) & ~(size - 1);
    if (start < window->start || start - window->start > window->size ||
        size > window->size - (start - window->start))
        return 0;
    window->size -= start + size - window->start;
    window->start = start + size;
    return start;
}

/* New BARs go behind those that a firmware placed already. */
static void skip_assigned(struct acpi_window *window, const struct pci_function *functions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned b = 0; b < PCI_BARS; b++) {
            const struct pci_bar *bar = &functions[i].bars[b];
            uint64_t end = bar->address + bar->size;
            if (!bar->size || !bar->address || bar->address < window->start ||
                end > window->start + window->size)
                continue;
            window->size -= end - window->start;
            window->start = end;
        }
}

static void assign(const struct pci_function *f, unsigned index, struct pci_bar *bar,
                   struct acpi_window *below, struct acpi_window *above)
{
    if (bar->is_64bit && above->size)
        bar->address = place(above, bar->size);
    if (!bar->address)
        bar->address = place(below, bar->size);
    if (!bar->address)
        report_fatal("no room for BAR %u of %x, size %lx", index, f->bdf, bar->size);
    pci_write32(f->bdf, bar_offset(index), (uint32_t)bar->address);
    if (bar->is_64bit)
        pci_write32(f->bdf, bar_offset(index + 1), (uint32_t)(bar->address >> 32));
    report_info("bar bdf=%04x index=%u assigned=%lx size=%lx", f->bdf, index, bar->address, bar->size);
}

void pci_assign_bars(struct pci_function *functions, size_t count)
{
    struct acpi_window below, above;
    acpi_memory_windows(&below, &above);
    if (!below.size)
        below = (struct acpi_window){DEFAULT_WINDOW_32, DEFAULT_LENGTH_32};
    below.start = cmdline_number("mmio32", below.start);
    above.start = cmdline_number("mmio64", above.start);
    skip_assigned(&below, functions, count);
    skip_assigned(&above, functions, count);
    for (size_t i = 0; i < count; i++)
        for (unsigned b = 0; b < PCI_BARS; b++) {
            struct pci_bar *bar = &functions[i].bars[b];
            if (!bar->size)
                continue;
            if (!bar->address)
                assign(&functions[i], b, bar, &below, &above);
            if (bar->address >= FOUR_GIB)
                paging_map(bar->address, bar->size, bar->is_prefetchable ? PAGING_CACHED : PAGING_UNCACHED);
        }
}
