#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own loop, for a program that has a main already. The arguments are its options.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*read)(const uint8_t *start, size_t count));
