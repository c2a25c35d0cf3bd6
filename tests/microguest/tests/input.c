/*
 * input: what the virtio-input devices are, and the events they deliver. events=N waits for N events of all
 * devices together, at most wait= milliseconds; without events= it only enumerates.
 */
#include "virtio/input.h"

#include "core/cmdline.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/tsc.h"
#include "tests/tests.h"

#define MAX_DEVICES     8
#define DEFAULT_WAIT_MS 10000

static void to_hex(const uint8_t *data, uint32_t size, char *text)
{
    for (uint32_t i = 0; i < size; i++) {
        *text++ = "0123456789abcdef"[data[i] >> 4];
        *text++ = "0123456789abcdef"[data[i] & 15];
    }
    *text = '\0';
}

static void describe_axes(const struct input_device *input, uint32_t number, const uint8_t *bits,
                          uint32_t size)
{
    struct virtio_input_absinfo axis;
    for (uint32_t code = 0; code < size * 8; code++) {
        if (!(bits[code / 8] >> code % 8 & 1))
            continue;
        uint8_t got = input_config(input, VIRTIO_INPUT_CFG_ABS_INFO, (uint8_t)code, (uint8_t *)&axis);
        if (check(got == sizeof axis, "input %u axis %u info expected %lu bytes got %u", number, code,
                  sizeof axis, got))
            report_info("input %u abs code=%u min=%u max=%u fuzz=%u flat=%u res=%u", number, code, axis.min,
                        axis.max, axis.fuzz, axis.flat, axis.res);
    }
}

static void describe(const struct input_device *input, uint32_t number)
{
    uint8_t data[VIRTIO_INPUT_CONFIG_BYTES];
    char hex[2 * VIRTIO_INPUT_CONFIG_BYTES + 1];
    uint8_t name = input_config(input, VIRTIO_INPUT_CFG_ID_NAME, 0, data);
    check(name > 0 && name <= sizeof data, "input %u name size expected 1 to 128 got %u", number, name);
    report_info("input %u name=\"%.*s\"", number, (int)name, (const char *)data);
    uint8_t serial = input_config(input, VIRTIO_INPUT_CFG_ID_SERIAL, 0, data);
    report_info("input %u serial=\"%.*s\"", number, (int)serial, (const char *)data);
    if (input_config(input, VIRTIO_INPUT_CFG_ID_DEVIDS, 0, data) == 8) {
        to_hex(data, 8, hex);
        report_info("input %u devids=%s", number, hex);
    }
    uint32_t types = 0;
    for (uint8_t type = 0; type < EV_CNT; type++) {
        uint8_t size = input_config(input, VIRTIO_INPUT_CFG_EV_BITS, type, data);
        if (size == 0 ||
            !check(size <= sizeof data, "input %u type %x size expected <=128 got %u", number, type, size))
            continue;
        to_hex(data, size, hex);
        report_info("input %u type=%x bits=%s", number, type, hex);
        types++;
        if (type == EV_ABS)
            describe_axes(input, number, data, size);
    }
    check(types > 0, "input %u event types expected >0 got 0", number);
    check(input_config(input, 0x77, 0, data) == 0, "input %u unknown selector expected size 0", number);
    check(input_config(input, VIRTIO_INPUT_CFG_EV_BITS, 0x1e, data) == 0,
          "input %u unknown type expected size 0", number);
    check(input_config(input, VIRTIO_INPUT_CFG_UNSET, 0, data) == 0, "input %u unset expected size 0",
          number);
}

static uint64_t receive(struct input_device *inputs, uint32_t count, uint64_t wanted)
{
    uint64_t total = 0, deadline = deadline_ms(cmdline_number("wait", DEFAULT_WAIT_MS));
    report_event("input ready");
    while (total < wanted && !deadline_passed(deadline)) {
        bool any = false;
        for (uint32_t i = 0; i < count; i++) {
            struct virtio_input_event event;
            if (!input_next(&inputs[i], &event))
                continue;
            report_event("input %u type=%u code=%u value=%u", i, event.type, event.code, event.value);
            check(event.type < EV_CNT, "input %u event type expected <20 got %x", i, event.type);
            any = true;
            total++;
        }
        if (!any)
            delay_us(200);
    }
    check(total >= wanted, "input events expected %lu got %lu", wanted, total);
    return total;
}

void test_input(void)
{
    static struct input_device inputs[MAX_DEVICES];
    uint32_t count = 0;
    uint64_t events = cmdline_number("events", 0), received = 0;
    const struct pci_function *function;
    while (count < MAX_DEVICES && (function = virtio_find(VIRTIO_ID_INPUT, count))) {
        if (!check(input_open(&inputs[count], function), "input %u expected to come up", count))
            break;
        describe(&inputs[count], count);
        count++;
    }
    if (count == 0) {
        report_skip("no virtio-input");
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        check(input_send_status(&inputs[i], EV_LED, 1, 1), "input %u LED event expected used", i);
    if (events)
        received = receive(inputs, count, events);
    for (uint32_t i = 0; i < count; i++)
        check(virtio_reset(&inputs[i].device), "input %u status after reset expected 0", i);
    report_end("devices=%u events=%lu", count, received);
}
