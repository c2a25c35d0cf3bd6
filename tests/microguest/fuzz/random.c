/* xorshift64* after a splitmix64 step, so that small seeds are good seeds. */
#include "fuzz/random.h"

#include "core/memory.h"

struct random random_seeded(uint64_t seed)
{
    seed += 0x9e3779b97f4a7c15ul;
    seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9ul;
    seed = (seed ^ seed >> 27) * 0x94d049bb133111ebul;
    seed ^= seed >> 31;
    return (struct random){seed ? seed : 1};
}

uint64_t random_next(struct random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * 0x2545f4914f6cdd1dul;
}

uint32_t random_below(struct random *random, uint32_t limit)
{
    return (uint32_t)((random_next(random) >> 32) * limit >> 32);
}

bool random_chance(struct random *random, uint32_t percent)
{
    return random_below(random, 100) < percent;
}

void random_fill(struct random *random, void *data, size_t size)
{
    uint8_t *bytes = data;
    while (size) {
        uint64_t value = random_next(random);
        size_t part = size < sizeof value ? size : sizeof value;
        memcpy(bytes, &value, part);
        bytes += part;
        size -= part;
    }
}

uint32_t random_awkward(struct random *random)
{
    uint32_t power = 1u << random_below(random, 32);
    switch (random_below(random, 7)) {
    case 0:
        return 0;
    case 1:
        return power;
    case 2:
        return power - 1;
    case 3:
        return power + 1;
    case 4:
        return 0xffffffff;
    case 5:
        return 0u - random_below(random, 256);
    default:
        return (uint32_t)random_next(random);
    }
}
