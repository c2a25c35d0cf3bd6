/* Reproducible random numbers: the same seed gives the same run. */
#ifndef MICROGUEST_FUZZ_RANDOM_H
#define MICROGUEST_FUZZ_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

struct random random_seeded(uint64_t seed);
uint64_t random_next(struct random *random);
/* 0 .. limit - 1; limit is not 0. */
uint32_t random_below(struct random *random, uint32_t limit);
bool random_chance(struct random *random, uint32_t percent);
void random_fill(struct random *random, void *data, size_t size);
/* A number that software tends to get wrong: 0, powers of two and their neighbours, all ones, noise. */
uint32_t random_awkward(struct random *random);

#endif
