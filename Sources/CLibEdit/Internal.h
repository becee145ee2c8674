#pragma once
#include <stdbool.h>
#include <termios.h>

/// Keys come one by one and unseen; `saved` is how the terminal was set. False where standard input is none.
bool twin_make_raw(struct termios *saved);
