/* A small printf. A line is formatted first and written at once: fewer exits, unbroken lines. */
#include "core/print.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/memory.h"
#include "core/serial.h"

#define LINE_SIZE 1024

struct sink {
    char *buffer;
    size_t size;
    size_t length;
};

static void put(struct sink *sink, char c)
{
    if (sink->length + 1 < sink->size)
        sink->buffer[sink->length++] = c;
}

static void put_number(struct sink *sink, uint64_t value, bool negative, unsigned base, unsigned width,
                       char pad)
{
    char digits[24];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative && pad == '0')
        put(sink, '-');
    else if (negative)
        digits[count++] = '-';
    while (width > count) {
        put(sink, pad);
        width--;
    }
    while (count)
        put(sink, digits[--count]);
}

static void put_text(struct sink *sink, const char *text, size_t length, unsigned width)
{
    for (size_t i = 0; i < length; i++)
        put(sink, text[i]);
    for (size_t i = length; i < width; i++)
        put(sink, ' ');
}

static size_t bounded_length(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length])
        length++;
    return length;
}

size_t format_va(char *buffer, size_t size, const char *format, va_list arguments)
{
    struct sink sink = {buffer, size, 0};
    for (; *format; format++) {
        if (*format != '%') {
            put(&sink, *format);
            continue;
        }
        format++;
        char pad = ' ';
        unsigned width = 0;
        size_t precision = SIZE_MAX;
        bool wide = false;
        if (*format == '0')
            pad = *format++;
        for (; *format >= '0' && *format <= '9'; format++)
            width = width * 10 + (unsigned)(*format - '0');
        if (*format == '.' && *++format == '*') {
            precision = (size_t)va_arg(arguments, int);
            format++;
        }
        for (; *format == 'l'; format++)
            wide = true;
        switch (*format) {
        case 'c':
            put(&sink, (char)va_arg(arguments, int));
            break;
        case 's': {
            const char *text = va_arg(arguments, const char *);
            put_text(&sink, text, bounded_length(text, precision), width);
            break;
        }
        case 'd': {
            int64_t value = wide ? va_arg(arguments, int64_t) : va_arg(arguments, int);
            put_number(&sink, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, 10, width, pad);
            break;
        }
        case 'u':
        case 'x': {
            uint64_t value = wide ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t);
            put_number(&sink, value, false, *format == 'u' ? 10 : 16, width, pad);
            break;
        }
        default:
            put(&sink, *format);
        }
    }
    if (size)
        buffer[sink.length] = '\0';
    return sink.length;
}

size_t format(char *buffer, size_t size, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    size_t length = format_va(buffer, size, text, arguments);
    va_end(arguments);
    return length;
}

void print_va(const char *text, va_list arguments)
{
    char line[LINE_SIZE];
    serial_write(line, format_va(line, sizeof line, text, arguments));
}

void print(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    print_va(text, arguments);
    va_end(arguments);
}
