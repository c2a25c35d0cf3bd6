/* pci: functions, BARs and capability lists are well-formed; configuration space keeps its rules. */
#include "pci/pci.h"

#include "core/memory.h"
#include "core/report.h"
#include "tests/tests.h"

#define MAX_CAPABILITIES 48

static uint32_t check_capabilities(uint16_t bdf)
{
    uint32_t count = 0;
    if (!(pci_read16(bdf, PCI_STATUS) & PCI_STATUS_CAP_LIST))
        return 0;
    uint8_t at = pci_read8(bdf, PCI_CAPABILITY_LIST);
    while (at) {
        check(at >= 0x40 && !(at & 3), "capability pointer of %04x expected >=40 and aligned got %x", bdf,
              at);
        if (!check(count < MAX_CAPABILITIES, "capability list of %04x expected to end got a loop", bdf))
            return count;
        count++;
        at = pci_read8(bdf, (at & 0xfcu) + 1);
    }
    return count;
}

static void check_bars(const struct pci_function *f)
{
    for (unsigned i = 0; i < PCI_BARS; i++) {
        const struct pci_bar *bar = &f->bars[i];
        if (!bar->size)
            continue;
        report_info("pci %04x bar%u address=%lx size=%lx%s%s", f->bdf, i, bar->address, bar->size,
                    bar->is_64bit ? " 64bit" : "", bar->is_prefetchable ? " prefetchable" : "");
        check(!(bar->size & (bar->size - 1)), "bar %u of %04x size expected a power of two got %lx", i,
              f->bdf, bar->size);
        check(!(bar->address & (bar->size - 1)), "bar %u of %04x expected aligned to %lx got %lx", i, f->bdf,
              bar->size, bar->address);
        check(!memory_is_ram(bar->address, 1), "bar %u of %04x lies in RAM at %lx", i, f->bdf, bar->address);
        for (unsigned j = 0; j < i; j++)
            check(!f->bars[j].size || bar->address >= f->bars[j].address + f->bars[j].size ||
                      f->bars[j].address >= bar->address + bar->size,
                  "bars %u and %u of %04x overlap", j, i, f->bdf);
    }
}

/* Identity is read-only, and every width sees the same bytes. */
static void check_access(const struct pci_function *f)
{
    uint32_t identity = pci_read32(f->bdf, PCI_VENDOR_ID);
    pci_write32(f->bdf, PCI_VENDOR_ID, ~identity);
    check(pci_read32(f->bdf, PCI_VENDOR_ID) == identity, "identity of %04x expected read-only", f->bdf);
    for (uint32_t offset = 0; offset < 0x40; offset += 4) {
        uint32_t whole = pci_read32(f->bdf, offset);
        uint32_t halves = pci_read16(f->bdf, offset) | (uint32_t)pci_read16(f->bdf, offset + 2) << 16;
        uint32_t bytes = 0;
        for (uint32_t i = 0; i < 4; i++)
            bytes |= (uint32_t)pci_read8(f->bdf, offset + i) << 8 * i;
        check(whole == halves && whole == bytes, "%04x offset %x by widths expected %x got %x %x", f->bdf,
              offset, whole, halves, bytes);
    }
}

static void check_absent_function(void)
{
    for (uint16_t device = 31; device > 0; device--) {
        uint16_t bdf = (uint16_t)(device << 3);
        bool present = false;
        for (size_t i = 0; i < pci_function_count(); i++)
            present |= (pci_function_at(i)->bdf & ~7) == bdf;
        if (present)
            continue;
        uint32_t got = pci_read32(bdf, PCI_VENDOR_ID);
        check(got == 0xffffffff, "absent device %04x expected ffffffff got %x", bdf, got);
        return;
    }
}

void test_pci(void)
{
    check(pci_function_count() > 0, "pci functions expected >0 got 0");
    for (size_t i = 0; i < pci_function_count(); i++) {
        const struct pci_function *f = pci_function_at(i);
        uint32_t capabilities = check_capabilities(f->bdf);
        report_info("pci %04x %04x:%04x class=%06x capabilities=%u", f->bdf, f->vendor_id, f->device_id,
                    f->class_revision >> 8, capabilities);
        if ((f->header_type & 0x7f) != 0)
            continue;
        check_bars(f);
        check_access(f);
    }
    check_absent_function();
    report_end("functions=%lu access=%s", pci_function_count(), pci_access_method());
}
