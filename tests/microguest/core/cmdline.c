/* Command-line parsing. */
#include "core/cmdline.h"

#include "core/memory.h"

#define MAX_LENGTH 4096

static char line[MAX_LENGTH];

void cmdline_set(const char *text)
{
    size_t length = 0;
    while (length < MAX_LENGTH - 1 && text[length]) {
        line[length] = text[length];
        length++;
    }
    line[length] = '\0';
}

const char *cmdline_text(void)
{
    return line;
}

static size_t word_length(const char *text)
{
    size_t length = 0;
    while (text[length] && text[length] != ' ')
        length++;
    return length;
}

const char *cmdline_value(const char *key, size_t *length)
{
    size_t key_length = strlen(key);
    const char *found = NULL;
    for (const char *word = line; *word;) {
        size_t size = word_length(word);
        if (size >= key_length && strncmp(word, key, key_length) == 0) {
            if (size == key_length) {
                found = word + size;
                *length = 0;
            } else if (word[key_length] == '=') {
                found = word + key_length + 1;
                *length = size - key_length - 1;
            }
        }
        word += size;
        while (*word == ' ')
            word++;
    }
    return found;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

uint64_t cmdline_number(const char *key, uint64_t otherwise)
{
    size_t length;
    const char *text = cmdline_value(key, &length);
    if (!text || length == 0)
        return otherwise;
    int base = 10;
    if (length > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
        base = 16;
        text += 2;
        length -= 2;
    }
    uint64_t value = 0;
    for (; length && digit(*text) < base; text++, length--)
        value = value * (uint64_t)base + (uint64_t)digit(*text);
    return value;
}

bool cmdline_flag(const char *key)
{
    size_t length;
    const char *text = cmdline_value(key, &length);
    if (!text)
        return false;
    return length == 0 || (length == 1 && *text == '1') || (length == 2 && strncmp(text, "on", 2) == 0) ||
           (length == 3 && strncmp(text, "yes", 3) == 0);
}

bool cmdline_list_has(const char *key, const char *word)
{
    size_t length;
    const char *text = cmdline_value(key, &length);
    size_t size = strlen(word);
    if (!text)
        return false;
    for (size_t i = 0; i < length;) {
        size_t end = i;
        while (end < length && text[end] != ',')
            end++;
        if (end - i == size && strncmp(text + i, word, size) == 0)
            return true;
        i = end + 1;
    }
    return false;
}
