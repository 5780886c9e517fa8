/* What a fuzz target defines and its main program calls: libFuzzer's, or that of replay.c. */
#ifndef TESTS_FUZZ_REPLAY_H
#define TESTS_FUZZ_REPLAY_H

#include <stddef.h>
#include <stdint.h>

/* Tries one input; what must not happen aborts. Returns 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#endif
