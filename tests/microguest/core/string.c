/* The freestanding functions that the compiler and the drivers call. */
#include "core/memory.h"

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    void *destination = to;
    __asm__ volatile("rep movsb" : "+D"(destination), "+S"(from), "+c"(count) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    if ((uintptr_t)to - (uintptr_t)from >= count)
        return memcpy(to, from, count);
    uint8_t *destination = to;
    const uint8_t *source = from;
    while (count--)
        destination[count] = source[count];
    return to;
}

void *memset(void *to, int value, size_t count)
{
    void *destination = to;
    __asm__ volatile("rep stosb" : "+D"(destination), "+c"(count) : "a"(value) : "memory");
    return to;
}

int memcmp(const void *left, const void *right, size_t count)
{
    const uint8_t *a = left;
    const uint8_t *b = right;
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i])
            return a[i] - b[i];
    return 0;
}

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

int strcmp(const char *left, const char *right)
{
    while (*left && *left == *right)
        left++, right++;
    return (uint8_t)*left - (uint8_t)*right;
}

int strncmp(const char *left, const char *right, size_t count)
{
    while (count && *left && *left == *right)
        left++, right++, count--;
    return count ? (uint8_t)*left - (uint8_t)*right : 0;
}
