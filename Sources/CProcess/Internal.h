#pragma once

/// Installs a handler without SA_RESTART.
void twin_set_action(int number, void (*handler)(int));
